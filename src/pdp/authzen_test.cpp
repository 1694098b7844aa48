#include "pdp/authzen.hpp"

#include <doctest/doctest.h>

#include "pdp/domain_fake.hpp"
#include "pdp/search.hpp"

namespace reeve::pdp {
namespace {

Json json_of(std::string_view text) {
  auto out = parse_json(text);
  REQUIRE_MESSAGE(out.has_value(), std::string(text));
  return *std::move(out);
}
bool never() {
  return false;
}

constexpr std::string_view whole =
    R"({"subject":{"type":"user","id":"ann"},"action":{"name":"view"},)"
    R"("resource":{"type":"record","id":"1"}})";

TEST_CASE("authzen: what a request must have, each with what is said when it has not") {
  struct Case {
    std::string_view body, says;  ///< Empty: it is one.
  };
  Case const cases[] = {
      {whole, ""},
      {R"([])", "a request is an object"},
      {R"({})", "subject is missing"},
      {R"({"subject":"ann"})", "subject is no object"},
      {R"({"subject":null})", "subject is missing"},
      {R"({"subject":{"id":"ann"}})", "subject.type is missing"},
      {R"({"subject":{"type":"user"}})", "subject.id is missing"},
      {R"({"subject":{"type":"user","id":7}})", "subject.id is no text"},
      {R"({"subject":{"type":"user","id":"ann"}})", "action is missing"},
      {R"({"subject":{"type":"user","id":"ann"},"action":{}})", "action.name is missing"},
      {R"({"subject":{"type":"user","id":"ann"},"action":{"name":123}})", "action.name is no text"},
      {R"({"subject":{"type":"user","id":"ann"},"action":{"name":"view"}})", "resource is missing"},
      {R"({"subject":{"type":"user","id":"ann","properties":[]}})",
       "subject.properties is no object"},
      {R"({"subject":{"type":"user","id":"ann"},"action":{"name":"view"},)"
       R"("resource":{"type":"record","id":"1"},"context":"now"})",
       "context is no object"},
      {R"({"subject":{"type":"user","id":"ann"},"action":{"name":"view"},"future":{"a":[1]},)"
       R"("resource":{"type":"record","id":"1","more":1},"context":null})",
       ""},
  };
  for (auto const& [body, says] : cases) {
    CAPTURE(body);
    auto const read = parse_evaluation(json_of(body));
    CHECK(read.has_value() == says.empty());
    if (!read) CHECK(read.error().code() == Errc::invalid);
    if (!read) CHECK(read.error().message() == says);
  }
}

TEST_CASE("authzen: what is sent can neither name parents nor hold a null") {
  auto const read = parse_evaluation(
      json_of(R"({"subject":{"type":"Token","id":"1","parents":[{"type":"Role","id":"owner"}],)"
              R"("properties":{"a":null,"b":{"c":null,"d":1}}},"action":{"name":"view"},)"
              R"("resource":{"type":"record","id":"1"}})"));
  REQUIRE(read.has_value());
  CHECK(read->subject.parents.empty());
  CHECK(to_json(read->subject.properties) == R"({"b":{"d":1}})");
}

TEST_CASE("authzen: a batch gives its entries what they lack, as a whole") {
  auto const batch = parse_batch(
      json_of(R"({"subject":{"type":"user","id":"ann"},"action":{"name":"view"},"resource":{},)"
              R"("context":{"a":1},"evaluations":[)"
              R"({"resource":{"type":"record","id":"1"}},)"
              R"({"subject":{"type":"user"},"resource":{"type":"record","id":"1"}},)"
              R"({},7,)"
              R"({"resource":{"type":"record","id":"2"},"context":{"b":2}}]})"));
  REQUIRE(batch.has_value());
  REQUIRE(batch->entries.size() == 5);
  REQUIRE(batch->entries[0].has_value());
  CHECK(to_json(batch->entries[0]->context) == R"({"a":1})");
  CHECK(batch->entries[1].error().message() == "subject.id is missing");
  CHECK(batch->entries[2].error().message() == "resource is missing");
  CHECK(batch->entries[3].error().message() == "an entry is an object");
  REQUIRE(batch->entries[4].has_value());
  CHECK(to_json(batch->entries[4]->context) == R"({"b":2})");
}

TEST_CASE("authzen: a batch that cannot be read as a whole is an error") {
  for (auto const* body : {R"({"evaluations":{}})", R"({"subject":"ann","evaluations":[{}]})",
                           R"({"options":[],"evaluations":[{}]})", R"({"evaluations":[]})", R"({})",
                           R"({"options":{"evaluations_semantic":"first"},"evaluations":[{}]})",
                           R"({"options":{"evaluations_semantic":1},"evaluations":[{}]})"}) {
    CAPTURE(body);
    auto const batch = parse_batch(json_of(body));
    CHECK_FALSE(batch.has_value());
  }
}

/// A batch of ann's: each letter one entry, p permitted, d denied, x no request.
std::string answers(std::string_view semantic, std::string_view entries) {
  std::string body =
      R"({"subject":{"type":"user","id":"cyd"},"options":{"evaluations_semantic":")" +
      std::string(semantic) + R"("},"evaluations":[)";
  for (char const entry : entries)
    body += entry == 'x' ? "{},"
                         : R"({"resource":{"type":"record","id":"1"},"action":{"name":")" +
                               std::string(entry == 'p' ? "view" : "edit") + R"("}},)";
  body.back() = ']';
  auto const batch = parse_batch(json_of(body + "}"));
  REQUIRE(batch.has_value());
  auto const decisions = evaluate(CedarEngine(records()), *batch, never);
  auto const out = answer(*batch, decisions);
  std::string told;
  for (auto const& one : *out.find("evaluations")->array())
    told += *one.find("decision")->boolean() ? 'p' : 'd';
  return told;
}

