// The command line of `reeve policy`. Files without a server: everything here can run in CI.

#include "cli/policy_verbs.hpp"

#include <CLI/CLI.hpp>

#include "cli/policy.hpp"

namespace reeve::cli {
namespace {

class Verbs {
 public:
  Verbs(CLI::App& policy, std::function<void(Work)> chosen)
      : policy_(policy), chosen_(std::move(chosen)) {}

  void check() {
    auto const [verb, o] = add("check", "Parse; every mistake as FILE:LINE:COLUMN", policy_check);
    files(*verb, *o);
  }
  void fmt() {
    auto const [verb, o] = add("fmt", "Write the files in the one layout", policy_fmt);
    files(*verb, *o);
    verb->add_flag("--check", o->check, "Change nothing; exit 1 when something would");
  }
  void validate() {
    auto const [verb, o] = add("validate", "Check against a schema", policy_validate);
    files(*verb, *o);
    verb->add_option("--schema", o->schema, "Schema, in either form")->required();
    verb->add_flag("--permissive", o->permissive, "Allow what strict validation refuses");
  }
  void evaluate() {
    auto const [verb, o] = add("evaluate", "Decide one request", policy_evaluate);
    question(*verb, *o);
  }
  void explain() {
    auto const [verb, o] =
        add("explain", "Decide one request and say why, and what a deny lacks", policy_explain);
    question(*verb, *o);
    verb->add_option("--near-misses", o->near_misses, "How many permits that nearly hold to show");
    verb->footer(
        "Example: reeve policy explain agents.cedar --entities world.json --principal "
        "'Agent::\"ann\"' \\\n           --action 'Action::\"call\"' --resource 'Tool::\"db\"' "
        "--context context.json");
  }
  void test() {
    auto const [verb, o] =
        add("test", "Run case files: requests with the answer each has to get", policy_test);
    verb->add_option("files", o->files, "Case files, in YAML")->required();
    verb->footer(
        "A case file, to keep beside its policies:\n"
        "  policies: [agents.cedar]\n"
        "  entities: entities.json\n"
        "  cases:\n"
        "    - name: a web agent calls the database\n"
        "      principal: Agent::\"ann\"\n"
        "      action: Action::\"call\"\n"
        "      resource: Tool::\"db\"\n"
        "      context: {attest: {level: 2}}\n"
        "      expect: allow          # deny, or forbidden or not_permitted\n"
        "      reasons: [call-tools]  # exactly these policies decided");
  }
  void replay() {
    auto const [verb, o] =
        add("replay", "A log of decisions against other policies: what flips", policy_replay);
    verb->add_option("log", o->log, "NDJSON; - for standard input")->required();
    verb->add_option("--policies", o->policies, "The candidate's files")->required();
    verb->add_option("--links", o->links, "JSON list of {newId, templateId, values}");
    world(*verb, *o);
    verb->footer(
        "A line of the log:\n"
        "  {\"principal\": {\"type\": \"Agent\", \"id\": \"ann\"}, \"action\": {…}, \"resource\": "
        "{…},\n   \"context\": {…}, \"decision\": \"allow\", \"entities\": \"sha256:…\"}\n"
        "`entities` is optional: the SHA-256 of the entities file; lines of another are left out.");
  }
  void diff() {
    auto const [verb, o] = add(
        "diff", "Which policies differ, and which answers to the requests of a log", policy_diff);
    verb->add_option("--before", o->before, "Files of the one set")->required();
    verb->add_option("--after", o->policies, "Files of the other")->required();
    verb->add_option("--links-before", o->links_before, "JSON list of template links");
    verb->add_option("--links-after", o->links, "JSON list of template links");
    verb->add_option("--requests", o->log, "NDJSON as for replay; decisions are not needed");
    world(*verb, *o);
  }
  void search() {
    auto const [verb, o] =
        add("search", "Who can do what: give two of principal, action and resource", policy_search);
    files(*verb, o->base);
    verb->add_option("--links", o->base.links, "JSON list of {newId, templateId, values}");
    world(*verb, o->base);
    verb->add_option("--principal", o->base.principal, "As Type::\"id\"");
    verb->add_option("--action", o->base.action, "As Action::\"id\"");
    verb->add_option("--resource", o->base.resource, "As Type::\"id\"");
    verb->add_option("--context", o->base.context, "JSON file; default: empty");
    verb->add_option("--type", o->type, "Of what is searched; default: every type");
    verb->add_option("--after", o->after, "Go on behind this id");
    verb->add_option("--limit", o->limit, "At most so many of each type");
    verb->footer(
        "Example: reeve policy search agents.cedar --entities world.json --action "
        "'Action::\"call\"' --resource 'Tool::\"db\"'");
  }
  void corpus() {
    auto const [verb, o] = add(
        "corpus", "Hold the engine against Cedar's own tests; 1 on any difference", policy_corpus);
    verb->add_option("paths", o->files,
                     "Folders with corpus-tests*.tar.gz or with tests, or archives of them")
        ->required();
  }
  void oracle_diff() {
    auto const [verb, o] =
        add("oracle-diff", "Hold the engine against Cedar's WebAssembly build on random cases",
            policy_oracle_diff);
    verb->add_option("--seed", o->seed, "Which cases");
    verb->add_option("--cases", o->cases, "How many");
    verb->add_option("--jobs", o->jobs, "Oracles side by side; the cases stay the same")
        ->check(CLI::Range(1, 64));
    verb->add_option("--oracle", o->folder, "Folder with oracle.mjs, after npm install");
    verb->add_option("--node", o->node, "Node 20, or one that takes its flags");
  }

