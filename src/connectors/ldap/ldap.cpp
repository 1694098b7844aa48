// Discovers a directory in three walks over it: accounts (with passwords and last binds), groups,
// and who is a member of which, last because a group may be a member of one that was met before.
//
// What access control hides is not there at all: no error, no mark. It is noticed by things that
// must exist: createTimestamp of any entry, a member of any groupOfNames, the password of any
// simpleSecurityObject (by a filter; its value is never asked for), and a bind time somewhere, for
// our own bind has just made one. Each is tried on entries other than our own, on which we may have
// more rights than on the rest.

#include "connectors/ldap/ldap.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "connectors/ldap/walk.hpp"
#include "ldap_client/person.hpp"
#include "ldap_client/value.hpp"

namespace reeve::connect {
namespace {

using ldap::Entry;
using ldap::EntryPage;
using ldap::Search;

constexpr std::string_view may_read = "read access to accounts and groups";
constexpr std::string_view may_read_members = "read access to member";
constexpr std::string_view may_test_password = "search access to userPassword";
constexpr std::string_view may_read_state = "read access to pwdChangedTime";
constexpr std::string_view may_read_binds = "read access to pwdLastSuccess";

// {account}: our DN. The rule goes first and lets all others pass on to the rules that stand.
#define OLC_ACCESS(what, level)                                                              \
  "printf '%s\\n' 'dn: olcDatabase={1}mdb,cn=config' 'changetype: modify' 'add: olcAccess' " \
  "'olcAccess: {0}to " what " by dn.exact=\"{account}\" " level                              \
  " by * break' | ldapmodify -Q -Y EXTERNAL -H ldapi:///"

constexpr std::string_view give_read = OLC_ACCESS("*", "read");
constexpr std::string_view lift_limit =
    "printf '%s\\n' 'dn: olcDatabase={1}mdb,cn=config' 'changetype: modify' 'add: olcLimits' "
    "'olcLimits: dn.exact=\"{account}\" size=unlimited' | ldapmodify -Q -Y EXTERNAL -H ldapi:///";
using enum ObjectClass;
constexpr Permission permissions[] = {
    {person, Purpose::discover, may_read, give_read},
    {identity, Purpose::discover, may_read, give_read},
    {resource, Purpose::discover, may_read, give_read},
    {grant, Purpose::discover, may_read_members,
     OLC_ACCESS("attrs=member,uniqueMember,memberUid,roleOccupant", "read")},
    {credential, Purpose::discover, may_test_password, OLC_ACCESS("attrs=userPassword", "search")},
    {credential, Purpose::discover, may_read_state,
     OLC_ACCESS("attrs=pwdChangedTime,pwdAccountLockedTime,pwdPolicySubentry,pwdEndTime", "read")},
    {usage, Purpose::usage, may_read_binds, OLC_ACCESS("attrs=pwdLastSuccess", "read")},
};

using enum Option::Type;
constexpr Option options[] = {
    {.name = "url",
     .type = url,
     .required = true,
     .help = "ldaps://host, ldap://host:389, ldapi:///."},
    {.name = "bind_dn", .type = text, .help = "Who reads the directory; anonymous when not set."},
    {.name = "password", .type = text, .secret = true, .help = "Of bind_dn."},
    {.name = "base",
     .type = text,
     .help = "Where to look: dc=example,dc=com; the server's first when not set."},
    {.name = "start_tls",
     .type = boolean,
     .fallback = "false",
     .help = "Encrypt an ldap:// connection."},
    {.name = "ca_file", .type = path, .help = "PEM file of who signed the server's certificate."},
    {.name = "plaintext",
     .type = boolean,
     .fallback = "false",
     .help = "Send the password in the clear to another machine, if you must."},
    {.name = "services",
     .type = text,
     .help = "Branches that hold service accounts, semicolons apart."},
    {.name = "people",
     .type = text,
     .help = "Branches that hold people's accounts, semicolons apart."},
    {.name = "leavers", .type = text, .help = "Branches that hold who has left, semicolons apart."},
    {.name = "default_policy",
     .type = text,
     .help = "DN of ppolicy_default, which only cn=config tells."},
    {.name = "page_size", .type = number, .fallback = "200", .help = "Entries a page."},
    {.name = "timeout",
     .type = duration,
     .fallback = "30s",
     .help = "Longest wait for one answer."},
};

constexpr Capability capabilities[] = {{.credential = "password",
                                        .last_use = LastUse::time,
                                        .rotation = RotationMode::multi_password,
                                        .max_live_secrets = 0,
                                        .disable = Disable::reversible}};

constexpr Info info_of_ldap{.kind = "ldap",
                            .title = "LDAP directory (OpenLDAP)",
                            .permissions = permissions,
                            .help = "People, service accounts and groups of a directory.",
                            .options = options,
                            .capabilities = capabilities,
                            .page_size = 200};

constexpr std::size_t names_max = 2'000'000;
constexpr std::string_view stages[] = {"accounts", "groups", "members"};

std::string normal(std::string_view dn) {
  return ldap::normal_dn(dn).value_or(std::string(dn));
}

class Ldap final : public Connector {
 public:
  Ldap(std::string source, std::unique_ptr<ldap::Client> client, LdapOptions settings)
      : source_(std::move(source)),
        client_(std::move(client)),
        settings_(std::move(settings)),
        walk_(*client_, settings_.page_size) {}

