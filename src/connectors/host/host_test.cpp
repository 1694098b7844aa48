#include "connectors/host/host.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "base/text.hpp"
#include "connect/conformance.hpp"
#include "connectors/host/client_fake.hpp"
#include "connectors/host/gzip.hpp"

namespace reeve::connect {
namespace {

using host::FakeFiles;

constexpr char verifier[] = "$6$canary$canaryhash";
constexpr char public_key[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIClXKvB7aDcGxjLBZ4MKSdUM8HKJmMZ7MupiLhTOTkuk";
constexpr char key_print[] = "SHA256:pxbE2j29VBlsfi2LSCb7r1zuB4hmGKbzzlpUdcfDpkc";

std::string fake_hmac(std::string_view secret) {
  return "hmac:" + std::to_string(std::hash<std::string_view>{}(secret));
}

/// A clock that stands on 2026-03-01.
Instant now() {
  return parse_rfc3339("2026-03-01T00:00:00Z").value();
}

std::unique_ptr<Connector> connector(FakeFiles const& files, int page_size = 1000) {
  return make_host("web", std::make_unique<host::FakeTree>(files),
                   {.now = now, .verifier_fingerprint = fake_hmac, .page_size = page_size});
}

/// A server with one of everything.
FakeFiles server() {
  std::string const passwd =
      "root:x:0:0:root:/root:/bin/bash\n"
      "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
      "alice:x:1000:1000:Alice Adams:/home/alice:/bin/bash\n"
      "bob:x:1001:1001:Bob Left:/home/bob:/bin/bash\n"
      "svc-billing:x:501:501:app=billing owner=alice:/srv:/usr/sbin/nologin\n"
      "svc-deploy:x:502:502::/home/svc-deploy:/bin/bash\n"
      "svc-nopass:x:503:503::/:/bin/bash\n"
      "toor:x:0:0:second root:/root:/bin/bash\n";
  FakeFiles files;
  files.file("/etc/hostname", "web\n")
      .file("/etc/login.defs", "UID_MIN 1000\nUID_MAX 60000\n")
      .file("/etc/passwd", passwd + "odd:x:1002:1002:" + hostile_name() + ":/home/odd:/bin/sh\n")
      .file("/etc/shadow",
            "root:*:19700:0:99999:7:::\n"
            "daemon:*:19700:0:99999:7:::\n"
            "alice:" +
                std::string(verifier) + ":19700:0:90:7:::\n" + "bob:!" + verifier +
                ":19000:0:99999:7::19000:\n" +
                "svc-billing:!:19700::::::\n"
                "svc-deploy:$y$j9T$canary$canaryhash:18000:0:99999:7:::\n"
                "svc-nopass::19700:0:99999:7:::\n"
                "toor:!$1$canary$canaryhash:15000:0:99999:7:::\n"
                "odd:*:19700::::::\n")
      .file("/etc/group", "root:x:0:\nsudo:x:27:bob\nsvc-deploy:x:502:\n")
      .file("/etc/sudoers", "%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n+ops ALL=ALL\n")
      .file("/etc/sudoers.d/10-svc",
            "svc-deploy ALL=(ALL) NOPASSWD: ALL\n"
            "svc-billing ALL=(postgres) NOPASSWD: /usr/bin/pg_dump --password=canary\n")
      .file("/etc/sudoers.d/ignored.bak", "ALL ALL=ALL\n")
      .file("/home/svc-deploy/.ssh/authorized_keys",
            "from=\"10.0.0.0/8\",command=\"/bin/x --token=canary\" " + std::string(public_key) +
                " bob@laptop\n")
      .file("/etc/systemd/system/billing.service",
            "[Service]\nUser=svc-billing\nEnvironment=DB_PASSWORD=canary\nExecStart=/opt/b "
            "--t=canary\n")
      .file("/etc/systemd/system/billing.service.d/10.conf", "[Service]\nUser=svc-deploy\n")
      .file("/usr/lib/systemd/system/app@.service", "[Service]\nUser=svc-%i\n")
      .link("/etc/systemd/system/multi-user.target.wants/app@billing.service",
            "/usr/lib/systemd/system/app@.service")
      .file("/usr/lib/systemd/system/billing.service", "[Service]\nUser=root\n")
      .file("/usr/lib/systemd/system/night.timer", "[Timer]\nUnit=billing.service\n")
      .file("/usr/lib/systemd/system/off.service", "[Service]\n")
      .link("/etc/systemd/system/off.service", "/dev/null")
      .file("/usr/lib/systemd/system/dyn.service", "[Service]\nDynamicUser=yes\n")
      .file("/etc/crontab", "17 * * * * root cd / && run-parts /etc/cron.hourly\n")
      .file("/etc/cron.d/sync", "*/5 * * * * svc-deploy API_KEY=canary /opt/app/sync.sh\n")
      .file("/var/spool/cron/crontabs/bob", "0 3 * * * /opt/app/nightly\n", 0600)
      .file("/etc/cron.daily/backup", "#!/bin/sh\n", 0755)
      .file("/etc/cron.daily/note", "not executable\n")
      .file("/var/spool/cron/atjobs/a00001", "#!/bin/sh\n# atrun uid=1000 gid=1000\necho canary\n")
      .file("/var/log/lastlog", "")
      .file("/var/log/wtmp", "")
      .directory("/var/log/journal")
      .file("/var/log/auth.log",
            "2026-02-28T10:00:00Z web sshd[1]: Accepted publickey for svc-deploy from 10.0.0.7 "
            "port 42 "
            "ssh2: ED25519 " +
                std::string(key_print) + "\n" +
                "2026-02-28T10:30:00Z web sshd[1]: Accepted publickey for svc-deploy from 10.0.0.7 "
                "port 43 "
                "ssh2: ED25519 " +
                key_print + "\n" +
                "2026-02-28T11:00:00Z web sudo: bob : TTY=pts/0 ; PWD=/ ; USER=root ; "
                "COMMAND=/bin/ls\n");
  return files;
}

template <class T>
std::map<std::string, T> all(Connector& host) {
  std::map<std::string, T> out;
  std::string cursor;
  do {
    auto const page = host.enumerate(cursor);
    REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().to_string()));
    for (auto const& seen : page->observations)
      if (auto const* object = std::get_if<T>(&seen.object))
        out.emplace(object->native_id, *object);
    cursor = page->next;
  } while (!cursor.empty());
  return out;
}

template <class T>
std::map<std::string, T> all(FakeFiles const& files) {
  return all<T>(*connector(files));
}

std::vector<Gap> gaps(FakeFiles const& files) {
  auto const host = connector(files);
  std::vector<Gap> out;
  std::string cursor;
  do {
    auto const page = host->enumerate(cursor).value();
    out.insert(out.end(), page.gaps.begin(), page.gaps.end());
    cursor = page.next;
  } while (!cursor.empty());
  return out;
}

TEST_CASE("host: keeps the promises of a connector") {
  auto const files = server();
  std::map<std::string_view, std::string> const paths = {{host::read_keys, "/home/svc-deploy/.ssh"},
                                                         {host::read_homes, "/home/svc-deploy"}};
  FakeFiles robbed;
  Bench const bench{.connect =
                        [&](std::string_view without) {
                          robbed = FakeFiles(files);
                          auto const special = paths.find(without);
                          if (special != paths.end())
                            robbed.denied.insert(special->second);
                          else if (!without.empty())
                            robbed.denied.emplace(without.substr(without.find('/')));
                          return connector(robbed, /*page_size=*/5);
                        },
                    .identities = 9,
                    .canaries = {"canary"}};
  for (auto const& promise : broken_promises(bench)) FAIL_CHECK(promise);
}

TEST_CASE("host: what an account is") {
  auto const found = all<Identity>(server());
  struct Case {
    char const* name;
    Known<bool> enabled, person;
    bool interactive;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"root", true, NotReported{}, true},
           {"daemon", true, false, false},
           {"alice", true, true, true},
           {"bob", false, true, true},  // expired
           {"svc-billing", true, false, false},
           {"svc-deploy", true, false, true},
           {"toor", false, NotReported{}, true},  // locked, and no key opens it
       }) {
    CAPTURE(std::string(c.name));
    auto const& account = found.at(host::account_id(c.name));
    CHECK(account.enabled == c.enabled);
    CHECK(account.declared_person == c.person);
    CHECK(account.interactive == Known<bool>(c.interactive));
  }
  CHECK(found.at("account:svc-billing").note == Known<std::string>("app=billing owner=alice"));
  CHECK(found.at("account:svc-deploy").last_used ==
        Known<Instant>(parse_rfc3339("2026-02-28T10:30:00Z").value()));
  CHECK(found.at("account:alice").last_used == Known<Instant>(NotReported{}));
}