TEST_CASE("authzen: a batch ends where its semantic says") {
  struct Case {
    std::string_view semantic, entries, told;
  };
  Case const cases[] = {
      {"execute_all", "pdpxp", "pdpdp"},         {"deny_on_first_deny", "ppdp", "ppd"},
      {"deny_on_first_deny", "pxp", "pd"},       {"deny_on_first_deny", "pp", "pp"},
      {"permit_on_first_permit", "ddpd", "ddp"}, {"permit_on_first_permit", "xdp", "ddp"},
      {"permit_on_first_permit", "dd", "dd"},
  };
  for (auto const& [semantic, entries, told] : cases) {
    CAPTURE(semantic);
    CAPTURE(entries);
    CHECK(answers(semantic, entries) == told);
  }
}

TEST_CASE("authzen: what there is no time for is denied") {
  auto const batch = parse_batch(json_of(whole));
  REQUIRE(batch.has_value());
  CedarEngine const engine(records());
  CHECK(evaluate(engine, *batch, never).at(0).permit);
  auto const decisions = evaluate(engine, *batch, [] { return true; });
  REQUIRE(decisions.size() == 1);
  CHECK_FALSE(decisions[0].permit);
  CHECK(decisions[0].cause == Cause::failed);
}

TEST_CASE("authzen: obligations come with the decision, and who cannot do them is denied") {
  struct Case {
    std::string_view context;
    bool permit;
  };
  Case const cases[] = {
      {"{}", true},
      {R"({"supported_obligations":["step-up","notification"]})", true},
      {R"({"supported_obligations":["notification"]})", false},
      {R"({"supported_obligations":[]})", false},
  };
  for (auto const& [context, permit] : cases) {
    CAPTURE(context);
    auto const batch =
        parse_batch(json_of(R"({"subject":{"type":"user","id":"ann"},"action":{"name":"view"},)"
                            R"("resource":{"type":"vault","id":"1"},"context":)" +
                            std::string(context) + "}"));
    REQUIRE(batch.has_value());
    auto const out = answer(*batch, evaluate(CedarEngine(records()), *batch, never));
    CHECK(*out.find("decision")->boolean() == permit);
    auto const* obligations = out.find("context")->find("obligations");
    REQUIRE(obligations);
    CHECK(to_json(*obligations) ==
          R"([{"id":"vault","type":"step-up","properties":{"acr_value":"mfa"}}])");
  }
}

Result<Found> look(Sought sought, std::string_view body,
                   SearchLimits const& limits = {.late = never}) {
  auto const asked = TRY(parse_search(sought, json_of(body)));
  return search(CedarEngine(records()), asked, limits);
}
using Names = std::vector<std::string>;

constexpr std::string_view bobs_records =
    R"({"subject":{"type":"user","id":"bob"},"action":{"name":"view"},"resource":{"type":"record")";

