#include "connectors/host/unit.hpp"

#include <doctest/doctest.h>

namespace reeve::host {
namespace {

ServiceUnit service(std::initializer_list<std::string_view> texts) {
  std::vector<UnitFile> files;
  for (auto const text : texts) files.push_back(parse_unit(text));
  std::vector<UnitFile const*> all;
  for (auto const& file : files) all.push_back(&file);
  return service_unit(all);
}

TEST_CASE("host unit: settings, comments and continued lines") {
  auto const got = parse_unit(
      "# comment\n; too\n[Unit]\nDescription = a b \n\n"
      "[Service]\nExecStart=/bin/a \\\n  # not part of it\n  --x \\\n\t--y\n"
      "User=svc\r\nEmpty=\nlast=\\");
  CHECK(got.malformed.empty());
  std::string all;
  for (auto const& s : got.settings)
    all += std::to_string(s.line) + " " + s.section + "." + s.key + "=" +
           std::string(s.value.reveal()) + "|";
  CHECK(all ==
        "4 Unit.Description=a b|7 Service.ExecStart=/bin/a  --x  --y|11 Service.User=svc|"
        "12 Service.Empty=|13 Service.last=|");
}

TEST_CASE("host unit: what is no setting is named") {
  auto const got = parse_unit("a=b\n[Service\nnonsense\n[Service]\n=x\nok=1\n");
  CHECK(got.settings.size() == 1);
  CHECK(got.malformed == std::vector<Malformed>{{1, "a setting before any section"},
                                                {2, "a section that is not closed"},
                                                {3, "neither a section nor Key=value"},
                                                {5, "neither a section nor Key=value"}});
}

TEST_CASE("host unit: a drop-in adds to lists, and an empty value begins them anew") {
  auto const got =
      service({"[Service]\nUser=a\nExecStart=/bin/old --x\nExecStartPre=-/bin/pre\nEnvironment=A=1 "
               "\"B=x y\"\n"
               "EnvironmentFile=-/etc/default/app\nLoadCredential=db:/etc/creds/db\n",
               "[Service]\nUser=b\nExecStart=\nExecStart=!!/bin/new --token=t\nEnvironment=A=2\n"
               "EnvironmentFile=/etc/x\nDynamicUser=yes\nSetCredential=pw:hunter2\n",
               "[Other]\nUser=c\n"});
  CHECK(got.user == "b");
  CHECK(got.dynamic_user);
  CHECK(got.programs == std::vector<std::string>{"/bin/pre", "/bin/new"});
  CHECK(got.commands.at(1).reveal() == "!!/bin/new --token=t");
  REQUIRE(got.environment.size() == 2);
  CHECK(got.environment[0].value.reveal() == "2");
  CHECK(got.environment[1].value.reveal() == "x y");
  CHECK(got.environment_files == std::vector<std::string>{"/etc/default/app", "/etc/x"});
  CHECK(got.loaded_credentials == std::vector<std::string>{"db"});
  REQUIRE(got.set_credentials.size() == 1);
  CHECK(got.set_credentials[0].value.reveal() == "hunter2");
}

TEST_CASE("host unit: words of Environment=") {
  struct Case {
    char const* text;
    char const* name;
    char const* value;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"Environment=A=b", "A", "b"},
           {"Environment='A=b c'", "A", "b c"},
           {"Environment=A=\"b c\"", "A", "b c"},
           {"Environment=\"A=\\x41\\n\\\"\"", "A", "A\n\""},
           {"Environment=A=", "A", ""},
           {"Environment=nothing A=x=y", "A", "x=y"},
           {"Environment=A=open\" quote", "A", "open quote"},
       }) {
    CAPTURE(c.text);
    auto const got = service({std::string("[Service]\n") + c.text});
    REQUIRE(got.environment.size() == 1);
    CHECK(got.environment[0].name == c.name);
    CHECK(got.environment[0].value.reveal() == c.value);
  }
}

TEST_CASE("host unit: names and specifiers") {
  CHECK(parse_unit_name("app@blue.service").template_name() == "app@.service");
  CHECK(parse_unit_name("app@blue.service").instance == "blue");
  CHECK(!parse_unit_name("app.service").templated);
  CHECK(parse_unit_name("noext").type.empty());
  CHECK(resolve_specifiers("svc-%i %I %n %N %p %j 100%% %h %", "web-app@a-b\\x2dc.service") ==
        "svc-a-b\\x2dc a/b-c web-app@a-b\\x2dc.service web-app@a-b\\x2dc web-app app 100% %h %");
}

TEST_CASE("host unit: what a timer starts") {
  auto const plain = parse_unit("[Timer]\nOnCalendar=daily\n");
  auto const other = parse_unit("[Timer]\nUnit=%p-x.service\n");
  UnitFile const* one[] = {&plain};
  UnitFile const* two[] = {&other};
  CHECK(timer_target("logrotate.timer", one) == "logrotate.service");
  CHECK(timer_target("a.timer", two) == "a-x.service");
}

TEST_CASE("host unit: a file of a million lines, or one long line, is bounded") {
  std::string many = "[Service]\n", longer = "[Service]\nA=", joined = "[Service]\nA=x\\\n";
  for (std::size_t i = 0; i < unit_settings_max + 10; ++i) many += "a=b\n";
  longer += std::string(3'000'000, 'x');
  while (joined.size() < 3'000'000) joined += "yyyyyyyy\\\n";
  CHECK(parse_unit(many).settings.size() == unit_settings_max);
  CHECK(parse_unit(many).malformed.size() == 1);
  CHECK(parse_unit(longer).malformed.at(0).why == "a value of more than 1 MiB");
  CHECK(parse_unit(joined).malformed.at(0).why == "a value of more than 1 MiB");
}

}  // namespace
}  // namespace reeve::host
