// CSV. The format is small, its readers differ, and attackers live in the difference: so a quote
// may stand only at the edges of a field, or doubled inside a quoted one, and nowhere else.
//
// A quote that is never closed would swallow the rest of the file into one field; the limit of a
// field ends that early, and the error names the line where the field began.

#include "connectors/people/csv.hpp"

#include <algorithm>

namespace reeve::people {
namespace {

class Reader {
 public:
  Reader(std::string_view text, CsvLimits const& limits, char separator)
      : rest_(text), limits_(limits), separator_(separator) {}

  bool done() const { return rest_.empty(); }

  /// One record; `broken` says what is wrong with it, if it could be read to its end.
  Result<Csv::Record> record(std::string& broken) {
    Csv::Record out{.line = line_};
    do {
      out.fields.push_back(TRY(field(broken)));
      if (out.fields.size() > limits_.fields_max) return wrong(out.line, "too many fields");
    } while (take(separator_));
    take('\r');
    if (!take('\n') && !done()) return wrong(line_, "a carriage return inside a record");
    ++line_;
    return out;
  }

 private:
  static std::unexpected<Error> wrong(std::size_t line, std::string const& what) {
    return fail(Errc::invalid, "line " + std::to_string(line) + ": " + what);
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Result<std::string> field(std::string& broken) {
    if (take('"')) return quoted(broken);
    auto const end =
        std::min(rest_.find_first_of(std::string{separator_, '\r', '\n'}), rest_.size());
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (out.size() > limits_.field_bytes_max) return wrong(line_, "a field that is too long");
    if (out.contains('"')) broken = "a quote inside a field that does not begin with one";
    return out;
  }

  Result<std::string> quoted(std::string& broken) {
    auto const begin = line_;
    std::string out;
    for (;;) {
      auto const end = rest_.find('"');
      bool const closed = end != rest_.npos;
      if (!closed || out.size() + end > limits_.field_bytes_max)
        return wrong(begin, closed ? "a field that is too long, or a quote that is not closed"
                                   : "a quote that is never closed");
      line_ += std::size_t(std::ranges::count(rest_.substr(0, end), '\n'));
      out += rest_.substr(0, end);
      rest_.remove_prefix(end + 1);
      if (!take('"')) break;
      out += '"';
    }
    if (!done() && !std::string_view("\r\n").contains(rest_.front()) &&
        rest_.front() != separator_) {
      broken = "text after a closing quote";
      rest_.remove_prefix(
          std::min(rest_.find_first_of(std::string{separator_, '\r', '\n'}), rest_.size()));
    }
    return out;
  }

  std::string_view rest_;
  CsvLimits const& limits_;
  char separator_;
  std::size_t line_ = 1;
};

char separator_of(std::string_view text) {
  auto const header = text.substr(0, text.find('\n'));
  for (char const c : {',', ';', '\t'})
    if (header.contains(c)) return c;
  return ',';
}

}  // namespace

Result<Csv> parse_csv(std::string_view text, CsvLimits const& limits) {
  if (text.size() > limits.bytes_max)
    return fail(Errc::invalid, "more than " + std::to_string(limits.bytes_max) + " bytes");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (auto const nul = text.find('\0'); nul != text.npos)
    return fail(Errc::invalid,
                "line " + std::to_string(1 + std::ranges::count(text.substr(0, nul), '\n')) +
                    ": a NUL byte; is this a CSV file in UTF-8?");
  Reader reader(text, limits, separator_of(text));
  Csv out;
  std::string broken;
  if (reader.done()) return fail(Errc::invalid, "no header");
  out.header = TRY(reader.record(broken)).fields;
  if (!broken.empty()) return fail(Errc::invalid, "line 1: " + broken);
  while (!reader.done()) {
    broken.clear();
    auto record = TRY(reader.record(broken));
    if (record.fields == std::vector<std::string>{""}) continue;
    if (broken.empty() && record.fields.size() != out.header.size())
      broken = std::to_string(record.fields.size()) + " fields, the header has " +
               std::to_string(out.header.size());
    if (broken.empty())
      out.records.push_back(std::move(record));
    else
      out.refused.push_back("line " + std::to_string(record.line) + ": " + broken);
  }
  return out;
}

}  // namespace reeve::people