 private:
  template <class Options>
  static void world(CLI::App& verb, Options& o) {
    verb.add_option("--entities", o.entities, "JSON list of entities");
    verb.add_option("--schema", o.schema, "Read the entities by this schema");
  }
  template <class Options>
  std::pair<CLI::App*, Options*> add(std::string const& name, std::string const& text,
                                     Result<Exit> (*work)(Context const&, Options const&)) {
    auto const options = std::make_shared<Options>();  // lives as long as the parser
    auto* verb = policy_.add_subcommand(name, text);
    verb->callback([chosen = chosen_, options, work] {
      chosen([options, work](Context const& context) { return work(context, *options); });
    });
    return {verb, options.get()};
  }
  static void files(CLI::App& verb, PolicyOptions& o) {
    verb.add_option("files", o.files, "Policies: Cedar text, or *.json for a policy set")
        ->required();
  }
  static void question(CLI::App& verb, PolicyOptions& o) {
    files(verb, o);
    verb.add_option("--links", o.links, "JSON list of {newId, templateId, values}");
    verb.add_option("--entities", o.entities, "JSON list of entities");
    verb.add_option("--schema", o.schema, "Read entities and request by this schema");
    auto* request = verb.add_option("--request", o.request,
                                    "JSON: principal, action and resource as {type, id}, context");
    auto* principal =
        verb.add_option("--principal", o.principal, "In place of --request, as Type::\"id\"");
    auto* action = verb.add_option("--action", o.action, "As Action::\"id\"");
    auto* resource = verb.add_option("--resource", o.resource, "As Type::\"id\"");
    auto* context = verb.add_option("--context", o.context, "JSON file; default: empty");
    for (auto* each : {principal, action, resource, context}) each->excludes(request);
  }

  CLI::App& policy_;
  std::function<void(Work)> chosen_;
};

}  // namespace

void add_policy_verbs(CLI::App& policy, std::function<void(Work)> chosen) {
  Verbs verbs(policy, std::move(chosen));
  verbs.check();
  verbs.fmt();
  verbs.validate();
  verbs.evaluate();
  verbs.explain();
  verbs.test();
  verbs.replay();
  verbs.diff();
  verbs.search();
  verbs.corpus();
  verbs.oracle_diff();
}

}  // namespace reeve::cli
