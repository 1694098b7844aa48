#include "pdp/zone.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/file.hpp"

namespace reeve::pdp {
namespace {

Instant at(std::string_view text) {
  auto const out = parse_rfc3339(text);
  REQUIRE(out.has_value());
  return *out;
}

TEST_CASE("zone: a rule says what clocks show, to the second on the days they change") {
  struct Case {
    std::string_view rule, instant;
    std::int32_t offset;
  };
  Case const cases[] = {
      {"UTC0", "2026-07-01T00:00:00Z", 0},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-01-01T00:00:00Z", 3600},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600},
      {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000},
      {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400},
      {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000},
      // South of the equator summer lies across New Year.
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T15:59:59Z", 39600},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-04-04T16:00:00Z", 36000},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-10-03T16:00:00Z", 39600},
      {"<+0330>-3:30", "2026-07-01T00:00:00Z", 12600},
      // Summer that is behind winter, and changes before midnight (Dublin, Nuuk).
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-01T00:00:00Z", 0},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
      {"XXX3YYY,J60,J300", "2028-03-01T05:00:00Z", -7200},
      {"XXX3YYY,59,300", "2028-02-29T05:00:00Z", -7200},
  };
  for (auto const& c : cases) {
    CAPTURE(c.rule);
    CAPTURE(c.instant);
    auto const zone = Zone::parse_rule(c.rule);
    REQUIRE(zone.has_value());
    CHECK(zone->offset_at(at(c.instant)) == c.offset);
  }
}

TEST_CASE("zone: a wall clock shows the day and time of its place") {
  auto const zone = Zone::parse_rule("CET-1CEST,M3.5.0,M10.5.0/3");
  REQUIRE(zone.has_value());
  auto const late = wall_clock(*zone, at("2026-03-01T23:30:00Z"));  // a Sunday in UTC
  CHECK(late.day_of_week == 1);
  CHECK(late.time_of_day == std::chrono::minutes(30));
  auto const utc = wall_clock({}, at("2026-03-01T23:30:00Z"));
  CHECK(utc.day_of_week == 7);
  CHECK(utc.time_of_day == std::chrono::minutes(23 * 60 + 30));
}

TEST_CASE("zone: broken rules and files are told so") {
  for (std::string_view const rule :
       {"", "A", "CE-1", "CET", "CET-1CEST", "CET-1CEST,", "CET-1CEST,M3.5.0", "CET-25",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,J0,J1", "CET-1CEST,366,1", "<CET-1",
        "CET-1CEST,M3.5.0,M10.5.0/3 ", "CET-1:60"}) {
    CAPTURE(rule);
    CHECK(Zone::parse_rule(rule).error().code() == Errc::corrupt);
  }
  for (std::string_view const file : {"", "TZif", "PKZip and some more, which is long enough here"})
    CHECK(Zone::parse(file).error().code() == Errc::corrupt);
  for (std::string const name : {"", "/etc/passwd", "../../../etc/passwd", "Europe/Berlin\n"}) {
    CAPTURE(name);
    CHECK(Zone::load(name).error().code() == Errc::invalid);
  }
  CHECK(Zone::load("Europe/Atlantis").error().code() == Errc::not_found);
}

TEST_CASE("zone: a real file, cut anywhere, is told to be broken, and whole agrees with its rule") {
  auto const file = read_file("/usr/share/zoneinfo/Europe/Berlin", 1 << 20);
  if (!file) {
    MESSAGE("SKIP: no /usr/share/zoneinfo here (package tzdata)");
    return;
  }
  for (std::size_t length = 0; length < file->size(); length += 7)
    CHECK_FALSE(Zone::parse(std::string_view(*file).substr(0, length)).has_value());
  auto const zone = Zone::parse(*file);
  auto const rule = Zone::parse_rule("CET-1CEST,M3.5.0,M10.5.0/3");
  REQUIRE(zone.has_value());
  REQUIRE(rule.has_value());
  // Since 1996 both say the same; each hour of 50 years, beyond the changes a file lists.
  auto const end = at("2046-01-01T00:00:00Z");
  for (auto hour = at("1997-01-01T00:00:00Z"); hour < end; hour += std::chrono::hours(1))
    if (zone->offset_at(hour) != rule->offset_at(hour)) FAIL(rfc3339(hour));
  CHECK(zone->offset_at(at("1945-06-01T00:00:00Z")) == 10800);  // double summer time
}

}  // namespace
}  // namespace reeve::pdp
