#include "base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/text.hpp"

namespace reeve {
namespace {

// Prometheus throws for a name that is none, or one of two kinds: a mistake in our source.
template <class Family, class Builder>
void* make_family(Builder builder, prometheus::Registry& registry, std::string const& name,
                  std::string const& help) {
  try {
    Family& family = builder.Name(name).Help(help).Register(registry);
    return &family;
  } catch (std::exception const& error) {
    std::fprintf(stderr, "metric %s: %s\n", name.c_str(), error.what());
    std::abort();
  }
}

template <class T>
T& series(void* family, Labels labels) {
  prometheus::Labels named;
  for (auto const& [name, value] : labels) named.emplace(name, clean_utf8(value));
  auto& of = *static_cast<prometheus::Family<T>*>(family);
  if constexpr (std::is_same_v<T, prometheus::Histogram>) {
    static prometheus::Histogram::BucketBoundaries const seconds{
        .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60};
    return of.Add(named, seconds);
  } else {
    return of.Add(named);
  }
}

}  // namespace

struct Metrics::Inside {
  // Merge: asking twice for a family gives the same one.
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
};

Metrics::Metrics() : inside_(std::make_unique<Inside>()) {}
Metrics::~Metrics() = default;

Metrics::Counter Metrics::counter(std::string const& name, std::string const& help) {
  return Counter(make_family<prometheus::Family<prometheus::Counter>>(
      prometheus::BuildCounter(), inside_->registry, name, help));
}
Metrics::Gauge Metrics::gauge(std::string const& name, std::string const& help) {
  return Gauge(make_family<prometheus::Family<prometheus::Gauge>>(prometheus::BuildGauge(),
                                                                  inside_->registry, name, help));
}
Metrics::Timer Metrics::timer(std::string const& name, std::string const& help) {
  return Timer(make_family<prometheus::Family<prometheus::Histogram>>(
      prometheus::BuildHistogram(), inside_->registry, name, help));
}

void Metrics::Counter::add(Labels labels, double by) const {
  series<prometheus::Counter>(family_, labels).Increment(by);
}
void Metrics::Gauge::add(Labels labels, double by) const {
  series<prometheus::Gauge>(family_, labels).Increment(by);
}
void Metrics::Gauge::set(Labels labels, double value) const {
  series<prometheus::Gauge>(family_, labels).Set(value);
}
void Metrics::Timer::observe(Labels labels, double seconds) const {
  series<prometheus::Histogram>(family_, labels).Observe(seconds);
}

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(inside_->registry.Collect());
}

}  // namespace reeve