TEST_CASE("host: a locked account that a key opens is not disabled") {
  auto files = server();
  files.file("/root/.ssh/authorized_keys", public_key);
  CHECK(all<Identity>(files).at("account:toor").enabled == Known<bool>(true));
  files = server();
  files.directory("/root/.ssh").denied.insert("/root/.ssh");
  files.file("/root/.ssh/authorized_keys", public_key);
  CHECK(all<Identity>(files).at("account:toor").enabled == Known<bool>(NotReported{}));
}

TEST_CASE("host: passwords and keys are credentials, without their values") {
  auto const found = all<Credential>(server());
  CHECK(found.size() == 6);
  auto const& alice = found.at("password:alice");
  CHECK(alice.identity == "account:alice");
  CHECK(alice.algorithm == Known<std::string>("sha512"));
  CHECK(alice.fingerprint == Known<std::string>(fake_hmac(verifier)));
  CHECK(alice.last_rotated == Known<Instant>(Instant(Days(19700))));
  CHECK(alice.expires == Known<Instant>(Instant(Days(19790))));
  CHECK(found.at("password:bob").fingerprint == alice.fingerprint);
  CHECK(found.at("password:bob").restrictions == Known<std::string>("locked"));
  CHECK(found.at("password:svc-nopass").algorithm == Known<std::string>("empty"));
  CHECK(found.at("password:svc-nopass").expires == Known<Instant>(None{}));
  auto const id =
      std::string("ssh_key:svc-deploy:/home/svc-deploy/.ssh/authorized_keys:") + key_print;
  auto const& key = found.at(id);
  CHECK(key.algorithm == Known<std::string>("ed25519"));
  CHECK(key.label == Known<std::string>("bob@laptop"));
  CHECK(std::get<std::string>(key.fingerprint).starts_with("spki-sha256:"));
  CHECK(key.restrictions == Known<std::string>(R"(from="10.0.0.0/8",command="/bin/x …")"));
  CHECK(key.last_used == Known<Instant>(parse_rfc3339("2026-02-28T10:30:00Z").value()));
}

