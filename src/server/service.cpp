#include "server/service.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/crash.hpp"
#include "crypto/key_file.hpp"
#include "crypto/random.hpp"
#include "inventory/run.hpp"
#include "server/audit.hpp"
#include "server/plans.hpp"

namespace reeve::server {
namespace {

constexpr char runs_now[] =
    "select id, complete_run from sources where complete_run > 0 order by id nulls last";

/// "1:7 2:9": the runs that readers see.
Result<std::string> complete_runs(sql::Database& db) {
  std::string out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out += (out.empty() ? "" : " ") + row.text(0) + ":" + row.text(1);
    return {};
  };
  TRY(sql::each(db, runs_now, {}, read));
  return out;
}

Result<std::string> concluded_runs(sql::Database& db) {
  std::string out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = row.text(0);
    return {};
  };
  TRY(sql::each(db, "select runs from concluded", {}, read));
  return out;
}

Result<> mark_concluded(sql::Database& db, std::string const& runs, Instant now) {
  auto transaction = TRY(sql::Transaction::begin(db));
  TRY(sql::run(db, "delete from concluded where 1 = 1", {}));
  TRY(sql::run(db, "insert into concluded (runs, at) values (:runs, :at)",
               {{":runs", runs}, {":at", to_micros(now)}}));
  return transaction.commit();
}

}  // namespace

Service::Service(ServiceOptions options, Stores stores, std::vector<posture::Rule> rules,
                 crypto::Fingerprinter fingerprinter, std::unique_ptr<Audit> audit,
                 std::unique_ptr<pdp::Policies> policies)
    : options_(std::move(options)),
      stores_(std::move(stores)),
      rules_(std::move(rules)),
      fingerprinter_(std::move(fingerprinter)),
      audit_(std::move(audit)),
      policies_(std::move(policies)) {}

Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::open(ServiceOptions options) {
  auto stores = TRY(open_stores(options.places));
  auto rules = TRY(posture::load_rules(options.rules));
  crypto::SystemRandom random;
  auto const key = TRY(crypto::load_or_create_key(options.places.key("fingerprint"),
                                                  crypto::Fingerprinter::purpose, random));
  auto audit = TRY(Audit::open(options.places, options.now));
  std::vector<std::string> notices;
  auto policies = TRY(pdp::Policies::open(*stores.state, options.now, notices));
  std::unique_ptr<Service> out(new Service(std::move(options), std::move(stores), std::move(rules),
                                           crypto::Fingerprinter(key), std::move(audit),
                                           std::move(policies)));
  std::ranges::move(out->refresh(), std::back_inserter(notices));
  for (auto const& notice : notices) out->tell(notice);
  TRY(recover_plans(*out));
  TRY(out->settle());
  return out;
}

Result<> Service::note(pdp::Decided const& decided) {
  {
    std::scoped_lock const hold(opening_);
    if (!decisions_) decisions_ = TRY(pdp::DecisionFile::open(decision_file()));
  }
  return decisions_->append(pdp::opa_event(decided));
}

std::vector<std::string> Service::refresh() {
  std::vector<std::string> out;
  if (options_.geo) out = options_.geo->refresh();
  if (options_.policies.empty()) return out;
  if (auto const taken = policies_->take_folder(options_.policies); !taken)
    out.push_back("the policies of " + options_.policies +
                  " are not used: " + taken.error().to_string());
  return out;
}

Result<> Service::settle() {
  std::string complete, concluded;
  {
    auto const db = TRY(inventory().reader());
    complete = TRY(complete_runs(*db));
    concluded = TRY(concluded_runs(*db));
  }
  TRY(note_runs(*audit_, inventory()));
  if (complete != concluded) TRY(conclude());
  return {};
}

discover::Tools Service::tools(Watch const& watch) const {
  auto const tell = [watch](discover::Progress const& p) {
    if (watch) watch({p.source, p.what, p.detail, p.pages, p.objects});
  };
  // Jitter needs no secret: it only has to differ between processes.
  auto const seed = std::make_shared<crypto::SystemRandom>();
  return {.fingerprint = [this](std::string_view secret) { return fingerprinter_(secret); },
          .environment = options_.environment,
          .now = options_.now,
          .wait = [](Duration time) -> Result<> {
            std::this_thread::sleep_for(time);
            return {};
          },
          .random =
              [seed] {
                auto const bytes = seed->bytes(sizeof(std::uint64_t));
                std::uint64_t value = 0;
                std::copy_n(bytes.data(), sizeof value, reinterpret_cast<char*>(&value));
                return value;
              },
          .watch = tell};
}

Result<Report> Service::discover(std::span<inventory::SourceConfig const> sources,
                                 Watch const& watch) {
  Report report;
  {
    std::unique_lock const busy(busy_, std::try_to_lock);
    if (!busy) return fail(Errc::conflict, "a discovery is under way; wait for its end");
    {
      auto const db = TRY(inventory().writer());
      report.outcomes = TRY(discover::run(*db, kinds(), sources, tools(watch)));
    }
    TRY(note_runs(*audit_, inventory()));
  }
  report.summary = TRY(conclude(watch));
  return report;
}

Result<connect::Check> Service::check(inventory::SourceConfig const& source) {
  auto const connector = TRY(discover::open(kinds(), source, tools({})));
  return connector->check(now());
}

Result<> Service::decide(sql::Store::Work const& work) {
  auto const db = TRY(state().writer());
  return work(*db);
}

Result<> Service::doubt_conclusions() {
  return inventory().commit(
      [](sql::Database& db) { return sql::run(db, "delete from concluded where 1 = 1", {}); });
}

Result<posture::Summary> Service::conclude(Watch const& watch) {
  std::scoped_lock const busy(busy_);
  inventory::Decisions decided;
  {
    auto const db = TRY(state().reader());
    decided = TRY(inventory::decisions(*db));
  }
  auto const tell = [&](posture::Step const& step) {
    if (watch) watch({"", step.what, step.rule});
  };
  auto const db = TRY(inventory().writer());
  auto const runs = TRY(complete_runs(*db));
  {
    auto const state_db = TRY(state().reader());
    TRY(inventory::apply(*db, *state_db));
  }
  auto const summary = TRY(posture::evaluate(*db, decided, rules_, now(), tell));
  TRY(mark_concluded(*db, runs, now()));
  return summary;
}

}  // namespace reeve::server
