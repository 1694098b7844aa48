// Cron tables. The system form has a user column between time and command, the user form has not,
// and nothing in the file tells them apart: where it lies does. A line is a variable when it looks
// like NAME=value, else a job. '%' in a command begins its standard input (kept, as a secret may
// lie there), but for the program it ends the command.
//
// Sources: crontab(5) of cron 3.0pl1-162 (Debian 12), anacrontab(5), at(1), run-parts(8).

#include "connectors/host/crontab.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t line_bytes_max = 64 * 1024;

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Of "NAME=value" or "NAME = value", quotes around either taken off.
std::optional<CronVariable> variable(std::string_view line) {
  auto const unquote = [](std::string_view text) {
    bool const quoted =
        text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
    return quoted ? text.substr(1, text.size() - 2) : text;
  };
  auto const equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  auto const name = unquote(trim(line.substr(0, equals)));
  if (name.empty() || !std::ranges::all_of(name, name_char)) return {};
  return CronVariable{.name = std::string(name),
                      .value = Secret(unquote(trim(line.substr(equals + 1))))};
}

bool time_field(std::string_view field) {
  return std::ranges::all_of(field, [](char c) {
    return name_char(c) || c == '*' || c == '/' || c == ',' || c == '-' || c == '~' || c == '?';
  });
}

/// Cuts the time off `rest`. Empty: it is none.
std::string schedule(std::string_view& rest) {
  auto const first = next_word(rest);
  if (first.starts_with('@')) {
    constexpr std::string_view names[] = {"@reboot", "@yearly", "@annually", "@monthly",
                                          "@weekly", "@daily",  "@midnight", "@hourly"};
    return std::ranges::find(names, first) == std::end(names) ? "" : std::string(first);
  }
  std::string out(first);
  if (!time_field(first)) return "";
  for (int i = 1; i < 5; ++i) {
    auto const field = next_word(rest);
    if (field.empty() || !time_field(field)) return "";
    out.append(" ").append(field);
  }
  return out;
}

std::string_view job(std::string_view rest, CronForm form, CronJob& out) {
  if (rest.starts_with('-')) rest.remove_prefix(1);  // SUSE: do not log it
  out.schedule = schedule(rest);
  if (out.schedule.empty()) return "neither NAME=value nor five fields of time";
  if (form == CronForm::system) out.user = next_word(rest);
  auto const command = trim(rest);
  if (command.empty()) return "no command";
  out.command = Secret(command);
  out.program = program_of(command);
  return "";
}

std::string_view anacron_job(std::string_view rest, CronJob& out) {
  auto const period = next_word(rest), delay = next_word(rest), name = next_word(rest);
  auto const command = trim(rest);
  bool const timed = number<int>(period) || period.starts_with('@');
  if (!timed || !number<int>(delay) || name.empty() || command.empty())
    return "neither NAME=value nor period, delay, name, command";
  out.schedule =
      period.starts_with('@') ? std::string(period) : "every " + std::string(period) + " days";
  out.user = "root";
  out.command = Secret(command);
  out.program = program_of(command);
  return "";
}

template <class Read>
Crontab each(std::string_view text, Read const& read_job) {
  Crontab out;
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (line.empty() || line.starts_with('#')) continue;
    if (out.jobs.size() + out.variables.size() + out.malformed.size() == cron_lines_max) {
      out.malformed.push_back({lines.number(), "more than " + std::to_string(cron_lines_max) +
                                                   " lines; the rest is not read"});
      break;
    }
    CronJob job{.line = lines.number()};
    std::string_view why = "a line of more than 64 KiB";
    if (line.size() <= line_bytes_max) {
      if (auto found = variable(line)) {
        found->line = lines.number();
        out.variables.push_back(std::move(*found));
        continue;
      }
      why = read_job(line, job);
    }
    if (why.empty())
      out.jobs.push_back(std::move(job));
    else
      out.malformed.push_back({lines.number(), std::string(why)});
  }
  return out;
}

}  // namespace

Crontab parse_crontab(std::string_view text, CronForm form) {
  return each(text, [form](std::string_view line, CronJob& out) { return job(line, form, out); });
}

Crontab parse_anacrontab(std::string_view text) {
  return each(text, anacron_job);
}

std::optional<std::uint32_t> at_job_uid(std::string_view text) {
  for (Lines lines(text); lines.next() && lines.number() <= 5;) {
    auto rest = lines.text();
    if (next_word(rest) != "#" || next_word(rest) != "atrun") continue;
    auto const uid = next_word(rest);
    if (uid.starts_with("uid=")) return number<std::uint32_t>(uid.substr(4));
  }
  return {};
}

bool run_parts_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return name_char(c) || c == '-'; });
}

}  // namespace reeve::host