TEST_CASE("host: root, groups and sudo are grants") {
  std::vector<std::string> shown;
  for (auto const& [id, grant] : all<Grant>(server())) {
    auto const* conditions = std::get_if<std::string>(&grant.conditions);
    shown.push_back(id + " | " + grant.actions.at(0) + " " + grant.resource + " " + grant.via +
                    (conditions ? " if " + *conditions : ""));
  }
  CHECK(shown ==
        std::vector<std::string>{
            "member:bob:sudo | member group:sudo ", "member:root:root | member group:root ",
            "member:svc-deploy:svc-deploy | member group:svc-deploy ",
            "member:toor:root | member group:root ", "root:root | root host:web ",
            "root:toor | root host:web ",
            "sudo:bob:ALL:ALL | sudo host:web group:sudo if group ALL",
            ("sudo:svc-billing:/usr/bin/pg_dump:postgres | sudo user:postgres  if NOPASSWD; "
             "command /usr/bin/pg_dump …"),
            "sudo:svc-deploy:ALL:ALL | sudo host:web  if NOPASSWD"});
}

TEST_CASE("host: what runs as whom, and how we know") {
  std::vector<std::string> shown;
  for (auto const& [id, consumer] : all<Consumer>(server()))
    shown.push_back(id + " | " + consumer.identity + " | " + consumer.how);
  CHECK(shown ==
        std::vector<std::string>{
            ("cron:/etc/cron.d/sync:svc-deploy:/opt/app/sync.sh | account:svc-deploy | */5 * * * "
             "* as svc-deploy in /etc/cron.d/sync"),
            ("cron:/etc/cron.daily/backup:root:/etc/cron.daily/backup | account:root | daily as "
             "root in /etc/cron.daily/backup"),
            "cron:/etc/crontab:root:run-parts | account:root | 17 * * * * as root in /etc/crontab",
            ("cron:/var/spool/cron/atjobs/a00001:#1000:at | account:alice | once as #1000 in "
             "/var/spool/cron/atjobs/a00001"),
            ("cron:/var/spool/cron/crontabs/bob:bob:/opt/app/nightly | account:bob | 0 3 * * * as "
             "bob in /var/spool/cron/crontabs/bob"),
            ("unit:app@billing.service | account:svc-billing | User=svc-billing in "
             "/usr/lib/systemd/system/app@.service; starts by itself"),
            ("unit:billing.service | account:svc-deploy | User=svc-deploy in "
             "/etc/systemd/system/billing.service"),
            ("unit:dyn.service |  | DynamicUser= in /usr/lib/systemd/system/dyn.service: an "
             "account made when it starts"),
            ("unit:night.timer | account:svc-deploy | starts billing.service: User=svc-deploy in "
             "/etc/systemd/system/billing.service")});
}

