#include "connectors/host/sshd_config.hpp"

#include <doctest/doctest.h>

namespace reeve::host {
namespace {

TEST_CASE("host sshd_config: the first value wins, and Match is only noticed") {
  auto const got = parse_sshd_config(
      "# PermitRootLogin yes\n"
      "permitrootlogin no\n"
      "PermitRootLogin yes\n"
      "AuthorizedKeysFile=.ssh/authorized_keys /etc/ssh/keys/%u \"/a b/%h\"  # comment\n"
      "TrustedUserCAKeys /etc/ssh/ca.pub\n"
      "AuthorizedKeysCommand none\n"
      "PasswordAuthentication\n"
      "Banner \"open\n"
      "Match User bob\n"
      "  PasswordAuthentication no\n");
  CHECK(got.malformed ==
        std::vector<Malformed>{{7, "a keyword without arguments"}, {8, "a quote is not closed"}});
  auto const policy = sshd_policy(got.settings);
  CHECK(policy.permit_root_login == "no");
  CHECK(policy.authorized_keys_files ==
        std::vector<std::string>{".ssh/authorized_keys", "/etc/ssh/keys/%u", "/a b/%h"});
  CHECK(policy.trusted_user_ca_keys == "/etc/ssh/ca.pub");
  CHECK(policy.authorized_keys_command.empty());
  CHECK(policy.password_authentication);
  CHECK(policy.match_blocks);
}

TEST_CASE("host sshd_config: nothing said leaves OpenSSH's defaults") {
  auto const policy = sshd_policy({});
  CHECK(policy.permit_root_login == "prohibit-password");
  CHECK(policy.authorized_keys_files.size() == 2);
  CHECK(!policy.match_blocks);
}

TEST_CASE("host sshd_config: where the keys of an account lie") {
  struct Case {
    char const* pattern;
    char const* want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {".ssh/authorized_keys", "/home/bob/.ssh/authorized_keys"},
           {"/etc/ssh/keys/%u", "/etc/ssh/keys/bob"},
           {"/etc/ssh/%U/100%%", "/etc/ssh/1001/100%"},
           {"%h/keys%", "/home/bob/keys%"},
           {"none", ""},
       })
    CHECK(authorized_keys_path(c.pattern, "bob", "/home/bob", 1001) == c.want);
}

}  // namespace
}  // namespace reeve::host