  Info const& info() const override { return info_of_ldap; }
  std::string_view source() const override { return source_; }

 private:
  Result<Check> do_check(Instant) override {
    Check out;
    out.account = TRY(account());
    auto const root = TRY(root_entry());
    out.version =
        std::string(root.first("vendorname")) + " " + std::string(root.first("vendorversion"));
    out.version = trim(out.version).empty() ? "OpenLDAP" : std::string(trim(out.version));
    for (auto const& one : TRY(do_coverage()))
      if (!one.missing.empty() && std::ranges::find(out.missing, one.missing) == out.missing.end())
        out.missing.push_back(one.missing);
    return out;
  }

  Result<Page> do_enumerate(std::string_view cursor) override {
    auto const at = std::min(cursor.find(':'), cursor.size());
    auto const stage = std::ranges::find(stages, cursor.substr(0, at));
    bool const known = cursor.empty() || (stage != std::end(stages) && at < cursor.size());
    if (!known) return fail(Errc::invalid, "not a cursor of the ldap connector");
    auto const which = cursor.empty() ? 0 : std::size_t(stage - std::begin(stages));
    auto const place = cursor.empty() ? cursor : cursor.substr(at + 1);
    auto const search = TRY(search_of(which));
    auto const entries = TRY_DURING(walk_.page(search, place), needs());
    TRY(account());
    Page page;
    TRY(fill(which, entries, page));
    add_limits(entries, page);
    if (entries.more)
      page.next = std::string(stages[which]) + ":" + walk_.next();
    else if (which + 1 < std::size(stages))
      page.next = std::string(stages[which + 1]) + ":";
    return page;
  }

  Result<Search> search_of(std::size_t stage) {
    Search out;
    out.base = TRY(base());
    out.filter = stage == 0 ? ldap::accounts_filter() : ldap::groups_filter();
    out.attributes = stage == 0 ? ldap::account_attributes() : ldap::group_attributes(stage == 2);
    return out;
  }

  Result<> fill(std::size_t stage, EntryPage const& entries, Page& page) {
    for (auto const& entry : entries.entries) remember(entry.dn, ldap::native_id(entry));
    if (stage == 0) return add_accounts(entries.entries, page);
    for (auto const& entry : entries.entries) {
      if (stage == 2)
        TRY(add_members(entry, page));
      else
        page.observations.insert(page.observations.end(),
                                 {ldap::group(entry), ldap::group_resource(entry)});
    }
    return {};
  }

  Result<> add_accounts(std::vector<Entry> const& entries, Page& page) {
    auto const with_password = TRY(passwords(entries));
    for (auto const& read : entries) {
      auto const entry = TRY(without_our_own_bind(read));
      auto const account = ldap::account(entry, settings_.branches);
      auto const& is_person = std::get<Identity>(account.object).declared_person;
      if (is_person == Known<bool>(true)) TRY(add_person(entry, page));
      page.observations.push_back(account);
      auto const policy = TRY(policy_of(entry));
      bool const present = with_password.contains(ldap::native_id(entry));
      if (auto password = ldap::password(entry, present, policy ? &*policy : nullptr))
        page.observations.push_back(*std::move(password));
      if (auto bind = ldap::last_bind(entry)) page.observations.push_back(*std::move(bind));
    }
    return {};
  }

