#include "audit/merkle.hpp"

#include <doctest/doctest.h>

#include <bit>

#include "audit/folder.hpp"
#include "crypto/encode.hpp"

namespace reeve::audit {
namespace {

std::string hex(Digest const& digest) {
  return crypto::to_hex(crypto::bytes_of(digest));
}

/// RFC 6962 §2.1, word by word.
Digest slow_root(std::span<Digest const> leaves) {
  if (leaves.empty()) return crypto::sha256("");
  if (leaves.size() == 1) return leaves[0];
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(slow_root(leaves.first(k)), slow_root(leaves.subspan(k)));
}

/// §2.1.1.
std::vector<Digest> slow_path(std::size_t m, std::span<Digest const> leaves) {
  if (leaves.size() <= 1) return {};
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  auto out = m < k ? slow_path(m, leaves.first(k)) : slow_path(m - k, leaves.subspan(k));
  out.push_back(slow_root(m < k ? leaves.subspan(k) : leaves.first(k)));
  return out;
}

std::vector<Digest> leaves(std::size_t count) {
  std::vector<Digest> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(leaf_hash(std::to_string(i)));
  return out;
}

// The leaves and roots that implementations of Certificate Transparency test themselves with.
TEST_CASE("audit: the roots are those that other logs compute") {
  char const* const entries[] = {"",
                                 "00",
                                 "10",
                                 "2021",
                                 "3031",
                                 "40414243",
                                 "5051525354555657",
                                 "606162636465666768696a6b6c6d6e6f"};
  char const* const roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                               "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                               "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                               "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                               "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                               "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Tree tree;
  CHECK(hex(tree.root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < std::size(entries); ++i) {
    CAPTURE(i);
    tree.push(leaf_hash(*crypto::from_hex(entries[i])));
    CHECK(hex(tree.root()) == roots[i]);
  }
}

TEST_CASE("audit: a tree kept by its edge has the root of the definition at every size") {
  auto const all = leaves(1200);
  Tree tree;
  for (std::size_t i = 0; i < all.size(); ++i) {
    tree.push(all[i]);
    if (i % 7 != 0 && (i + 1) % 256 > 1) continue;
    CAPTURE(i);
    CHECK(tree.root() == slow_root({all.data(), i + 1}));
    CHECK(tree.edge(0).size() == edge_of(i + 1, 0).width);
    CHECK(tree.edge(1).size() == edge_of(i + 1, 1).width);
  }
}

TEST_CASE("audit: an inclusion proof holds for its entry, place, size and root only") {
  for (std::size_t size = 1; size <= 20; ++size) {
    auto const all = leaves(size);
    auto const root = slow_root(all);
    for (std::size_t at = 0; at < size; ++at) {
      CAPTURE(size);
      CAPTURE(at);
      auto path = slow_path(at, all);
      CHECK(check_inclusion(all[at], at, size, path, root) == Proven::yes);
      CHECK(check_inclusion(leaf_hash("x"), at, size, path, root) == Proven::no);
      CHECK(check_inclusion(all[at], size, size, path, root) == Proven::no);
      if (size > 1) CHECK(check_inclusion(all[at], at ^ 1, size, path, root) == Proven::no);
      path.push_back(root);
      CHECK(check_inclusion(all[at], at, size, path, root) == Proven::no);
    }
  }
}

// The example of the specification: a tree of 70,000 entries.
TEST_CASE("audit: a tree is cut into tiles as the specification says") {
  CHECK(edge_of(70'000, 0).index == 273);
  CHECK(edge_of(70'000, 0).width == 112);
  CHECK(edge_of(70'000, 1).index == 1);
  CHECK(edge_of(70'000, 1).width == 17);
  CHECK(edge_of(70'000, 2).index == 0);
  CHECK(edge_of(70'000, 2).width == 1);
  CHECK(edge_of(70'000, 3).width == 0);
  CHECK(edge_of(256, 0).width == 0);
  CHECK(edge_of(256, 1).width == 1);
  CHECK(tile_path(0, 1'234'067, 256) == "tile/0/x001/x234/067");
  CHECK(tile_path(entries_level, 5, 17) == "tile/entries/005.p/17");
  CHECK(tile_path(2, 1'000, 1) == "tile/2/x001/000.p/1");
}

}  // namespace
}  // namespace reeve::audit
