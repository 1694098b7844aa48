#include "pdp/policies.hpp"

#include <algorithm>
#include <charconv>

#include "pdp/context.hpp"
#include "sql/migrate.hpp"
#include "sql/store.hpp"

namespace reeve::pdp {
namespace {

constexpr char tables[] = R"(
create table policy_versions (
  id integer not null primary key,
  at bigint not null, author text not null, note text not null,
  digest text not null,
  files text not null             -- [{"name", "text"}]
);
create table policy_serving (
  id integer not null primary key,  -- always 1
  active bigint not null,           -- 0: the shipped ones
  shadow bigint not null,           -- 0: none
  folder text not null              -- digest of what a folder put last; empty: none did
);
insert into policy_serving (id, active, shadow, folder) values (1, 0, 0, '');
)";

constexpr std::string_view prefix = "pol_";

Json json_of(Bundle const& files) {
  Json::Array out;
  for (auto const& [name, text] : files) out.push_back(Json().add("name", name).add("text", text));
  return out;
}

Result<Bundle> bundle_of(std::string_view text) {
  auto const json = TRY(parse_json(text, {.bytes_max = 2 * bundle_bytes_max}));
  Bundle out;
  if (!json.array()) return fail(Errc::corrupt, "a version of policies is no list");
  for (auto const& file : *json.array())
    out.push_back({file.text_at("name"), file.text_at("text")});
  return out;
}

Result<PolicyVersion> version_of(sql::Row const& row, bool with_files) {
  PolicyVersion out{.id = row.integer(0),
                    .at = from_micros(row.integer(1)),
                    .by = row.text(2),
                    .note = row.text(3),
                    .digest = row.text(4)};
  if (with_files) out.files = TRY(bundle_of(row.text(5)));
  return out;
}

/// The owner at this machine, asking to write policies.
Request owners_way_back(Instant now) {
  Request out{.subject = {"User", "0"}, .action = "policy.write"};
  out.subject.parents = {{"Role", "owner"}};
  out.resource = {"Estate", "all"};
  out.context = make_context({.peer = "unix",
                              .auth_method = "socket",
                              .attest_level = 3,
                              .attest_kind = "socket",
                              .chain = {{"person", "local:0"}}},
                             {}, now);
  return out;
}

Result<> leaves_a_way_back(std::shared_ptr<Domain const> const& domain, Instant now) {
  auto const decision = CedarEngine(domain).decide(owners_way_back(now));
  if (decision.permit) return {};
  return fail(
      Errc::invalid,
      "with these policies the owner on this machine could change none any more: " + decision.text);
}

/// Names are what a folder could hold.
Result<Bundle> tidied(Bundle files) {
  std::ranges::sort(files, {}, &PolicyFile::name);
  for (auto const& file : files) {
    bool const plain = file.name.ends_with(".cedar") && !file.name.starts_with('.') &&
                       file.name.find_first_of(std::string_view("/\\\0\n", 4)) == file.name.npos;
    if (!plain) return fail(Errc::invalid, "a policy file is named like x.cedar: " + file.name);
  }
  auto const twice = std::ranges::adjacent_find(files, {}, &PolicyFile::name);
  if (twice != files.end()) return fail(Errc::invalid, "two policy files are named " + twice->name);
  return files;
}

Result<std::shared_ptr<Domain const>> domain_over_shipped(Bundle const& files,
                                                          std::string const& version) {
  auto const all = overlaid(shipped_policies(), files);
  auto domain = std::make_shared<Domain>();
  domain->schema = TRY(product_schema());
  domain->policies = TRY(compile(all, domain->schema.get()));
  domain->version = version + "@" + digest_of(all);
  return domain;
}

/// Gives it the next number.
Result<> keep(sql::Database& db, PolicyVersion& version) {
  version.id = TRY(sql::integer(db, "select coalesce(max(id), 0) + 1 from policy_versions", {}));
  return sql::run(db,
                  "insert into policy_versions (id, at, author, note, digest, files) "
                  "values (:id, :at, :by, :note, :digest, :files)",
                  {{":id", version.id},
                   {":at", to_micros(version.at)},
                   {":by", version.by},
                   {":note", version.note},
                   {":digest", version.digest},
                   {":files", to_json(json_of(version.files))}});
}

/// When what is in force does not fit any more: the owner may, nobody else.
Result<std::shared_ptr<Domain const>> owner_alone() {
  Bundle only;
  for (auto const& file : shipped_policies())
    if (file.name == "owner.cedar") only.push_back(file);
  return make_domain(only);
}

}  // namespace

