// The command line as a table of verbs. Help is part of the product: every verb says what it does
// in a sentence and shows an example.

#include "cli/cli.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/audit.hpp"
#include "cli/completion.hpp"
#include "cli/docs.hpp"
#include "cli/fix.hpp"
#include "cli/policy_ask.hpp"
#include "cli/policy_put.hpp"
#include "cli/policy_verbs.hpp"
#include "cli/version.hpp"
#include "inventory/list.hpp"
#include "pdp/actions.hpp"

namespace reeve::cli {
namespace {

std::vector<std::string> role_names() {
  std::vector<std::string> out;
  for (auto const& role : pdp::roles) out.emplace_back(role.name);
  return out;
}

/// The parser and what the chosen verb will do.
class Program {
 public:
  explicit Program(discover::Kinds kinds)
      : app_("Finds every identity that is not a person, judges it, fixes it.") {
    context_.kinds = kinds;
    context_.environment = [](std::string const& name) -> std::optional<std::string> {
      char const* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): no setenv
      return value ? std::optional<std::string>(value) : std::nullopt;
    };
    context_.now = system_now;
    globals();
    look();
    lists();
    people();
    leave();
    decide();
    change();
    raw();
    audit();
    policy();
    rest();
  }

  int run(int argc, char const* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);  // --help, --version
      std::fprintf(stderr, "reeve: %s\nsee: reeve --help\n", printable(error.what()).c_str());
      return int(Exit::usage);
    }
    if (!work_) {
      std::fputs(app_.help().c_str(), stdout);
      return int(Exit::done);
    }
    auto const ready = configure();
    if (!ready) {
      std::fprintf(stderr, "reeve: %s\n", printable(ready.error().to_string()).c_str());
      return int(exit_of(ready.error()));
    }
    auto const done = work_(context_);
    if (done) return int(*done);
    std::fprintf(stderr, "reeve: %s\n", printable(done.error().to_string()).c_str());
    return int(exit_of(done.error()));
  }

 private:
  /// What the command line leaves open comes from environment and file. Verbs that help somebody
  /// with a broken file do not read it.
  Result<> configure() {
    auto const* finding = app_.get_subcommand("finding");
    bool const tools = context_.format == Format::sarif || context_.format == Format::ocsf;
    if (tools && !(finding->parsed() && finding->got_subcommand("list")))
      return fail(Errc::invalid, "--output sarif and ocsf are for `reeve finding list`");
    if (context_.format == Format::junit && !app_.got_subcommand("policy"))
      return fail(Errc::invalid, "--output junit is for `reeve policy`");
    for (auto const* name : {"completion", "docs", "man"})
      if (app_.got_subcommand(name)) return {};
    if (explain_config_->parsed()) return {};
    context_.config = TRY(server::Config::load(config_, context_.environment));
    if (context_.store.empty()) context_.store = context_.config.text("store");
    if (context_.rules.empty()) context_.rules = context_.config.text("rules");
    return {};
  }

  CLI::App* verb(CLI::App& under, std::string const& name, std::string const& text, Work work) {
    auto* out = under.add_subcommand(name, text);
    out->callback([this, work = std::move(work)] { work_ = work; });
    return out;
  }
  CLI::App* group(std::string const& name, std::string const& text) {
    auto* out = app_.add_subcommand(name, text);
    out->require_subcommand(1);
    return out;
  }
  /// A value that lives as long as the parser that fills it in.
  template <class T>
  T& value(T initial = {}) {
    auto const made = std::make_shared<T>(std::move(initial));
    kept_.push_back(made);
    return *made;
  }

  /// Options that go with every verb. Verbs fall through to the program's own; those that take the
  /// options of a kind cannot, so they have them as well.
  void common(CLI::App& app) {
    app.add_option("--store", context_.store,
                   "sqlite:///FILE.db or postgres://…; default: the XDG state folder")
        ->envname("REEVE_STORE");
    app.add_option("--config", config_, "Configuration file; see reeve config explain")
        ->envname("REEVE_CONFIG");
    app.add_option("--rules", context_.rules, "Folder with rules of your own")
        ->envname("REEVE_RULES");
    app.add_option_function<std::string>(
           "--output",
           [this](std::string const& word) {
             context_.format = word == "json"    ? Format::json
                               : word == "csv"   ? Format::csv
                               : word == "sarif" ? Format::sarif
                               : word == "ocsf"  ? Format::ocsf
                               : word == "junit" ? Format::junit
                                                 : Format::table;
           },
           "table, json or csv; finding list: also sarif, ocsf; policy: also junit")
        ->check(CLI::IsMember({"table", "json", "csv", "sarif", "ocsf", "junit"}));
    app.add_flag("--quiet,-q", context_.quiet, "No progress");
  }
  void with_kind_options(CLI::App* verb) {
    verb->allow_extras();
    verb->fallthrough(false);
    common(*verb);
    verb->footer("Options of a kind: reeve source kinds KIND");
  }

  void globals() {
    app_.name("reeve");
    app_.set_version_flag("--version", std::string(version));
    common(app_);
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    app_.footer(
        "Exit codes: 0 done, 1 findings at or over --fail-on, 2 usage or configuration,\n"
        "3 partial coverage under --strict, 4 denied, 5 our fault.\n\n"
        "First look:   reeve up\n"
        "One image:    reeve --store sqlite://./look.db discover host --root DIR\n"
        "A database:   reeve discover postgres --url-env PGURL");
  }

  void judged(CLI::App* verb, std::string& fail_on, bool& strict) {
    verb->add_option("--fail-on", fail_on,
                     "Exit 1 when a finding of this severity or a higher one is open")
        ->check(CLI::IsMember({"low", "medium", "high", "critical"}));
    verb->add_flag("--strict", strict, "Exit 3 when something could not be seen");
  }

  void look() {
    auto& u = value<UpOptions>();
    auto* up =
        verb(app_, "up", "Look at this host and all sources, show the first screen, then serve",
             [&u](Context const& c) { return cli::up(c, u); });
    up->add_flag("--once", u.once, "Do not serve afterwards");
    up->add_option("--people", u.people, "CSV, LDIF or SCIM file of persons");
    up->add_option("--listen", u.listen, "ADDRESS:PORT of the API");
    judged(up, u.fail_on, u.strict);

    auto& s = value<std::string>();
    verb(app_, "serve", "Serve the API on a unix socket and on loopback", [&s](Context const& c) {
      return cli::serve(c, s);
    })->add_option("--listen", s, "ADDRESS:PORT");

    auto& d = value<DiscoverOptions>();
    auto* discover =
        verb(app_, "discover", "Look at sources: those that are configured, or one on the spot",
             [this, &d](Context const& c) { return on_the_spot(c, d); });
    discover->add_option("--name", d.name, "Name of a source given on the spot");
    discover->add_option("--people", d.people, "CSV, LDIF or SCIM file of persons to read as well");
    with_kind_options(discover);
    discover->footer(
        "reeve discover [SOURCE…] | KIND [--option value…]\n"
        "Without a source: all that are configured.");
    judged(discover, d.fail_on, d.strict);
    discover_ = discover;

    auto* source = group("source", "Where to look");
    auto& add = value<DiscoverOptions>();
    auto* adding = verb(*source, "add", "Add a source: reeve source add NAME KIND --option value",
                        [this, &add](Context const& c) { return add_source(c, add); });
    adding->add_option("name", add.name, "Its name")->required();
    adding->add_option("kind", add.kind, "Its kind")->required();
    with_kind_options(adding);
    adding_ = adding;
    verb(*source, "list", "Sources there are",
         [](Context const& c) { return get(c, "/v1/source-configs", "source-configs"); });
    one_name(*source, "test", "Log in: who we are there, and what we may not see",
             [](Context const& c, std::string const& name) {
               return post(c, "POST", "/v1/source-configs/" + url_escape(name) + "/check", Json());
             });
    one_name(*source, "remove", "Forget how to reach a source",
             [](Context const& c, std::string const& name) {
               return post(c, "DELETE", "/v1/source-configs/" + url_escape(name), Json());
             });
    auto& kind = value<std::string>();
    verb(*source, "kinds", "Kinds of sources, their options and the rights they need",
         [&kind](Context const& c) { return source_help(c, kind); })
        ->add_option("kind", kind, "One kind");
  }

  using WithName = std::function<Result<Exit>(Context const&, std::string const&)>;
  CLI::App* one_name(CLI::App& under, std::string const& name, std::string const& text,
                     WithName const& work, std::string const& what = "name") {
    auto& given = value<std::string>();
    auto* out =
        verb(under, name, text, [&given, work](Context const& c) { return work(c, given); });
    out->add_option(what, given)->required();
    return out;
  }

  void list_verb(CLI::App& under, std::string const& table, std::string const& text) {
    auto& options = value<ListOptions>({.table = table});
    auto* out =
        verb(under, "list", text, [&options](Context const& c) { return cli::list(c, options); });
    std::string filters, sorts;
    for (auto const name : inventory::list_filters(table))
      filters += (filters.empty() ? "" : ", ") + std::string(name);
    for (auto const name : inventory::list_sorts(table))
      sorts += (sorts.empty() ? "" : ", ") + std::string(name);
    out->add_option("filters", options.filters, "FIELD=VALUE; fields: " + filters);
    out->add_option("--sort", options.sort, sorts);
    out->add_option("--limit", options.limit, "Rows of a page, at most 1000");
    out->add_option("--cursor", options.cursor, "Where the page before ended");
    out->add_flag("--all", options.all, "Every page");
  }

  void lists() {
    struct Verb {
      std::string name, table, text;
      bool show;
    };
    for (auto const& v : std::initializer_list<Verb>{
             {"identity", "identities", "Accounts, roles, agents, certificates", true},
             {"credential", "credentials", "What identities authenticate with", true},
             {"finding", "findings", "What is wrong", true},
             {"owner", "owners", "Who answers for identities", false},
             {"resource", "resources", "What is protected", true},
             {"grant", "grants", "What identities may do", false},
             {"sighting", "sightings", "Where credentials were seen", false},
             {"consumer", "consumers", "What uses identities and credentials", false},
             {"usage", "usage", "Use, by the hour", false},
             {"coverage", "coverage", "What could and could not be seen", false},
             {"run", "runs", "Runs that changed the estate", false}}) {
      auto* under = group(v.name, v.text);
      groups_[v.name] = under;
      list_verb(*under, v.table, "List " + v.table);
      if (v.show)
        one_name(
            *under, "show", "One of them",
            [table = v.table](Context const& c, std::string const& id) {
              return cli::show(c, table, id);
            },
            "id");
    }
    one_name(*groups_["identity"], "explain",
             "Its class with the scorecard, and all that is known of it", explain_identity, "id");
    one_name(
        *groups_["credential"], "cluster", "Everywhere the same credential was seen",
        [](Context const& c, std::string const& id) {
          return get(c, "/v1/clusters/" + url_escape(id), "clusters");
        },
        "id");
    one_name(*groups_["finding"], "explain", "The finding, its evidence and its rule",
             explain_finding, "id");
  }

  void people() {
    one_name(
        app_, "history", "Since when an object is as it is, who said so, what it said before",
        [](Context const& c, std::string const& id) {
          return get(c, "/v1/objects/" + url_escape(id) + "/history", "history");
        },
        "id");
    auto* person = groups_["person"] = group("person", "Persons, and what depends on them");
    list_verb(*person, "persons", "List persons");
    one_name(
        *person, "show", "One person",
        [](Context const& c, std::string const& id) { return cli::show(c, "persons", id); }, "id");
  }

  void leave() {
    one_name(
        *groups_["person"], "leave",
        "What would break if she left tonight, what she could still use, what to do first",
        [](Context const& c, std::string const& id) { return person_leave(c, id); }, "id")
        ->add_flag("--what-if", what_if_, "Only looks, which is all it ever does");
  }

  void decide() {
    struct Accept {
      std::string id, reason, until;
    };
    auto& a = value<Accept>();
    auto* accept = verb(*groups_["finding"], "accept",
                        "Accept a finding until a day, with a reason", [&a](Context const& c) {
                          return post(c, "POST", "/v1/findings/" + url_escape(a.id) + "/accept",
                                      Json().add("reason", a.reason).add("until", a.until));
                        });
    accept->add_option("id", a.id)->required();
    accept->add_option("--reason", a.reason)->required();
    accept->add_option("--until", a.until, "RFC 3339: 2027-01-31T00:00:00Z")->required();

    struct Owner {
      std::string identity, person, role = "owner";
    };
    for (auto const* state : {"accept", "decline", "assign"}) {
      auto& o = value<Owner>();
      std::string const word(state), done = word == "assign"   ? "assigned"
                                            : word == "accept" ? "accepted"
                                                               : "declined";
      auto* owner =
          verb(*groups_["owner"], word, "Say that a person is, or is not, the owner",
               [&o, done](Context const& c) {
                 return post(c, "POST", "/v1/identities/" + url_escape(o.identity) + "/owners",
                             Json().add("person", o.person).add("state", done).add("role", o.role));
               });
      owner->add_option("identity", o.identity, "nhi_7")->required();
      owner->add_option("person", o.person, "per_2")->required();
      owner->add_option("--role", o.role, "owner, sponsor or reviewer");
    }

    struct Mark {
      std::string pattern, sensitivity, reason;
    };
    auto& m = value<Mark>();
    auto* mark = verb(*groups_["resource"], "mark", "Say how sensitive resources are",
                      [&m](Context const& c) {
                        return post(c, "POST", "/v1/resource-marks",
                                    Json()
                                        .add("pattern", m.pattern)
                                        .add("sensitivity", m.sensitivity)
                                        .add("reason", m.reason));
                      });
    mark->add_option("pattern", m.pattern, "Names, with * and ?")->required();
    mark->add_option("--sensitivity", m.sensitivity)
        ->required()
        ->check(CLI::IsMember({"critical", "high", "normal"}));
    mark->add_option("--reason", m.reason);

    struct Split {
      std::string member, cluster;
    };
    auto& s = value<Split>();
    auto* split =
        verb(*groups_["credential"], "split",
             "Say that it is not the same as the others of its cluster", [&s](Context const& c) {
               return post(c, "POST", "/v1/cluster-splits",
                           Json().add("member", s.member).add("cluster", s.cluster));
             });
    split->add_option("member", s.member, "cred_3 or sgt_9")->required();
    split->add_option("cluster", s.cluster, "Name of the new cluster")->required();
  }

  void change() {
    auto& f = value<FixOptions>();
    auto* fix = verb(app_, "fix", "Preview what mends a finding; --apply does it",
                     [&f](Context const& c) { return cli::fix(c, f); });
    fix->add_option("finding", f.finding, "fnd_3")->required();
    fix->add_flag("--apply", f.apply,
                  "Do it: what was previewed, unless --kind or --with ask anew");
    fix->add_option("--kind", f.kind,
                    "Another way than the rule's: file_mode, authorized_key, authorized_key_from, "
                    "postgres_nologin, postgres_expiry, assign_owner");
    fix->add_option("--with", f.with,
                    "NAME=VALUE: networks=10.0.0.0/8, until=30d, sessions=end, person=per_2")
        ->allow_extra_args(false);
    fix->footer("Example: reeve fix fnd_3, then reeve fix fnd_3 --apply, then reeve undo pln_1");
    one_name(
        app_, "undo", "Take back what a plan changed",
        [](Context const& c, std::string const& id) { return act_on_plan(c, "undo", id); }, "plan");
    auto* plan = group("plan", "Plans: changes that were previewed, done, taken back");
    verb(*plan, "list", "Plans, newest first", list_plans);
    one_name(*plan, "show", "One plan, its steps and what became of them", show_plan, "plan");
    one_name(
        *plan, "apply", "Do what was previewed, or go on with a plan that failed",
        [](Context const& c, std::string const& id) { return act_on_plan(c, "apply", id); },
        "plan");
    one_name(
        *plan, "give-up", "End a plan whose outcome cannot be seen any more",
        [](Context const& c, std::string const& id) { return act_on_plan(c, "give-up", id); },
        "plan");
  }

  void raw() {
    one_name(
        app_, "diff", "What appeared, changed and vanished since a run",
        [](Context const& c, std::string const& since) {
          return get(c, "/v1/diff?since=" + url_escape(since), "diff");
        },
        "since");
    struct Sql {
      std::string text;
      std::int64_t rows = 10'000;
    };
    auto& q = value<Sql>();
    auto* sql =
        verb(app_, "sql", "Query the documented views: reeve sql 'select name from v_identity'",
             [&q](Context const& c) { return query(c, q.text, q.rows); });
    sql->add_option("query", q.text)->required();
    sql->add_option("--rows-max", q.rows);
    auto& file = value<std::string>();
    verb(app_, "export", "The whole estate as JSON", [&file](Context const& c) {
      return save(c, "/v1/export", file);
    })->add_option("--file", file, "Write it there, for you alone to read");
    auto& page = value<std::string>();
    verb(app_, "report", "The estate as one HTML page, with pictures", [&page](Context const& c) {
      return save(c, "/v1/report", page);
    })->add_option("--file", page, "Write it there, for you alone to read");
    auto* rule = group("rule", "Rules of posture");
    verb(*rule, "list", "Rules there are",
         [](Context const& c) { return get(c, "/v1/rules", "rules"); });
    one_name(*rule, "explain", "Why, how it judges, what to do, by example", explain_rule, "id");
    auto& folder = value<std::string>();
    verb(*rule, "test", "Run the fixtures of rules", [&folder](Context const& c) {
      return test_rules(c, folder);
    })->add_option("folder", folder, "Rules of your own; default: those built in");
  }

  void audit() {
    auto* log = group("audit", "The log of what was done");
    auto& o = value<AuditOptions>();
    auto const range = [&o](CLI::App* verb) {
      verb->add_option("--from", o.from, "First entry, counted from 0");
      verb->add_option("--count", o.count, "How many; default: to the end");
    };
    auto* verify = verb(*log, "verify", "Prove the log offline; names the first tampered entry",
                        [&o](Context const& c) { return audit_verify(c, o); });
    range(verify);
    verify->add_option("--folder", o.folder, "An exported log; default: that of the store");
    verify->add_option("--key", o.key, "Key to verify with, as reeve audit key prints it");
    verify->add_option("--known", o.known, "File with a checkpoint seen before");
    verb(*log, "key", "The public key of the log, to keep elsewhere",
         [](Context const& c) { return audit_key(c); });
    auto* out = verb(*log, "export", "Copy what proves a range of entries",
                     [&o](Context const& c) { return audit_export(c, o); });
    range(out);
    out->add_option("folder", o.target, "A folder that is not there yet")->required();
    range(verb(*log, "list", "Entries", [&o](Context const& c) { return audit_list(c, o); }));
  }

  void policy() {
    auto* under = group("policy", "Cedar policies, offline: 0 good or permit, 1 no, 2 unreadable");
    add_policy_verbs(*under, [this](Work work) { work_ = std::move(work); });
    ask(*under);
    served_policies(*under);
  }

  void ask(CLI::App& under) {
    auto& o = value<AskOptions>();
    auto* ask = verb(under, "ask", "Ask a policy domain: 0 permit, 1 deny",
                     [&o](Context const& c) { return policy_ask(c, o); });
    ask->add_option("subject", o.subject, "TYPE:ID")->required();
    ask->add_option("action", o.action)->required();
    ask->add_option("resource", o.resource, "TYPE:ID")->required();
    ask->add_option("--domain", o.domain, "Whose policies; default: the domain default, else ours");
    ask->add_option("--subject-properties", o.subject_properties, "JSON object");
    ask->add_option("--resource-properties", o.resource_properties, "JSON object");
    ask->add_option("--action-properties", o.action_properties, "JSON object");
    ask->add_option("--context", o.context, "JSON object");
    auto& name = value<std::string>();
    verb(under, "domain", "Policy domains; of one also what runs in its shadow",
         [&name](Context const& c) { return policy_domain(c, name); })
        ->add_option("name", name);
  }

  // Those that decide in the server, or in this process when none runs.
  void served_policies(CLI::App& under) {
    verb(under, "list", "Versions of the policies in force, newest first",
         [](Context const& c) { return get(c, "/v1/policy-versions", "policy-versions"); });
    verb(under, "show", "The policies in force",
         [](Context const& c) { return get(c, "/v1/policies", ""); });
    verb(under, "schema", "The Cedar schema that they are checked against",
         [](Context const& c) { return save(c, "/v1/policies/schema", ""); });
    auto& o = value<PutOptions>();
    auto* put = verb(under, "put", "Check a folder of *.cedar files and put it in force",
                     [&o](Context const& c) { return policy_put(c, o); });
    put->add_option("folder", o.folder)->required();
    put->add_option("--note", o.note, "Why, for the list of versions");
    put->add_option("--mode", o.mode, "enforce; shadow: only count what it would decide; check")
        ->check(::CLI::IsMember({"enforce", "shadow", "check"}));
    put->footer("Example: reeve policy put /etc/reeve/policies --mode shadow");
    one_name(
        under, "rollback", "Enforce a kept version, or the shipped policies: pol_3, shipped",
        [](Context const& c, std::string const& id) {
          return post(c, "POST", "/v1/policy-versions/" + url_escape(id) + "/activate", Json());
        },
        "version");
    verb(under, "shadow", "How the policies in the shadow would have decided",
         [](Context const& c) { return get(c, "/v1/policies/shadow", ""); });
    auto& count = value<int>(100);
    verb(under, "decisions", "The newest decisions, as OPA logs them", [&count](Context const& c) {
      return save(c, "/v1/decisions?count=" + std::to_string(count), "");
    })->add_option("--count", count, "At most 10000");
  }

  void rest() {
    auto* token = group("token", "API tokens");
    verb(*token, "list", "Tokens there are",
         [](Context const& c) { return get(c, "/v1/tokens", "tokens"); });
    struct Token {
      std::string name, role = "reader", until;
    };
    auto& t = value<Token>();
    auto* create =
        verb(*token, "create", "Make a token; its secret is shown once", [&t](Context const& c) {
          return post(c, "POST", "/v1/tokens",
                      Json().add("name", t.name).add("role", t.role).add("until", t.until));
        });
    create->add_option("name", t.name)->required();
    create->add_option("--role", t.role)->check(CLI::IsMember(role_names()));
    create->add_option("--until", t.until, "RFC 3339")->required();
    one_name(
        *token, "revoke", "Revoke a token",
        [](Context const& c, std::string const& id) {
          return post(c, "DELETE", "/v1/tokens/" + url_escape(id), Json());
        },
        "id");
    auto* config = group("config", "What can be set, and what is");
    explain_config_ = verb(*config, "explain", "Every key of the configuration", explain_config);
    verb(*config, "show", "What holds, and where it was said", show_config);
    auto& shell = value<std::string>();
    verb(app_, "completion", "Completion script: bash, zsh or fish",
         [this, &shell](Context const&) -> Result<Exit> {
           auto const script = TRY(completion(app_, shell));
           TRY(print(script));
           return Exit::done;
         })
        ->add_option("shell", shell)
        ->required();
    struct Docs {
      std::string page, into;
    };
    auto& pages = value<Docs>();
    auto* docs = verb(app_, "docs", "Pages about what this program can do, made from itself",
                      [this, &pages](Context const& c) -> Result<Exit> {
                        auto const all = TRY(doc_pages(app_, c.kinds));
                        if (!pages.into.empty()) TRY(write_docs(all, pages.into));
                        if (!pages.into.empty()) return Exit::done;
                        auto const one = TRY(one_doc(all, pages.page));
                        TRY(print(one));
                        return Exit::done;
                      });
    docs->add_option("page", pages.page, "One of them: api (as OpenAPI), cli, rules/N1-04 …");
    docs->add_option("--into", pages.into, "Write all of them below this folder");
    verb(app_, "man", "The manual page, in roff", [this](Context const&) -> Result<Exit> {
      TRY(print(manual(app_)));
      return Exit::done;
    });
  }

  /// "--url-env PGURL" is option url_env of the kind; "--flag" alone is true.
  static Result<std::map<std::string, std::string>> kind_options(
      std::vector<std::string> const& extras) {
    std::map<std::string, std::string> out;
    for (std::size_t n = 0; n < extras.size(); ++n) {
      if (!extras[n].starts_with("--"))
        return fail(Errc::invalid,
                    "\"" + extras[n] + "\" is no option; options look like --root DIR");
      auto name = extras[n].substr(2);
      auto const sign = name.find('=');
      std::string given = "true";
      if (sign != name.npos) {
        given = name.substr(sign + 1);
        name.resize(sign);
      } else if (n + 1 < extras.size() && !extras[n + 1].starts_with("--")) {
        given = extras[++n];
      }
      for (auto& c : name) c = c == '-' ? '_' : c;
      out[name] = given;
    }
    return out;
  }

  /// Words before the first option are sources, or one kind that is looked at on the spot.
  Result<Exit> on_the_spot(Context const& context, DiscoverOptions options) {
    auto given = discover_->remaining();
    auto const first =
        std::ranges::find_if(given, [](auto const& w) { return w.starts_with("--"); });
    options.sources.assign(given.begin(), first);
    options.options = TRY(kind_options({first, given.end()}));
    auto const kind = options.sources.size() == 1
                          ? discover::find_kind(context.kinds, options.sources.front())
                          : fail(Errc::not_found, "");
    if (kind) {
      options.kind = options.sources.front();
      options.sources.clear();
    } else if (!options.options.empty()) {
      return fail(Errc::invalid, "options go with one kind: reeve discover host --root DIR");
    }
    return cli::discover(context, options);
  }

  Result<Exit> add_source(Context const& context, DiscoverOptions const& add) {
    Json options{Json::Object{}};
    for (auto const& [key, given] : TRY(kind_options(adding_->remaining())))
      options.add(key, given);
    return post(
        context, "POST", "/v1/source-configs",
        Json().add("name", add.name).add("kind", add.kind).add("options", std::move(options)));
  }

  CLI::App app_;
  Context context_;
  Work work_;
  std::map<std::string, CLI::App*> groups_;
  std::string config_;  ///< --config.
  CLI::App* explain_config_ = nullptr;
  CLI::App* discover_ = nullptr;
  CLI::App* adding_ = nullptr;
  bool what_if_ = true;
  std::vector<std::shared_ptr<void>> kept_;
};

}  // namespace

int run(int argc, char const* const* argv, discover::Kinds kinds) {
  return Program(kinds).run(argc, argv);
}

}  // namespace reeve::cli
