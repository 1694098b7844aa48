// Runs programs. Everything a decision makes lives in its Scratch and is gone with the next one.
#pragma once

#include <string_view>
#include <vector>

#include "cedar/graph.hpp"
#include "cedar/program.hpp"

namespace reeve::cedar {

/// Memory for decisions, kept between them: after the first few none is allocated. One a thread.
class Scratch {
 public:
  Arena arena;
  std::vector<Cell> registers;
  Strangers strangers;
  bool has_context = false;
  std::vector<std::uint32_t> permits, forbids, errors;
  std::vector<Failure> failures;  ///< Beside errors.

  void reset() {
    arena.reset();
    strangers.clear();
    has_context = false;
    permits.clear();
    forbids.clear();
    errors.clear();
    failures.clear();
  }
};

struct Finish {
  bool satisfied = false;
  Failure failure = Failure::none;
};

class Vm {
 public:
  Vm(Tables const& tables, Graph const& graph, Image const& image, Record const& context,
     Scratch& scratch)
      : tables_(tables), graph_(graph), image_(image), context_(context), scratch_(scratch) {}

  Finish run(std::uint32_t start);

 private:
  Failure step(Ins const& ins, Cell& dst);
  Failure in(Cell const& x, Cell const& y, Cell& dst) const;
  Failure order(Code code, Cell const& x, Cell const& y, Cell& dst) const;
  Failure arithmetic(Code code, Cell const& x, Cell const& y, Cell& dst) const;
  Failure set_function(Code code, Cell const& x, Cell const& y, Cell& dst) const;
  Failure tag(Code code, Cell const& x, Cell const& y, Cell& dst) const;
  Failure attribute(Cell const& x, std::uint32_t name, Cell& dst) const;
  Failure has(Cell const& x, std::uint32_t name, Cell& dst) const;
  Failure has_path(Cell x, std::vector<std::uint32_t> const& path, Cell& dst) const;
  Failure make(Ins const& ins, Cell& dst);
  Failure call(Function function, Cell const& x, Cell const& y, Cell& dst);
  void make_context();

  Cell const& at(std::uint32_t operand) const {
    return (operand & constant_bit) != 0 ? image_.constants[operand & ~constant_bit]
                                         : scratch_.registers[operand];
  }
  std::uint32_t type_of(std::uint32_t uid) const {
    return uid < tables_.uids.size()
               ? tables_.uids.row(uid).type_number
               : scratch_.strangers.uids[uid - tables_.uids.size()].type_number;
  }

  Tables const& tables_;
  Graph const& graph_;
  Image const& image_;
  Record const& context_;
  Scratch& scratch_;
};

}  // namespace reeve::cedar