TEST_CASE("host: logins are counted by hour, with the key they were made with") {
  auto const found = all<Usage>(server());
  REQUIRE(found.size() == 2);
  auto const& login = found.begin()->second;
  CHECK(login.action == "login");
  CHECK(login.identity == "account:svc-deploy");
  CHECK(login.credential.ends_with(key_print));
  CHECK(login.network == Known<std::string>("10.0.0.7"));
  CHECK(login.count == Known<std::int64_t>(2));
  CHECK(rfc3339(login.hour) == "2026-02-28T10:00:00Z");
  CHECK(rfc3339(login.last) == "2026-02-28T10:30:00Z");
  CHECK(found.rbegin()->second.action == "sudo");
}

TEST_CASE("host: a unit in a home runs as its user") {
  auto files = server();
  files.file("/home/alice/.config/systemd/user/sync.service", "[Service]\nUser=root\n");
  CHECK(all<Consumer>(files).at("unit:alice:sync.service").identity == "account:alice");
  files.denied.insert("/home/alice/.config");
  bool named = false;
  for (auto const& gap : gaps(files))
    named = named || (gap.object_class == ObjectClass::consumer && gap.missing == host::read_homes);
  CHECK(named);
}

TEST_CASE("host: a process is told by program, user and unit, on a live system alone") {
  auto files = server();
  for (auto const* pid : {"10", "11"})
    files.file(std::string("/proc/") + pid + "/status", "Name:\tnginx\nUid:\t33\t501\t33\t33\n")
        .file(std::string("/proc/") + pid + "/cmdline", "nginx")
        .file(std::string("/proc/") + pid + "/cgroup", "0::/system.slice/nginx.service\n")
        .link(std::string("/proc/") + pid + "/exe", "/usr/sbin/nginx (deleted)");
  files.file("/proc/2/status", "Name:\tkthreadd\nUid:\t0\t0\t0\t0\n").file("/proc/2/cmdline", "");
  CHECK(!all<Consumer>(files).contains("process:501:/usr/sbin/nginx:nginx.service"));
  files.live = true;
  auto const found = all<Consumer>(files);
  CHECK(found.at("process:501:/usr/sbin/nginx:nginx.service").identity == "account:svc-billing");
  CHECK(!found.contains("process:0:kthreadd"));
}

TEST_CASE("host: every gap says what and where, and a line to paste where one helps") {
  auto files = server();
  files.denied = {"/etc/shadow", "/var/spool/cron/crontabs"};
  files.file("/etc/sudoers.d/20-bad", "bob ALL\n");
  files.file("/etc/passwd", files.files.at("/etc/passwd").bytes + "root:x:7:7:::\nbroken\n");
  std::string told;
  for (auto const& gap : gaps(files))
    told += std::string(name(gap.object_class)) + ": " + gap.why + " [" + gap.missing + "] " +
            gap.fix + "\n";
  for (auto const* want :
       {"credential: open /etc/shadow: Permission denied [read /etc/shadow] sudo reeve discover "
        "host\n",
        "consumer: open /var/spool/cron/crontabs: Permission denied [read "
        "/var/spool/cron/crontabs] "
        "sudo reeve discover host\n",
        "grant: /etc/sudoers.d/20-bad:1: no '=' behind the hosts [] \n",
        "grant: sudoers gives rights to +ops, which no local file explains [] getent passwd ",
        "identity: /etc/passwd:10 repeats a name; the first line counts [] \n",
        "identity: /etc/passwd:11: fewer than 7 fields [] \n"}) {
    CAPTURE(std::string(want));
    CHECK(told.contains(want));
  }
}

