#include "cli/audit.hpp"

#include "base/file.hpp"
#include "server/audit.hpp"

namespace reeve::cli {
namespace {

Result<audit::Range> range_of(AuditOptions const& options) {
  if (options.from < 0 || options.count < -1)
    return fail(Errc::invalid, "--from and --count are numbers of entries, counted from 0");
  audit::Range out{.begin = std::uint64_t(options.from)};
  if (options.count >= 0) out.end = out.begin + std::uint64_t(options.count);
  return out;
}

Result<server::Places> places(Context const& context) {
  return server::places_of(context.store, context.environment);
}

Json json_of(audit::Verdict const& verdict) {
  Json out;
  out.add("entries", std::int64_t(verdict.checkpoint.size));
  out.add("checked", std::int64_t(verdict.checked)).add("good", !verdict.fault.has_value());
  if (auto const& fault = verdict.fault) {
    out.add("first_tampered", fault->entry ? Json(std::int64_t(*fault->entry)) : Json());
    out.add("file", fault->file).add("what", fault->what);
  }
  return out;
}

}  // namespace

Result<Exit> audit_verify(Context const& context, AuditOptions const& options) {
  constexpr std::size_t checkpoint_bytes_max = 64 << 10;
  server::AuditQuestion question{.folder = options.folder, .key = options.key};
  question.wanted.range = TRY(range_of(options));
  if (!options.known.empty())
    question.wanted.known = TRY(read_file(options.known, checkpoint_bytes_max));
  auto const at = TRY(places(context));
  auto const verdict = TRY(server::verify_audit(at, question));
  auto const text = audit::to_text(verdict);
  TRY(print(context.format == Format::json ? to_json_pretty(json_of(verdict)) + "\n"
            : text.ends_with('\n')         ? text
                                           : text + "\n"));
  return verdict.fault ? Exit::findings : Exit::done;
}

Result<Exit> audit_key(Context const& context) {
  auto const at = TRY(places(context));
  auto const key = TRY(server::audit_key(at));
  TRY(print(key.to_string() + "\n"));
  return Exit::done;
}

Result<Exit> audit_export(Context const& context, AuditOptions const& options) {
  auto const at = TRY(places(context));
  auto const key = TRY(server::audit_key(at));
  auto const range = TRY(range_of(options));
  TRY(audit::export_range(at.audit(), key, range, options.target));
  TRY(print("written to " + options.target + "; verify it with\n  reeve audit verify --folder " +
            options.target + " --key '" + key.to_string() + "'\n"));
  return Exit::done;
}

Result<Exit> audit_list(Context const& context, AuditOptions const& options) {
  auto const count = options.count < 0 ? 100 : options.count;
  return get(
      context,
      "/v1/audit/entries?from=" + std::to_string(options.from) + "&count=" + std::to_string(count),
      "audit");
}

}  // namespace reeve::cli