std::string version_text(std::int64_t id) {
  return id == 0 ? "shipped" : std::string(prefix) + std::to_string(id);
}

Result<std::int64_t> parse_version(std::string_view text) {
  if (text == "shipped") return 0;
  std::int64_t out = 0;
  auto const digits = text.starts_with(prefix) ? text.substr(prefix.size()) : "";
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size() || out < 1)
    return fail(Errc::invalid,
                "a version looks like pol_3, or is \"shipped\", not " + std::string(text));
  return out;
}

Result<> create_policies(sql::Database& state) {
  sql::Migration const steps[] = {{"versions of policies", tables}};
  return sql::migrate(state, "policies", steps);
}

Result<std::unique_ptr<Policies>> Policies::open(sql::Store& state, std::function<Instant()> now,
                                                 std::vector<std::string>& notices) {
  auto shipped = TRY(domain_over_shipped({}, version_text(0)));
  std::unique_ptr<Policies> out(new Policies(state, std::move(now), shipped));
  out->domain_ = std::move(shipped);
  TRY(out->load(notices));
  return out;
}

Result<std::shared_ptr<Domain const>> Policies::domain_of(std::int64_t id) const {
  if (id == 0) return domain_over_shipped({}, version_text(0));
  auto const kept = TRY(version(id));
  return domain_over_shipped(kept.files, version_text(id));
}

Result<> Policies::load(std::vector<std::string>& notices) {
  std::int64_t active = 0, shadow = 0;
  {
    auto const db = TRY(state_.reader());
    active = TRY(sql::integer(*db, "select active from policy_serving where id = 1", {}));
    shadow = TRY(sql::integer(*db, "select shadow from policy_serving where id = 1", {}));
  }
  auto domain = domain_of(active);
  if (!domain && domain.error().code() != Errc::invalid) return std::unexpected(domain.error());
  if (!domain) {
    notices.push_back("the policies in force, " + version_text(active) +
                      ", do not fit this program; all but the owner is denied until others are "
                      "put: " +
                      domain.error().to_string());
    domain = TRY(owner_alone());
  }
  std::shared_ptr<Domain const> candidate;
  if (shadow != 0) {
    auto found = domain_of(shadow);
    if (found)
      candidate = *std::move(found);
    else
      notices.push_back("the policies in the shadow do not fit: " + found.error().to_string());
  }
  std::scoped_lock const hold(changing_);
  serve(active, *std::move(domain), candidate ? shadow : 0, candidate);
  return {};
}

void Policies::serve(std::int64_t active, std::shared_ptr<Domain const> domain, std::int64_t shadow,
                     std::shared_ptr<Domain const> candidate) {
  active_ = active;
  shadow_ = shadow;
  domain_ = domain;
  comparison_ = nullptr;
  std::shared_ptr<Engine const> engine = std::make_shared<CedarEngine const>(std::move(domain));
  if (candidate) {
    comparison_ = std::make_shared<ShadowEngine const>(
        engine, std::make_shared<CedarEngine const>(std::move(candidate)));
    engine = comparison_;
  }
  live_.replace(std::move(engine));
}

Result<PolicyVersion> Policies::put(PolicyVersion version, As as) {
  return put(std::move(version), as, std::nullopt);
}

