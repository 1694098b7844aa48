#include "report/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace reeve::report {
namespace {

std::string open_svg(Caption const& c, int width, int height) {
  return fmt::format(
      "<svg viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"{2}-t {2}-d\" class=\"w{0}\">"
      "<title id=\"{2}-t\">{3}</title><desc id=\"{2}-d\">{4}</desc>\n",
      width, height, c.id, html_escape(c.title), html_escape(c.text));
}

std::int64_t sum(Bar const& bar) {
  std::int64_t out = 0;
  for (auto const& part : bar.parts) out += part.count;
  return out;
}

/// A length in proportion, and never nothing for something.
double length(std::int64_t count, std::int64_t most, double full) {
  if (count == 0 || most == 0) return 0;
  return std::max(2.0, full * double(count) / double(most));
}

std::string text(double x, double y, std::string_view css, std::string const& what) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, css,
                     html_escape(what));
}

std::string rect(double x, double y, double width, double height, std::string_view css) {
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"{}\"/>\n", x, y,
      width, height, css);
}

struct Words {
  std::string_view quadrant, title, what;
};
constexpr Words words[] = {
    {"human_user", "People", "kept as owners"},
    {"human_driven", "Human-driven automation", "minimise, move to a system"},
    {"multi_actor", "Multi-actor access", "check out, record, attribute"},
    {"system_driven", "System-driven automation", "least right, short life"}};

std::string cell(Quadrant const& q, Words const& w, double x, double y, std::int64_t most) {
  constexpr double width = 300, height = 150, disc = 44;
  std::int64_t open = 0;
  for (auto const count : q.findings) open += count;
  auto out = rect(x, y, width, height, "cell");
  if (q.identities > 0)
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" class=\"disc\"/>\n",
                       x + width - disc - 14, y + height - disc - 14,
                       std::max(4.0, disc * std::sqrt(double(q.identities) / double(most))));
  out += text(x + 16, y + 28, "name", std::string(w.title));
  out += text(x + 16, y + 47, "soft", std::string(w.what));
  out += text(x + 16, y + 98, "number", std::to_string(q.identities));
  auto const risk = open ? fmt::format(", risk up to {}", q.highest_risk) : "";
  return out + text(x + 16, y + 130, "soft", fmt::format("{} open findings{}", open, risk));
}

}  // namespace

std::string bars(Caption const& caption, std::span<Bar const> rows) {
  constexpr double left = 260, full = 340, step = 30;
  std::int64_t most = 0;
  for (auto const& row : rows) most = std::max(most, sum(row));
  auto out = open_svg(caption, 660, int(step * double(rows.size())) + 6);
  double y = 4;
  for (auto const& row : rows) {
    out += text(left - 10, y + 17, "label end", shortened(row.label, 34));
    double x = left;
    for (auto const& part : row.parts) {
      auto const width = length(part.count, most, full);
      if (width > 0) out += rect(x, y + 3, width, step - 10, part.css);
      x += width;
    }
    out += text(x + 8, y + 17, "label", std::to_string(sum(row)));
    y += step;
  }
  return out + "</svg>\n";
}

std::string columns(Caption const& caption, std::span<Bucket const> buckets) {
  constexpr double full = 130, top = 22, step = 72, wide = 52;
  std::int64_t most = 0;
  for (auto const& b : buckets) most = std::max(most, b.count);
  auto out = open_svg(caption, int(step * double(buckets.size())) + 8, int(top + full) + 28);
  for (std::size_t n = 0; n < buckets.size(); ++n) {
    auto const& b = buckets[n];
    auto const x = 4 + step * double(n), middle = x + step / 2,
               height = length(b.count, most, full);
    bool const apart = n + 2 >= buckets.size();
    if (height > 0)
      out += rect(x + (step - wide) / 2, top + full - height, wide, height, apart ? "none" : "bar");
    out += text(middle, top + full - height - 6, "label middle", std::to_string(b.count));
    out += text(middle, top + full + 18, "label middle", b.label);
  }
  return out + rect(4, top + full, step * double(buckets.size()), 1, "axis") + "</svg>\n";
}

std::string map(Caption const& caption, std::span<Quadrant const> quadrants) {
  constexpr double left = 120, top = 30, across = 308, down = 158;
  std::int64_t most = 1;
  for (auto const& q : quadrants) most = std::max(most, q.identities);
  auto out = open_svg(caption, 740, 350);
  out += text(left + 150, 20, "soft middle", "behaves interactively: clicks");
  out += text(left + across + 150, 20, "soft middle", "behaves programmatically: calls");
  out += text(left - 14, top + 80, "soft end", "one person");
  out += text(left - 14, top + down + 80, "soft end", "not one person");
  for (std::size_t n = 0; n < std::size(words); ++n) {
    auto const found = std::ranges::find(quadrants, words[n].quadrant, &Quadrant::name);
    if (found == quadrants.end()) continue;
    auto const row = n / 2, column = n % 2;
    out += cell(*found, words[n], left + across * double(column), top + down * double(row), most);
  }
  return out + "</svg>\n";
}

}  // namespace reeve::report