TEST_CASE("host: a host that is more than its files says so") {
  auto files = server();
  files.file("/etc/nsswitch.conf", "passwd: files systemd sss [NOTFOUND=return] ldap # x\n")
      .file("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n")
      .file("/etc/ssh/sshd_config.d/a.conf", "AuthorizedKeysCommand /usr/bin/sss_ssh\n");
  auto const coverage = connector(files)->coverage();
  auto const& identities = coverage.at(std::size_t(ObjectClass::identity));
  CHECK(identities.state == CoverageState::partial);
  CHECK(identities.reason == "accounts also come from sss, ldap (/etc/nsswitch.conf)");
  CHECK(identities.fix == "reeve source add ldap");
  CHECK(coverage.at(std::size_t(ObjectClass::credential)).reason.contains("/usr/bin/sss_ssh"));
  auto const& usage = coverage.at(std::size_t(ObjectClass::usage));
  CHECK(usage.reason == "su and what units and cron start leave no login");
  CHECK(usage.window_start == Known<Instant>(parse_rfc3339("2026-02-28T10:00:00Z").value()));
}

TEST_CASE("host: without passwd there is no run, and the error says what it needs") {
  FakeFiles const none;
  CHECK(connector(none)->enumerate("").error().to_string().contains("needs read /etc/passwd"));
  FakeFiles const down{.down = Error(Errc::unavailable, "the disk is gone")};
  CHECK(connector(down)->enumerate("").error().code() == Errc::unavailable);
  CHECK(connector(server())->enumerate("nonsense/x").error().code() == Errc::invalid);
}

TEST_CASE("host: ten megabytes of sudoers cost the grants, and nothing else") {
  auto files = server();
  files.file("/etc/sudoers", std::string(10'000'000, '#'));
  CHECK(all<Identity>(files).size() == 9);
  bool named = false;
  for (auto const& gap : gaps(files))
    named = named ||
            (gap.object_class == ObjectClass::grant && gap.why.contains("/etc/sudoers is larger"));
  CHECK(named);
}

TEST_CASE("host: includes that include themselves end") {
  auto files = server();
  files.file("/etc/sudoers", "@include /etc/sudoers\n%sudo ALL=ALL\n");
  files.file("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n");
  CHECK(all<Grant>(files).contains("sudo:bob:ALL:root"));
}