  /// Our look is itself a bind. Told, it would make the account that looks its own best user, and
  /// two looks at an unchanged directory differ.
  Result<Entry> without_our_own_bind(Entry entry) {
    auto const own = ldap::normal_dn(TRY(account()));
    auto const dn = ldap::normal_dn(entry.dn);
    if (own && dn && *own == *dn)
      std::erase_if(entry.attributes, [](auto const& attribute) {
        return attribute.first == "pwdlastsuccess" || attribute.first == "authtimestamp";
      });
    return entry;
  }

  Result<> add_person(Entry const& entry, Page& page) {
    auto person = ldap::person_of(entry, settings_.branches.leavers);
    if (auto const* dn = std::get_if<std::string>(&person.manager)) {
      auto const id = TRY(id_of(*dn));
      if (id.empty())
        page.gaps.push_back(
            {.object_class = ObjectClass::person,
             .native_id = person.native_id,
             .why = "manager " + *dn + " of " + entry.dn + " is nobody we can see"});
      person.manager = id.empty() ? Known<std::string>(NotReported{}) : id;
    }
    page.observations.push_back({std::move(person), entry.dn});
    return {};
  }

  /// Native ids of those that have a password, as a filter tells it.
  Result<std::set<std::string>> passwords(std::vector<Entry> const& entries) {
    std::set<std::string> out;
    std::string any;
    for (auto const& entry : entries)
      if (auto const uuid = entry.first("entryuuid"); !uuid.empty())
        any += "(entryUUID=" + ldap::filter_escape(uuid) + ")";
    if (any.empty()) return out;
    auto const where = TRY(base());
    auto const found = TRY(client_->search({.base = where,
                                            .filter = "(&(userPassword=*)(|" + any + "))",
                                            .attributes = {"entryUUID"}}));
    for (auto const& entry : found.entries) out.insert(ldap::native_id(entry));
    return out;
  }