Result<PolicyVersion> Policies::put(PolicyVersion version, As as,
                                    std::optional<std::string> const& folder) {
  version.files = TRY(tidied(std::move(version.files)));
  version.digest = digest_of(overlaid(shipped_policies(), version.files));
  version.at = now_();
  auto const trial = TRY(domain_over_shipped(version.files, "trial"));
  TRY(leaves_a_way_back(trial, version.at));
  std::scoped_lock const hold(changing_);
  auto const work = [&](sql::Database& db) -> Result<> {
    TRY(keep(db, version));
    TRY(sql::run(db,
                 as == As::shadow
                     ? "update policy_serving set shadow = :id where id = 1"
                     : "update policy_serving set active = :id, shadow = 0 where id = 1",
                 {{":id", version.id}}));
    if (!folder) return {};
    return sql::run(db, "update policy_serving set folder = :digest where id = 1",
                    {{":digest", *folder}});
  };
  TRY(state_.commit(work));
  auto domain = std::make_shared<Domain>();
  domain->schema = trial->schema;
  domain->policies = trial->policies;
  domain->version = version_text(version.id) + "@" + version.digest;
  if (as == As::shadow)
    serve(active_, domain_, version.id, std::move(domain));
  else
    serve(version.id, std::move(domain), 0, nullptr);
  return version;
}

Result<> Policies::activate(std::int64_t id) {
  auto domain = TRY(domain_of(id));
  TRY(leaves_a_way_back(domain, now_()));
  std::scoped_lock const hold(changing_);
  TRY(state_.commit([&](sql::Database& db) {
    return sql::run(db, "update policy_serving set active = :id, shadow = 0 where id = 1",
                    {{":id", id}});
  }));
  serve(id, std::move(domain), 0, nullptr);
  return {};
}

Result<> Policies::end_shadow() {
  std::scoped_lock const hold(changing_);
  if (shadow_ == 0) return fail(Errc::not_found, "no policies run in the shadow");
  TRY(state_.commit([](sql::Database& db) {
    return sql::run(db, "update policy_serving set shadow = 0 where id = 1", {});
  }));
  serve(active_, domain_, 0, nullptr);
  return {};
}

Result<std::optional<PolicyVersion>> Policies::take_folder(std::string const& folder) {
  auto files = TRY(read_bundle(folder));
  auto const digest = digest_of(files);
  std::string before;
  {
    auto const db = TRY(state_.reader());
    TRY(sql::each(*db, "select folder from policy_serving where id = 1", {},
                  [&](sql::Row const& row) -> Result<> {
                    before = row.text(0);
                    return {};
                  }));
  }
  if (digest == before) return std::nullopt;
  return put({.by = "folder", .note = folder, .files = std::move(files)}, As::enforced, digest);
}

Policies::Serving Policies::serving() const {
  std::scoped_lock const hold(changing_);
  Serving out{.active = active_, .shadow = shadow_, .version = domain_->version};
  if (comparison_) out.comparison = comparison_->comparison();
  return out;
}

Result<std::vector<PolicyVersion>> Policies::versions() const {
  std::vector<PolicyVersion> out;
  auto const db = TRY(state_.reader());
  auto const read = [&](sql::Row const& row) -> Result<> {
    out.push_back(TRY(version_of(row, /*with_files=*/false)));
    return {};
  };
  TRY(sql::each(*db,
                "select id, at, author, note, digest from policy_versions "
                "order by id desc nulls last",
                {}, read));
  return out;
}

Result<PolicyVersion> Policies::version(std::int64_t id) const {
  std::optional<PolicyVersion> out;
  auto const db = TRY(state_.reader());
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = TRY(version_of(row, /*with_files=*/true));
    return {};
  };
  TRY(sql::each(*db,
                "select id, at, author, note, digest, files from policy_versions where id = :id",
                {{":id", id}}, read));
  if (!out) return fail(Errc::not_found, "there is no version " + version_text(id));
  return *std::move(out);
}

}  // namespace reeve::pdp
