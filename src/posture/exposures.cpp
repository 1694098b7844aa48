// Looking each failing subject up by itself took three queries per finding, which at a million
// findings was most of the time of an evaluation. Ids are small and dense, so one pass for each
// kind of evidence into arrays answers all of them.

#include "posture/exposures.hpp"

#include <algorithm>

#include "sql/database.hpp"

namespace reeve::posture {
namespace {

constexpr char places[] = R"(select id, identity_id, case exposure when 'others' then 3
    when 'group' then 2 when 'owner' then 1 else 0 end from v_sighting where exposure is not null)";
constexpr char places_of_credentials[] = R"(select c.id, case s.exposure when 'others' then 3
    when 'group' then 2 when 'owner' then 1 else 0 end
  from v_sighting s join v_credential c on c.fingerprint = s.fingerprint
  where s.exposure is not null and s.fingerprint <> '')";
// Few resources are sensitive, so they lead.
constexpr char rights[] = R"(select g.identity_id, case r.sensitivity when 'critical' then 3
    when 'high' then 2 when 'normal' then 1 else 0 end
  from v_resource r join v_grant g on g.source_id = r.source_id and g.resource = r.native_id
  where r.sensitivity is not null)";
constexpr char remote_use[] =
    "select distinct identity_id from v_usage where network is not null and identity_id > 0";

}  // namespace

void Exposures::raise(Bytes& bytes, std::int64_t id, std::int64_t to) {
  if (id < 1) return;
  auto const index = std::size_t(id);
  if (bytes.size() <= index) bytes.resize(std::max(index + 1, bytes.size() * 2));
  bytes[index] = std::max(bytes[index], std::uint8_t(to));
}

std::uint8_t Exposures::at(Bytes const& bytes, std::int64_t id) {
  return id > 0 && std::size_t(id) < bytes.size() ? bytes[std::size_t(id)] : std::uint8_t{0};
}

Result<Exposures> Exposures::load(sql::Database& db) {
  Exposures out;
  auto const seen = [&](sql::Row const& row) -> Result<> {
    raise(out.sightings_seen_, row.integer(0), row.integer(2));
    raise(out.identities_seen_, row.integer(1), row.integer(2));
    return {};
  };
  TRY(sql::each(db, places, {}, seen));
  auto const into = [](Bytes& bytes) {
    return [&bytes](sql::Row const& row) -> Result<> {
      raise(bytes, row.integer(0), row.columns() > 1 ? row.integer(1) : 1);
      return {};
    };
  };
  TRY(sql::each(db, places_of_credentials, {}, into(out.credentials_seen_)));
  TRY(sql::each(db, rights, {}, into(out.sensitivity_)));
  TRY(sql::each(db, remote_use, {}, into(out.network_)));
  return out;
}

Exposure Exposures::of(ObjectClass subject_class, std::int64_t subject,
                       std::int64_t identity) const {
  constexpr std::string_view readers[] = {"", "owner", "group", "others"};
  constexpr std::string_view grades[] = {"", "normal", "high", "critical"};
  auto seen = at(identities_seen_, identity);
  if (subject_class == ObjectClass::credential)
    seen = std::max(seen, at(credentials_seen_, subject));
  if (subject_class == ObjectClass::sighting) seen = std::max(seen, at(sightings_seen_, subject));
  return {.seen = std::string(readers[seen]),
          .from_network = at(network_, identity) > 0,
          .sensitivity = std::string(grades[at(sensitivity_, identity)])};
}

}  // namespace reeve::posture
