// What the modules that speak to the kernel about files share: a descriptor that closes itself, a
// write that is whole, a folder whose names survive a power cut.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve {

/// Owns what open(2) gave; false where that was an error, and errno then says which.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int get() const { return number_; }
  int release();  ///< Whoever calls it closes it.
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

/// All of `bytes`, however many calls that takes. `path` is for the error. Errors: those of errno.
Result<> write_all(Descriptor const& file, std::string_view bytes, std::string const& path);

/// The names in the folder, as they are now, survive a power cut. "" is the working folder.
Result<> sync_folder(std::string const& path);

}  // namespace reeve
