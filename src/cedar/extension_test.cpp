#include <doctest/doctest.h>

#include "cedar/datetime.hpp"
#include "cedar/decimal.hpp"
#include "cedar/ipaddr.hpp"

namespace reeve::cedar {
namespace {

TEST_CASE("ip: what is an address and what is not") {
  struct Case {
    std::string_view text;
    std::string_view want;  ///< Empty: no address.
  };
  Case const cases[] = {
      {"10.0.0.1", "10.0.0.1/32"},
      {"10.0.0.0/8", "10.0.0.0/8"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"255.255.255.255", "255.255.255.255/32"},
      {"256.0.0.1", ""},
      {"10.0.0.01", ""},
      {"10.0.0", ""},
      {"10.0.0.0.0", ""},
      {"10.0.0.0/08", ""},
      {"10.0.0.0/33", ""},
      {"10.0.0.0/", ""},
      {" 10.0.0.1", ""},
      {"::", "0:0:0:0:0:0:0:0/128"},
      {"::1", "0:0:0:0:0:0:0:1/128"},
      {"1::", "1:0:0:0:0:0:0:0/128"},
      {"2001:db8::A:0/32", "2001:db8:0:0:0:0:a:0/32"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0/128"},
      {"1:2:3:4:5:6:7:8::", ""},
      {"1:2:3:4::5:6:7:8", ""},
      {"1:2:3", ""},
      {":::", ""},
      {":1::", ""},
      {"1::2::3", ""},
      {"::ffff:102:304", "0:0:0:0:0:ffff:102:304/128"},
      {"::ffff:1.2.3.4", ""},
      {"fe80::1%eth0", ""},
      {"::1/129", ""},
      {"::12345", ""},
      {"", ""},
      {"/8", ""},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
      {"0ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const ip = parse_ip(c.text);
    CHECK((ip ? to_string(*ip) : "") == c.want);
  }
}

TEST_CASE("ip: an over-long text is refused before it is read") {
  CHECK_FALSE(parse_ip(std::string(10'000'000, '1')));
}

TEST_CASE("ip: ranges, loopback and multicast look at the whole range") {
  auto const ip = [](std::string_view text) { return parse_ip(text).value(); };
  CHECK(ip("10.0.0.1") == ip("10.0.0.1/32"));
  CHECK(ip("10.0.0.0/8") != ip("10.1.0.0/8"));
  CHECK(in_range(ip("10.1.2.3"), ip("10.0.0.0/8")));
  CHECK(in_range(ip("10.1.0.0/16"), ip("10.0.0.0/8")));
  CHECK_FALSE(in_range(ip("10.0.0.0/7"), ip("10.0.0.0/8")));
  CHECK_FALSE(in_range(ip("::1"), ip("0.0.0.0/0")));
  CHECK(in_range(ip("1.2.3.4"), ip("0.0.0.0/0")));
  CHECK(in_range(ip("2001:db8::1"), ip("2001:db8::/33")));
  CHECK_FALSE(in_range(ip("2001:db8:8000::1"), ip("2001:db8::/33")));
  CHECK(is_loopback(ip("127.1.2.3")));
  CHECK_FALSE(is_loopback(ip("127.0.0.0/7")));
  CHECK(is_loopback(ip("::1")));
  CHECK_FALSE(is_loopback(ip("::1/127")));
  CHECK(is_multicast(ip("239.0.0.0/4")));
  CHECK_FALSE(is_multicast(ip("224.0.0.0/3")));
  CHECK(is_multicast(ip("ff02::1")));
}

TEST_CASE("decimal: four digits, exactly, to both ends of the range") {
  struct Case {
    std::string_view text;
    std::string_view want;
  };
  Case const cases[] = {
      {"1.0", "1.0"},
      {"1.5000", "1.5"},
      {"-0.0001", "-0.0001"},
      {"00.10", "0.1"},
      {"1.", ""},
      {".5", ""},
      {"+1.0", ""},
      {"1", ""},
      {"1.00000", ""},
      {"-.1", ""},
      {"1.2.3", ""},
      {"1e1.0", ""},
      {"--1.0", ""},
      {"-1.0", "-1.0"},
      {"", ""},
      {"922337203685477.5807", "922337203685477.5807"},
      {"922337203685477.5808", ""},
      {"-922337203685477.5808", "-922337203685477.5808"},
      {"-922337203685477.5809", ""},
      {"99999999999999999999999.0", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const decimal = parse_decimal(c.text);
    CHECK((decimal ? to_string(*decimal) : "") == c.want);
  }
}

TEST_CASE("datetime: the five forms, real dates only") {
  struct Case {
    std::string_view text;
    std::string_view want;
  };
  Case const cases[] = {
      {"2024-10-15", "2024-10-15T00:00:00.000Z"},
      {"2024-10-15T11:35:00Z", "2024-10-15T11:35:00.000Z"},
      {"2024-10-15T11:35:00.123Z", "2024-10-15T11:35:00.123Z"},
      {"2024-10-15T11:35:00+0130", "2024-10-15T10:05:00.000Z"},
      {"2024-10-15T11:35:00.001-2359", "2024-10-16T11:34:00.001Z"},
      {"0000-01-01", "0000-01-01T00:00:00.000Z"},
      {"2024-02-29", "2024-02-29T00:00:00.000Z"},
      {"2023-02-29", ""},
      {"2024-10-15T11:35:00", ""},
      {"2024-10-15T24:00:00Z", ""},
      {"2024-10-15T11:35:60Z", ""},
      {"2024-10-15T11:35:00.12Z", ""},
      {"2024-10-15t11:35:00z", ""},
      {"2024-10-15T11:35:00+2400", ""},
      {"2024-10-15T11:35:00+0060", ""},
      {"2024-10-15T11:35:00+01:30", ""},
      {"2024-10-15T", ""},
      {"2024-1-15", ""},
      {"24-10-15", ""},
      {"12024-10-15", ""},
      {"2024-13-01", ""},
      {"2024-00-01", ""},
      {"2024-10-15Z", ""},
      {"", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const at = parse_datetime(c.text);
    CHECK((at ? to_string(*at) : "") == c.want);
  }
}

TEST_CASE("duration: parts in order, one sign, the whole range") {
  struct Case {
    std::string_view text;
    std::string_view want;
  };
  Case const cases[] = {
      {"1d2h3m4s5ms", "93784005ms"},
      {"-1d2h", "-93600000ms"},
      {"1m", "60000ms"},
      {"1ms", "1ms"},
      {"1m1ms", "60001ms"},
      {"0ms", "0ms"},
      {"90m", "5400000ms"},
      {"-9223372036854775808ms", "-9223372036854775808ms"},
      {"9223372036854775807ms", "9223372036854775807ms"},
      {"9223372036854775808ms", ""},
      {"106751991168d", ""},
      {"2h1d", ""},
      {"1d1d", ""},
      {"1d-2h", ""},
      {"+1d", ""},
      {"1", ""},
      {"d", ""},
      {"", ""},
      {"-", ""},
      {"1 d", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.text);
    auto const span = parse_duration(c.text);
    CHECK((span ? to_string(*span) : "") == c.want);
  }
}

TEST_CASE("datetime: arithmetic floors before 1970 and never wraps") {
  Datetime const first{INT64_MIN};
  CHECK_FALSE(to_date(first));
  CHECK_FALSE(offset(first, {-1}));
  CHECK_FALSE(duration_since({0}, first));
  CHECK(to_date({-1})->ms == -86'400'000);
  CHECK(to_time({-1}).ms == 86'399'999);
  CHECK(to_date({-86'400'000})->ms == -86'400'000);
  CHECK(to_time({86'400'001}).ms == 1);
}

}  // namespace
}  // namespace reeve::cedar
