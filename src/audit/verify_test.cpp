#include "audit/verify.hpp"

#include <doctest/doctest.h>

#include "audit/folder.hpp"
#include "audit/test_folder.hpp"
#include "base/file.hpp"

namespace reeve::audit {
namespace {

using testing::fill, testing::Folder, testing::verifier;
namespace fs = std::filesystem;

void flip(std::string const& path, std::size_t at) {
  auto bytes = *read_file(path, 1 << 24);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  REQUIRE(write_file_atomically(path, bytes, 0600));
}

/// Where the bytes of an entry begin in its bundle.
std::size_t offset(std::string const& path, unsigned entry) {
  auto const bytes = *read_file(path, 1 << 24);
  auto const entries = *first_entries(bytes, entry + 1);
  return static_cast<std::size_t>(entries[entry].data() - bytes.data());
}

Fault fault_of(std::string const& folder, Wanted const& wanted = {}) {
  auto const verdict = verify(folder, verifier(), wanted);
  REQUIRE(verdict);
  REQUIRE(verdict->fault);
  return *verdict->fault;
}

struct Log600 {
  Folder at;
  std::string path = at.path();
  Log600() { REQUIRE(fill(**testing::open(path), 600)); }
};

TEST_CASE("audit: one flipped byte in any entry names that entry") {
  Log600 const log;
  for (unsigned const entry : {0u, 1u, 255u, 256u, 300u, 511u, 512u, 599u}) {
    CAPTURE(entry);
    auto const file =
        log.path + "/" + tile_path(entries_level, entry / 256, entry < 512 ? 256 : 88);
    auto const at = offset(file, entry % 256);
    flip(file, at + 20);
    CHECK(fault_of(log.path).entry == entry);
    CHECK(fault_of(log.path, {.range = {entry, entry + 1}, .known = ""}).entry == entry);
    flip(file, at + 20);
    flip(file, at - 1);  // Its length: the entries behind it move, it is the first that is wrong.
    CHECK(fault_of(log.path).entry == entry);
    flip(file, at - 1);
  }
  CHECK_FALSE(verify(log.path, verifier())->fault);
}

TEST_CASE("audit: one flipped byte in a tile names the tile and the first entry under it") {
  Log600 const log;
  struct Case {
    char const* file;
    std::size_t byte;
    std::uint64_t entry;
  };
  Case const cases[] = {{"tile/0/000", 32 * 7 + 3, 7},
                        {"tile/0/001", 0, 256},
                        {"tile/0/002.p/88", 32 * 87, 599},
                        {"tile/1/000.p/2", 33, 256}};
  for (auto const& c : cases) {
    CAPTURE(c.file);
    flip(log.path + "/" + c.file, c.byte);
    auto const fault = fault_of(log.path);
    CHECK(fault.entry == c.entry);
    CHECK(fault.file == c.file);
    CHECK(fault.what.find("the entries are unchanged") != std::string::npos);
    flip(log.path + "/" + c.file, c.byte);
  }
}

TEST_CASE("audit: an entry changed together with its hash is found by the hash above") {
  Log600 const log;
  for (unsigned const entry : {10u, 520u}) {
    CAPTURE(entry);
    auto const width = entry < 512 ? 256u : 88u;
    auto const bundle = log.path + "/" + tile_path(entries_level, entry / 256, width);
    flip(bundle, offset(bundle, entry % 256) + 20);
    auto const bytes = *read_file(bundle, 1 << 24);
    auto const leaf = leaf_hash((*first_entries(bytes, width))[entry % 256]);
    auto const tile = log.path + "/" + tile_path(0, entry / 256, width);
    auto hashes = *read_file(tile, 1 << 24);
    hashes.replace(entry % 256 * sizeof(Digest), sizeof(Digest), crypto::bytes_of(leaf));
    auto const before = *read_file(tile, 1 << 24);
    REQUIRE(write_file_atomically(tile, hashes, 0600));
    auto const fault = fault_of(log.path);
    CHECK(fault.entry.value_or(0) / 256 <= entry / 256);
    REQUIRE(write_file_atomically(tile, before, 0600));
    CHECK(fault_of(log.path).entry == entry);
    flip(bundle, offset(bundle, entry % 256) + 20);
  }
}

TEST_CASE("audit: a cut, a hole, a swap and a forged checkpoint are found") {
  Log600 const log;
  SUBCASE("the last entries cut off") {
    auto const file = log.path + "/tile/entries/002.p/88";
    fs::resize_file(file, offset(file, 80) - 2);
    CHECK(fault_of(log.path).entry == 592);
  }
  SUBCASE("the last entries and their hashes cut off") {
    auto const file = log.path + "/tile/entries/002.p/88";
    fs::resize_file(file, offset(file, 80) - 2);
    fs::resize_file(log.path + "/tile/0/002.p/88", 80 * sizeof(Digest));
    CHECK(fault_of(log.path).entry == 592);
  }
  SUBCASE("a bundle missing") {
    fs::remove(log.path + "/tile/entries/001");
    CHECK(fault_of(log.path).entry == 256);
  }
  SUBCASE("two entries swapped") {
    auto const file = log.path + "/tile/entries/000";
    auto const bytes = *read_file(file, 1 << 24);
    auto const entries = *first_entries(bytes, tile_width);
    std::string swapped;
    for (unsigned i = 0; i < tile_width; ++i)
      append_entry(swapped, entries[i == 100 ? 101 : i == 101 ? 100 : i]);
    REQUIRE(write_file_atomically(file, swapped, 0600));
    CHECK(fault_of(log.path).entry == 100);
  }
  SUBCASE("a byte of the checkpoint") {
    flip(log.path + "/checkpoint", 20);
    CHECK(fault_of(log.path).file == "checkpoint");
  }
  SUBCASE("a checkpoint of another key") {
    auto const forged = sign_checkpoint({.origin = "reeve/audit", .size = 600, .root = {}},
                                        testing::signer("forger"));
    REQUIRE(write_file_atomically(log.path + "/checkpoint", forged, 0600));
    CHECK(fault_of(log.path).file == "checkpoint");
  }
  SUBCASE("a checkpoint of our key for another log") {
    auto const wrong =
        sign_checkpoint({.origin = "reeve/audit", .size = 600, .root = {}}, testing::signer());
    REQUIRE(write_file_atomically(log.path + "/checkpoint", wrong, 0600));
    CHECK_FALSE(fault_of(log.path).entry);
  }
}

TEST_CASE("audit: a whole folder put back is told by a checkpoint seen since") {
  Folder const at;
  REQUIRE(fill(**testing::open(at.path()), 300));
  fs::copy(at.path(), at.path("old"), fs::copy_options::recursive);
  auto const early = *read_file(at.path() + "/checkpoint", 10'000);
  REQUIRE(fill(**testing::open(at.path()), 300));
  auto const late = *read_file(at.path() + "/checkpoint", 10'000);
  CHECK_FALSE(verify(at.path(), verifier(), {.range = {}, .known = early})->fault);
  CHECK_FALSE(verify(at.path("old"), verifier())->fault);
  auto const fault = fault_of(at.path("old"), {.range = {}, .known = late});
  CHECK(fault.entry == 300);
  // The same number of entries, but others.
  auto const log = *testing::open(at.path("other"));
  for (int i = 0; i < 700; ++i) REQUIRE(log->append({.action = "x"}, Class::async));
  REQUIRE(log->flush());
  CHECK(fault_of(at.path("other"), {.range = {}, .known = late}).file == "checkpoint");
  CHECK_FALSE(verify(at.path(), verifier(), {.range = {}, .known = "rubbish"}));
}

TEST_CASE("audit: each entry can be proven to who has the checkpoint alone") {
  Log600 const log;
  for (std::uint64_t const index : {0u, 255u, 256u, 511u, 512u, 599u}) {
    CAPTURE(index);
    auto proof = prove(log.path, verifier(), index);
    REQUIRE(proof);
    CHECK(parse_entry(proof->entry)->object == std::to_string(index));
    CHECK(check(*proof, verifier()));
    proof->entry += " ";
    CHECK_FALSE(check(*proof, verifier()));
  }
  CHECK(prove(log.path, verifier(), 600).error().code() == Errc::invalid);
}

TEST_CASE("audit: an export proves its range, and no more, without the log") {
  Log600 const log;
  for (Range const range : {Range{}, Range{10, 20}, Range{250, 520}, Range{599, 600}}) {
    CAPTURE(range.begin);
    auto const end = std::min<std::uint64_t>(range.end, 600);
    auto const target = log.at.path("export" + std::to_string(range.begin));
    REQUIRE(export_range(log.path, verifier(), range, target));
    auto const verdict = verify(target, verifier(), {.range = range, .known = ""});
    REQUIRE(verdict);
    if (verdict->fault) FAIL(to_text(*verdict));
    CHECK(verdict->checked == end - range.begin);
    CHECK(read_entries(target, verifier(), range)->size() == end - range.begin);
    CHECK(prove(target, verifier(), range.begin));
    CHECK(export_range(log.path, verifier(), range, target).error().code() == Errc::conflict);
    fs::remove_all(log.at.path("export" + std::to_string(range.begin)));
  }
  REQUIRE(export_range(log.path, verifier(), {300, 310}, log.at.path("part")));
  auto const whole = verify(log.at.path("part"), verifier());
  REQUIRE(whole);
  REQUIRE(whole->fault);
  CHECK(whole->fault->entry == 0);
}

TEST_CASE("audit: a range that the log does not have is refused") {
  Log600 const log;
  for (Range const range : {Range{600, 601}, Range{0, 601}, Range{5, 5}, Range{7, 6}}) {
    CAPTURE(range.begin);
    CHECK(verify(log.path, verifier(), {.range = range, .known = ""}).error().code() ==
          Errc::invalid);
  }
  CHECK(verify(log.at.path("nowhere"), verifier()).error().code() == Errc::not_found);
}

TEST_CASE("audit: what is proven while others write is what was signed then") {
  Folder const at;
  auto const log = *testing::open(at.path());
  std::uint64_t seen = 0;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 37; ++i) REQUIRE(log->append(testing::entry(0), Class::async));
    auto const verdict = verify(at.path(), verifier());
    REQUIRE(verdict);
    if (verdict->fault) FAIL(to_text(*verdict));
    CHECK(verdict->checked >= seen);
    seen = verdict->checked;
    if (round % 3 == 0) REQUIRE(log->flush());
  }
}

}  // namespace
}  // namespace reeve::audit