/// The same server as files on a disk, with traps.
class Planted {
 public:
  explicit Planted(FakeFiles const& files) {
    auto pattern = (std::filesystem::temp_directory_path() / "reeve-planted-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
    for (auto const& [path, file] : files.files) plant(root_ / path.substr(1), file);
  }
  Planted(Planted const&) = delete;
  Planted& operator=(Planted const&) = delete;
  ~Planted() { std::filesystem::remove_all(root_); }
  std::filesystem::path const& root() const { return root_; }

 private:
  static void plant(std::filesystem::path const& path, host::FakeFile const& file) {
    std::filesystem::create_directories(path.parent_path());
    if (file.stat.kind == host::FileKind::link)
      return std::filesystem::create_symlink(file.bytes, path);
    std::ofstream(path, std::ios::binary) << file.bytes;
    REQUIRE(::chmod(path.c_str(), file.stat.mode) == 0);
  }
  std::filesystem::path root_;
};

template <class T>
std::map<std::string, T> all_on_disk(Planted const& planted) {
  auto const host = make_host("web", host::open_tree(planted.root().string()).value(),
                              {.now = now, .verifier_fingerprint = fake_hmac});
  return all<T>(*host);
}

TEST_CASE("host: a tree on disk gives what the same tree in memory gives") {
  auto const files = server();
  Planted const planted(files);
  CHECK(all_on_disk<Identity>(planted) == all<Identity>(files));
  CHECK(all_on_disk<Credential>(planted) == all<Credential>(files));
  CHECK(all_on_disk<Grant>(planted) == all<Grant>(files));
  CHECK(all_on_disk<Consumer>(planted) == all<Consumer>(files));
  CHECK(all_on_disk<Usage>(planted) == all<Usage>(files));
}

TEST_CASE("host: a tree full of traps leads nowhere and hangs nothing") {
  auto files = server();
  Planted const outside(FakeFiles().file("/key", public_key));
  files.link("/home/alice/.ssh/authorized_keys", (outside.root() / "key").string())
      .link("/home/bob/.ssh/authorized_keys",
            "../../../../../../../.." + (outside.root() / "key").string())
      .link("/etc/sudoers.d/30-loop", "30-loop")
      .link("/etc/systemd/system/loop.service", "loop.service")
      .link("/etc/cron.d/up", "..")
      .file("/etc/systemd/system/b\xff_.service", "[Service]\nUser=alice\n");
  Planted const planted(files);
  REQUIRE(::mkfifo((planted.root() / "etc/cron.d/pipe").c_str(), 0600) == 0);
  REQUIRE(::mkfifo((planted.root() / "etc/sudoers.d/40-pipe").c_str(), 0600) == 0);
  for (auto const& [id, credential] : all_on_disk<Credential>(planted)) {
    CAPTURE(id);
    CHECK((credential.kind != "ssh_key" || credential.identity == "account:svc-deploy"));
  }
  CHECK(all_on_disk<Grant>(planted).contains("sudo:svc-deploy:ALL:ALL"));
  auto const consumers = all_on_disk<Consumer>(planted);
  CHECK(consumers.at("unit:b\\xFF_.service").identity == "account:alice");
  CHECK(!consumers.contains("unit:loop.service"));
}

TEST_CASE("host: the settings of a source name the tree") {
  Planted const planted(server());
  std::vector<std::pair<std::string, std::string>> const given = {{"root", planted.root().string()},
                                                                  {"page_size", "3"}};
  auto const settings = Settings::resolve(host_info(), given, [](auto&) { return std::nullopt; });
  REQUIRE(settings.has_value());
  auto const host = open_host("img", *settings, {.now = now, .verifier_fingerprint = fake_hmac});
  REQUIRE(host.has_value());
  CHECK(all<Identity>(**host).size() == 9);
  CHECK(!(*host)->enumerate("")->next.empty());
  CHECK((*host)->check(now())->account == planted.root().string());
}

TEST_CASE("host: this very system answers") {
  auto const host =
      make_host("here", host::open_live().value(), {.now = now, .verifier_fingerprint = fake_hmac});
  CHECK(all<Identity>(*host).contains("account:root"));
  CHECK(all<Grant>(*host).contains("root:root"));
  CHECK(all<Resource>(*host).contains("group:root"));
  CHECK(host->check(now()).has_value());
}

std::string testdata(std::string const& name) {
  auto const path = std::string(REEVE_REPOSITORY "/src/connectors/host/testdata/") + name;
  return read_file(path, 1 << 20).value();
}

TEST_CASE("host: the journal and packed logs tell of what auth.log does not go back to") {
  auto files = server();
  auto const journal = host::unzip_tail(testdata("journal-compact.gz"), 32 << 20).value();
  files.file("/var/log/journal/4f1c/system.journal", journal)
      .file("/var/log/journal/4f1c/user-1000.journal", "not read")
      .file("/var/log/journal/4f1c/system@1.journal", "no journal");
  auto const found = all<Identity>(files);
  // The login by password that the journal has on 1 March is of a time that auth.log tells of.
  CHECK(found.at("account:alice").last_used == Known<Instant>(NotReported{}));
  auto const used = all<Usage>(files);
  CHECK(std::ranges::count_if(used, [](auto& one) {
          return one.second.network == Known<std::string>("10.20.0.36");
        }) == 1);
  files.files.erase("/var/log/auth.log");
  CHECK(all<Identity>(files).at("account:alice").last_used ==
        Known<Instant>(parse_rfc3339("2026-03-01T10:13:20Z").value()));
  auto const host = connector(files);
  auto const usage = host->coverage().at(std::size_t(ObjectClass::usage));
  CHECK(usage.window_start == Known<Instant>(from_micros(1'772'000'000'000'000)));
  auto const all_gaps = gaps(files);
  CHECK(std::ranges::any_of(all_gaps, [](Gap const& gap) {
    return gap.why.contains("system@1.journal: not a journal");
  }));
  files.files.erase("/var/log/journal/4f1c/system.journal");
  files.file("/var/log/auth.log.2.gz", testdata("auth.log.gz"));
  CHECK(all<Identity>(files).at("account:alice").last_used ==
        Known<Instant>(parse_rfc3339("2026-01-02T03:04:05Z").value()));
  files.file("/var/log/auth.log.3.gz", "no gzip");
  auto const more = gaps(files);
  CHECK(std::ranges::any_of(more, [](Gap const& gap) {
    return gap.why.contains("auth.log.3.gz: not a whole gzip file");
  }));
}

}  // namespace
}  // namespace reeve::connect