TEST_CASE(
    "authzen: searches find what an evaluation would permit, and nothing of what is unknown") {
  struct Case {
    Sought sought;
    std::string_view body;
    Names names;
  };
  using enum Sought;
  Case const cases[] = {
      {subject,
       R"({"subject":{"type":"user","id":"ignored"},"action":{"name":"edit"},)"
       R"("resource":{"type":"record","id":"1"}})",
       {"ann"}},
      {subject,
       R"({"subject":{"type":"ship"},"action":{"name":"view"},)"
       R"("resource":{"type":"record","id":"1"}})",
       {}},
      {subject,
       R"({"subject":{"type":"user"},"action":{"name":"view"},)"
       R"("resource":{"type":"record","id":"9"}})",
       {}},
      {subject,
       R"({"subject":{"type":"user"},"action":{"name":"view"},)"
       R"("resource":{"type":"record","id":"9","properties":{"secret":false}}})",
       {"ann", "bob", "cyd"}},
      {resource,
       R"({"subject":{"type":"user","id":"bob"},"action":{"name":"view"},)"
       R"("resource":{"type":"record"}})",
       {"1", "2", "3", "4", "5"}},
      {resource,
       R"({"subject":{"type":"user","id":"bob"},"action":{"name":"view"},)"
       R"("resource":{"type":"vault"}})",
       {"1"}},
      {resource,
       R"({"subject":{"type":"user","id":"eve"},"action":{"name":"view"},)"
       R"("resource":{"type":"record"}})",
       {}},
      {action,
       R"({"subject":{"type":"user","id":"ann"},"resource":{"type":"record","id":"1"}})",
       {"delete", "edit", "view"}},
      {action,
       R"({"subject":{"type":"user","id":"ann"},)"
       R"("resource":{"type":"record","id":"1","properties":{"archived":true}}})",
       {"delete", "view"}},
      {action,
       R"({"subject":{"type":"user","id":"cyd"},"action":7,)"
       R"("resource":{"type":"record","id":"1"}})",
       {"view"}},
  };
  for (auto const& c : cases) {
    CAPTURE(c.body);
    auto const found = look(c.sought, c.body);
    REQUIRE(found.has_value());
    CHECK(found->names == c.names);
    CHECK(found->next.empty());
  }
}

TEST_CASE("authzen: a search without what it needs is an error") {
  using enum Sought;
  struct Case {
    Sought sought;
    std::string_view body;
  };
  Case const cases[] = {
      {subject, R"({"subject":{"type":"user"},"resource":{"type":"record","id":"1"}})"},
      {subject,
       R"({"subject":{"type":"user"},"action":{"name":"a"},"resource":{"type":"record"}})"},
      {resource,
       R"({"subject":{"type":"user"},"action":{"name":"a"},"resource":{"type":"record"}})"},
      {resource, R"({"action":{"name":"a"},"resource":{"type":"record"}})"},
      {action, R"({"subject":{"type":"user","id":"ann"}})"},
      {action, R"({"subject":{"type":"user"},"resource":{"type":"record","id":"1"}})"},
      {action,
       R"({"subject":{"type":"user","id":"a"},"resource":{"type":"record","id":"1"},"page":[]})"},
      {action, R"({"subject":{"type":"user","id":"a"},"resource":{"type":"record","id":"1"},)"
               R"("page":{"limit":0}})"},
      {action, R"({"subject":{"type":"user","id":"a"},"resource":{"type":"record","id":"1"},)"
               R"("page":{"token":5}})"},
  };
  for (auto const& [sought, body] : cases) {
    CAPTURE(body);
    auto const found = look(sought, body);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code() == Errc::invalid);
  }
}

TEST_CASE("authzen: pages together hold each result once, however they were cut") {
  for (auto const* limit : {"1", "2", "3", "5", "9"}) {
    CAPTURE(limit);
    Names all;
    std::string token;
    do {
      auto const page = token.empty() ? "" : R"(,"token":")" + token + "\"";
      auto const found = look(Sought::resource, std::string(bobs_records) +
                                                    R"(},"page":{"limit":)" + limit + page + "}}");
      REQUIRE(found.has_value());
      all.insert(all.end(), found->names.begin(), found->names.end());
      token = found->next;
    } while (!token.empty());
    CHECK(all == Names{"1", "2", "3", "4", "5"});
  }
}

TEST_CASE("authzen: a page ends after enough candidates, and the next goes on behind them") {
  Names all;
  std::string token;
  int pages = 0;
  do {
    auto const found = look(Sought::resource,
                            std::string(bobs_records) + R"(},"page":{"token":")" + token + R"("}})",
                            {.candidates_max = 2, .late = never});
    REQUIRE(found.has_value());
    all.insert(all.end(), found->names.begin(), found->names.end());
    token = found->next;
    ++pages;
  } while (!token.empty());
  CHECK(all.size() == 5);
  CHECK(pages == 3);
}

TEST_CASE("authzen: a token of another search, or of nobody, is refused") {
  auto const first = look(Sought::resource, std::string(bobs_records) + R"(},"page":{"limit":1}})");
  REQUIRE(first.has_value());
  for (auto const& token : {first->next, std::string("AAAA"), std::string("?")}) {
    CAPTURE(token);
    auto const found =
        look(Sought::resource, R"({"subject":{"type":"user","id":"ann"},"action":{"name":"view"},)"
                               R"("resource":{"type":"record"},"page":{"token":")" +
                                   token + R"("}})");
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().message() == "page.token is of another search");
  }
}

}  // namespace
}  // namespace reeve::pdp