  Result<std::optional<ldap::Policy>> policy_of(Entry const& entry) {
    auto dn = std::string(entry.first("pwdpolicysubentry"));
    if (dn.empty()) dn = settings_.default_policy;
    if (dn.empty()) return std::nullopt;
    auto const name = normal(dn);
    if (auto const found = policies_.find(name); found != policies_.end()) return found->second;
    auto const read = TRY(read_entry(dn, "(objectClass=*)", {"objectClass", "pwdMaxAge"}));
    std::optional<ldap::Policy> policy;
    if (read) policy = ldap::policy_of(*read);
    if (policies_.size() < 10'000) policies_[name] = policy;
    return policy;
  }

  Result<> add_members(Entry const& group, Page& page) {
    std::size_t count = 0;
    for (char const* type : {"member", "uniquemember", "roleoccupant"})
      for (auto const& dn : group.all(type)) {
        ++count;
        page.observations.push_back(membership(group, dn, TRY(id_of(dn))));
      }
    for (auto const& uid : group.all("memberuid")) {
      ++count;
      page.observations.push_back(membership(group, "uid=" + uid, TRY(id_of_uid(uid))));
    }
    bool const must_have = group.is("groupOfNames") || group.is("groupOfUniqueNames");
    if (count == 0 && must_have)
      page.gaps.push_back(
          {.object_class = ObjectClass::grant,
           .native_id = ldap::group_name(group),
           .missing = std::string(may_read_members),
           .why = "a group of this class has members, and we see none of " + group.dn});
    return {};
  }

  static Observation membership(Entry const& group, std::string const& member,
                                std::string const& id) {
    auto const name = ldap::group_name(group);
    Grant out{
        .native_id = "member:" + ldap::native_id(group) + ":" + (id.empty() ? normal(member) : id),
        .identity = id,
        .actions = {"member"},
        .resource = name,
        .conditions = None{},
        .until = None{}};
    if (id.empty()) out.unknown_holder = member;
    return {std::move(out), group.dn};
  }

  void remember(std::string const& dn, std::string const& id) {
    if (ids_.size() < names_max) ids_[normal(dn)] = id;
  }

  /// Native id of the account or group of that name; empty: there is none that we see.
  Result<std::string> id_of(std::string const& dn) {
    auto const name = normal(dn);
    if (auto const found = ids_.find(name); found != ids_.end()) return found->second;
    std::string id;
    auto const where = TRY(base());
    if (ldap::is_under(name, normal(where))) {
      auto const filter = "(|" + ldap::accounts_filter() + ldap::groups_filter() + ")";
      if (auto const entry = TRY(read_entry(dn, filter, {"entryUUID"})))
        id = ldap::native_id(*entry);
    }
    remember(dn, id);
    return id;
  }

  Result<std::string> id_of_uid(std::string const& uid) {
    auto const where = TRY(base());
    auto const found = TRY(client_->search(
        {.base = where,
         .filter = "(&(objectClass=posixAccount)(uid=" + ldap::filter_escape(uid) + "))",
         .attributes = {"entryUUID"},
         .size = 2}));
    return found.entries.size() == 1 ? ldap::native_id(found.entries.front()) : std::string();
  }

  Result<std::optional<Entry>> read_entry(std::string const& dn, std::string const& filter,
                                          std::vector<std::string> attributes) {
    auto found = client_->search({.base = dn,
                                  .filter = filter,
                                  .attributes = std::move(attributes),
                                  .depth = ldap::Depth::base});
    if (!found && (found.error().code() == Errc::not_found || found.error().code() == Errc::denied))
      return std::nullopt;
    auto page = TRY(std::move(found));
    if (page.entries.empty()) return std::nullopt;
    return std::move(page.entries.front());
  }

  /// Our DN as it stands in single quotes of a shell.
  std::string pasteable() const {
    std::string out;
    for (char const c : own_) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out;
  }

  void add_limits(EntryPage const& entries, Page& page) const {
    for (auto const& url : entries.referrals)
      page.gaps.push_back(
          {.object_class = identity,
           .native_id = shortened(clean_utf8(url), 200),
           .why = "a referral that is not followed: " + shortened(clean_utf8(url), 200),
           .fix = "reeve source add ldap --url " + shell_quote(shortened(clean_utf8(url), 200))});
    if (!entries.cut) return;
    for (auto const at : {identity, grant})
      page.gaps.push_back({.object_class = at,
                           .why = "the server's size limit ended the list",
                           .fix = fill_in(lift_limit, pasteable(), "")});
  }

  Result<std::vector<Coverage>> do_coverage() override {
    using enum CoverageState;
    TRY_DURING(account(), needs());
    auto const account_dn = pasteable();
    std::vector<Coverage> out;
    for (auto const at : {person, identity, resource, grant, credential, usage})
      out.push_back({.object_class = at, .state = complete});
    auto const lack = [&](ObjectClass at, std::string_view permission, std::string reason) {
      auto& one = *std::ranges::find(out, at, &Coverage::object_class);
      one.state = partial;
      one.missing = permission;
      one.reason = std::move(reason);
      one.fix = fill_in(find_permission(info(), permission)->fix, account_dn, "");
    };
    if (!TRY(sees("(objectClass=*)", "createTimestamp")))
      lack(identity, may_read, "operational attributes of entries are hidden");
    if (TRY(any("(objectClass=groupOfNames)")) &&
        !TRY(sees("(objectClass=groupOfNames)", "member")))
      lack(grant, may_read_members, "members of groups are hidden");
    auto const shows_state = TRY(sees("(pwdChangedTime=*)", "pwdChangedTime"));
    if (!shows_state && TRY(has_policies()))
      lack(credential, may_read_state,
           "when passwords were set is hidden, or none was since ppolicy is there");
    if (!TRY(tests_passwords()))
      lack(credential, may_test_password, "whether an account has a password cannot be tested");
    if (!TRY(sees("(pwdLastSuccess=*)", "pwdLastSuccess")) &&
        !TRY(sees("(authTimestamp=*)", "authTimestamp")))
      lack(usage, may_read_binds, "last binds are hidden, or not kept (lastbind is off)");
    return out;
  }

  /// An entry other than our own that matches `filter`.
  std::string others(std::string const& filter) {
    return own_.empty() ? filter
                        : "(&" + filter + "(!(entryDN=" + ldap::filter_escape(own_) + ")))";
  }

  Result<bool> any(std::string const& filter) {
    auto const where = TRY(base());
    auto const found = TRY(client_->search(
        {.base = where, .filter = others(filter), .attributes = {"1.1"}, .size = 1}));
    return !found.entries.empty();
  }

  /// `type` of such an entry can be read.
  Result<bool> sees(std::string const& filter, std::string const& type) {
    auto const where = TRY(base());
    auto const found = TRY(client_->search(
        {.base = where, .filter = others(filter), .attributes = {type}, .size = 5}));
    return std::ranges::any_of(
        found.entries, [&](Entry const& entry) { return !entry.first(lower(type)).empty(); });
  }

  Result<bool> tests_passwords() {
    if (TRY(any("(objectClass=simpleSecurityObject)")))
      return any("(&(objectClass=simpleSecurityObject)(userPassword=*))");
    return any("(userPassword=*)");
  }

  Result<bool> has_policies() {
    auto const root = TRY(root_entry());
    auto const& controls = root.all("supportedcontrol");
    return std::ranges::find(controls, "1.3.6.1.4.1.42.2.27.8.5.1") != controls.end();
  }

  Result<Entry> root_entry() {
    auto const root =
        TRY(read_entry("", "(objectClass=*)",
                       {"namingContexts", "supportedControl", "vendorName", "vendorVersion"}));
    if (!root) return fail(Errc::denied, needs() + ": the root entry is hidden");
    return *root;
  }

  /// Our DN; empty: anonymous.
  Result<std::string> account() {
    if (own_known_) return own_;
    auto who = TRY(client_->who_am_i());
    own_ = who.starts_with("dn:") ? who.substr(3) : std::string();
    own_known_ = true;
    return own_;
  }

  Result<std::string> base() {
    if (!settings_.base.empty()) return settings_.base;
    auto const root = TRY_DURING(root_entry(), needs());
    for (auto const& context : root.all("namingcontexts"))
      if (!lower(context).starts_with("cn=")) return settings_.base = context;
    return fail(Errc::invalid, "the server names no directory: set base");
  }

  static std::string needs() { return "needs " + std::string(may_read); }

  std::string source_;
  std::unique_ptr<ldap::Client> client_;
  LdapOptions settings_;
  ldap::Walk walk_;
  std::string own_;
  bool own_known_ = false;
  // What was looked up; a new object looks it up again.
  std::map<std::string, std::string> ids_;
  std::map<std::string, std::optional<ldap::Policy>> policies_;
};

Result<std::vector<std::string>> branches_of(Settings const& settings, std::string_view name) {
  std::vector<std::string> out;
  for (auto const dn : split(settings.text(name), ';'))
    if (!trim(dn).empty()) out.push_back(TRY_DURING(ldap::normal_dn(dn), std::string(name)));
  return out;
}

Result<LdapOptions> options_of(Settings const& settings) {
  LdapOptions out{.base = std::string(settings.text("base"))};
  out.default_policy = settings.text("default_policy");
  out.branches.services = TRY(branches_of(settings, "services"));
  out.branches.people = TRY(branches_of(settings, "people"));
  out.branches.leavers = TRY(branches_of(settings, "leavers"));
  out.page_size = int(std::clamp<std::int64_t>(settings.number("page_size"), 1, 1000));
  return out;
}

}  // namespace

Info const& ldap_info() {
  return info_of_ldap;
}

std::unique_ptr<Connector> make_ldap(std::string source, std::unique_ptr<ldap::Client> client,
                                     LdapOptions chosen) {
  return std::make_unique<Ldap>(std::move(source), std::move(client), std::move(chosen));
}

Kind ldap_kind() {
  auto make = [](std::string source, Settings const& settings,
                 Fingerprint const&) -> Result<std::unique_ptr<Connector>> {
    ldap::Server server{.url = std::string(settings.text("url"))};
    server.bind_dn = settings.text("bind_dn");
    server.password = settings.secret("password").copy();
    server.start_tls = settings.yes("start_tls");
    server.plaintext = settings.yes("plaintext");
    server.ca_file = settings.text("ca_file");
    server.timeout = settings.duration("timeout");
    auto chosen = TRY(options_of(settings));
    auto client = TRY_DURING(ldap::connect(server), "connect to " + source);
    return make_ldap(std::move(source), std::move(client), std::move(chosen));
  };
  return {info_of_ldap, std::move(make), {}};
}

}  // namespace reeve::connect
