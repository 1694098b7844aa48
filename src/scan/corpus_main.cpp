// Recall over the labelled cases of open secret scanners (labels.csv: file,…,label,kind,source,…).
// A case counts as found when any secret is found in it. Random text in the right shape is what
// the cases hold, so the floor is below one: shapes of rare providers are not in our table, and
// many positives of two of the sources are placeholders that we reject on purpose.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/text.hpp"
#include "scan/judge.hpp"

namespace {

using namespace reeve;

bool any_secret(std::vector<scan::Match> const& matches) {
  for (auto const& match : matches)
    if (match.verdict == scan::Verdict::secret) return true;
  return false;
}

/// As a whole, and as settings line by line.
bool found(std::string_view text) {
  if (any_secret(scan::judge({}, text))) return true;
  for (auto const line : split(text, '\n')) {
    auto const cut = line.find_first_of(":=");
    if (cut != std::string_view::npos &&
        any_secret(scan::judge(line.substr(0, cut), line.substr(cut + 1))))
      return true;
  }
  return false;
}

std::string bytes_of(std::string const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Count {
  int cases = 0, found = 0;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  std::string const folder(arguments[1]);
  std::map<std::string, Count> by_source;
  auto const labels = bytes_of(folder + "/labels.csv");
  for (auto const line : split(labels, '\n')) {
    auto const field = split(line, ',');
    if (field.size() < 6 || field[3] != "T") continue;
    auto& counted = by_source[std::string(field[5])];
    ++counted.cases;
    counted.found += found(bytes_of(folder + "/" + std::string(field[0])));
  }
  bool good = !by_source.empty();
  for (auto const& [source, counted] : by_source) {
    double const recall = double(counted.found) / counted.cases;
    double const floor = source == "gitleaks" || source == "betterleaks" ? 0.85 : 0.35;
    std::printf("%-12s %5d of %5d found (%.2f, at least %.2f)\n", source.c_str(), counted.found,
                counted.cases, recall, floor);
    good = good && recall >= floor;
  }
  return good ? 0 : 1;
}
