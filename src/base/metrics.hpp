// Numbers about ourselves, as Prometheus reads them (text exposition format 0.0.4).
//
// Names follow Prometheus: snake_case, the unit last, `_total` for counters. A label's values are a
// small closed set chosen by us: each new one is a new series for ever, so what a stranger sends
// (paths, user agents, ids) never becomes one.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace reeve {

/// Label names and values. In a family always the same names.
using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Everything we count. Any thread; lives longer than the families it gave.
class Metrics {
 public:
  /// What only grows. Any thread, as the others below.
  class Counter {
   public:
    void add(Labels labels, double by = 1) const;  ///< `by` below zero is ignored.

   private:
    friend class Metrics;
    explicit Counter(void* family) : family_(family) {}
    void* family_;
  };

  /// What goes up and down.
  class Gauge {
   public:
    void add(Labels labels, double by = 1) const;
    void set(Labels labels, double value) const;

   private:
    friend class Metrics;
    explicit Gauge(void* family) : family_(family) {}
    void* family_;
  };

  /// How long things take: buckets from 0.5 ms to 60 s.
  class Timer {
   public:
    void observe(Labels labels, double seconds) const;

   private:
    friend class Metrics;
    explicit Timer(void* family) : family_(family) {}
    void* family_;
  };

  Metrics();
  Metrics(Metrics const&) = delete;
  Metrics& operator=(Metrics const&) = delete;
  ~Metrics();

  /// The family of that name, made at the first call. `name` is [a-z_][a-z0-9_]* and of one kind
  /// only: else it is our bug, and aborts.
  Counter counter(std::string const& name, std::string const& help);
  Gauge gauge(std::string const& name, std::string const& help);
  Timer timer(std::string const& name, std::string const& help);

  /// All of it, in the text format.
  std::string text() const;
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace reeve
