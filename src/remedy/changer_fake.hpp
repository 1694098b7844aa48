#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <string>

#include "base/file.hpp"
#include "base/text.hpp"
#include "connect/action.hpp"

namespace reeve::remedy {

/// A world that outlives the process: a file of "name state" lines.
class FakeWorld {
 public:
  explicit FakeWorld(std::string path) : path_(std::move(path)) {}

  std::map<std::string, std::string> all() const {
    std::map<std::string, std::string> out;
    auto const text = read_file(path_, 1 << 20);
    if (!text) return out;
    for (auto const line : split(*text, '\n'))
      if (auto const blank = line.find(' '); blank != line.npos)
        out[std::string(line.substr(0, blank))] = std::string(line.substr(blank + 1));
    return out;
  }
  Result<> set(std::string const& name, std::string const& state) const {
    auto world = all();
    world[name] = state;
    std::string text;
    for (auto const& [key, value] : world) text += key + " " + value + "\n";
    return write_file_atomically(path_, text, 0600);
  }

 private:
  std::string path_;
};

/// Turns switches on and off, and blows fuses, which nobody can mend.
class FakeChanger final : public connect::Changer {
 public:
  enum class Mood : std::uint8_t { well, deaf, lost, denied, blind };
  explicit FakeChanger(FakeWorld world, Mood mood = Mood::well)
      : world_(std::move(world)), mood_(mood) {}

  connect::Info const& info() const override {
    static constexpr connect::Permission permissions[] = {
        {ObjectClass::resource, connect::Purpose::act, "TURN", "allow turning of {subject}"}};
    static constexpr connect::Act acts[] = {
        {"switch", ObjectClass::resource, true, "Turns a switch.", "TURN"},
        {"fuse", ObjectClass::resource, false, "Blows a fuse.", "TURN"}};
    static constexpr connect::Info out{
        .kind = "fake", .title = "Fake", .permissions = permissions, .acts = acts};
    return out;
  }
  std::string_view source() const override { return "house"; }

 private:
  Result<connect::Plan> do_plan(connect::Action const&) override {
    return fail(Errc::unsupported, "plans are made by the test");
  }
  Result<connect::ApplyOutcome> do_apply(connect::Step const& step) override {
    if (mood_ == Mood::denied) return fail(Errc::denied, "not yours");
    if (mood_ == Mood::lost) return fail(Errc::unavailable, "the line is cut");
    if (world_.all()[step.subject] != step.before)
      return fail(Errc::conflict, step.subject + " is not as planned");
    TRY(world_.set(step.subject, step.after));
    if (mood_ == Mood::deaf) return fail(Errc::unavailable, "no answer");
    return connect::ApplyOutcome{.outcome = connect::Outcome::done};
  }
  Result<connect::Verdict> do_verify(connect::Step const& step) override {
    if (mood_ == Mood::blind) return fail(Errc::unavailable, "it is dark");
    auto const now = world_.all()[step.subject];
    return connect::Verdict{now == step.after ? connect::Truth::yes : connect::Truth::no,
                            step.subject + " is " + now};
  }
  connect::Step do_undo(connect::Step inverse) const override { return inverse; }

  FakeWorld world_;
  Mood mood_;
};

}  // namespace reeve::remedy
