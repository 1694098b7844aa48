#include "audit/note.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.hpp"
#include "crypto/encode.hpp"

namespace reeve::audit {
namespace {

constexpr std::size_t note_bytes_max = 64 << 10;
constexpr std::string_view dash = "\u2014 ";
constexpr char ed25519_type = 1;

std::string_view bytes_of(crypto::Ed25519Public const& key) {
  return {reinterpret_cast<char const*>(key.data()), key.size()};
}

std::string big_endian(std::uint32_t number) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
  return out;
}

// Unicode has more blanks than ASCII; a name of ours is ASCII, and so another's has to be.
bool good_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
}

bool clean(std::string_view note) {
  return note.size() <= note_bytes_max && clean_utf8(note) == note &&
         std::ranges::none_of(
             note, [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; });
}

/// The raw signature when the line is one of `key`; empty when it is another's.
Result<std::string> signature_of(std::string_view line, VerifierKey const& key) {
  if (!line.starts_with(dash)) return fail(Errc::corrupt, "a signature line has no dash");
  auto const rest = line.substr(dash.size());
  auto const blank = rest.find(' ');
  if (blank == rest.npos || !good_name(rest.substr(0, blank)))
    return fail(Errc::corrupt, "a signature line names no key");
  auto const bytes = crypto::from_base64(rest.substr(blank + 1));
  if (!bytes || bytes->size() < 5) return fail(Errc::corrupt, "a signature is not base64");
  if (rest.substr(0, blank) != key.name || !bytes->starts_with(big_endian(key.id())))
    return std::string();
  return bytes->substr(4);
}

Result<> check_signature(std::string_view text, std::string const& signature,
                         VerifierKey const& key) {
  crypto::Ed25519Signature raw{};
  if (signature.size() != raw.size())
    return fail(Errc::corrupt, "the signature of " + key.name + " has a wrong length");
  std::ranges::copy(signature, reinterpret_cast<char*>(raw.data()));
  if (crypto::ed25519_verify(key.key, text, raw) == crypto::SignatureCheck::bad)
    return fail(Errc::corrupt, "the signature of " + key.name + " is not of this text");
  return {};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t out = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || std::to_string(out) != text)
    return fail(Errc::corrupt, "the size of a checkpoint is no number");
  return out;
}

}  // namespace

std::uint32_t VerifierKey::id() const {
  auto const digest =
      crypto::Sha256().add(name).add("\n").add({&ed25519_type, 1}).add(bytes_of(key)).digest();
  return std::uint32_t(digest[0]) << 24 | std::uint32_t(digest[1]) << 16 |
         std::uint32_t(digest[2]) << 8 | digest[3];
}

std::string VerifierKey::to_string() const {
  return name + "+" + crypto::to_hex(big_endian(id())) + "+" +
         crypto::to_base64(ed25519_type + std::string(bytes_of(key)));
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  constexpr auto wrong = "a verifier key reads NAME+ID+KEY, as `reeve audit key` prints it";
  auto const first = text.find('+');
  auto const second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos) return fail(Errc::invalid, wrong);
  auto const bytes = crypto::from_base64(text.substr(second + 1));
  VerifierKey out{.name = std::string(text.substr(0, first))};
  if (!bytes || bytes->size() != 1 + out.key.size() || bytes->front() != ed25519_type)
    return fail(Errc::invalid, "a verifier key must be one of Ed25519");
  std::copy(bytes->begin() + 1, bytes->end(), reinterpret_cast<char*>(out.key.data()));
  if (!good_name(out.name) || out.to_string() != text) return fail(Errc::invalid, wrong);
  return out;
}

std::string sign_note(std::string_view text, std::string_view name, crypto::Ed25519Key const& key) {
  VerifierKey const verifier{.name = std::string(name), .key = key.public_key()};
  auto const raw = key.sign(text);
  auto bytes = big_endian(verifier.id());
  bytes.append(reinterpret_cast<char const*>(raw.data()), raw.size());
  auto out = std::string(text) + "\n";
  return out.append(dash).append(name).append(" ").append(crypto::to_base64(bytes)).append("\n");
}

Result<std::string> open_note(std::string_view note, VerifierKey const& key) {
  auto const gap = note.rfind("\n\n");
  if (!clean(note) || gap == note.npos || !note.ends_with('\n') || gap + 2 == note.size())
    return fail(Errc::corrupt, "this is no signed note");
  auto const text = note.substr(0, gap + 1);
  auto const lines = note.substr(gap + 2, note.size() - gap - 3);
  bool signed_by_key = false;
  for (auto const line : split(lines, '\n')) {
    auto const signature = TRY(signature_of(line, key));
    if (signature.empty()) continue;
    TRY(check_signature(text, signature, key));
    signed_by_key = true;
  }
  if (!signed_by_key) return fail(Errc::corrupt, "the note is not signed by " + key.to_string());
  return std::string(text);
}

std::string Checkpoint::text() const {
  return origin + "\n" + std::to_string(size) + "\n" + crypto::to_base64(crypto::bytes_of(root)) +
         "\n";
}

std::string sign_checkpoint(Checkpoint const& checkpoint, crypto::Ed25519Key const& key) {
  return sign_note(checkpoint.text(), checkpoint.origin, key);
}

Result<Checkpoint> open_checkpoint(std::string_view note, VerifierKey const& key) {
  auto const text = TRY(open_note(note, key));
  auto const lines = split(text, '\n');
  if (lines.size() != 4) return fail(Errc::corrupt, "a checkpoint has three lines");
  auto const root = crypto::from_base64(lines[2]);
  Checkpoint out{.origin = std::string(lines[0])};
  if (out.origin != key.name)
    return fail(Errc::corrupt, "the checkpoint is of " + out.origin + ", not of " + key.name);
  out.size = TRY(parse_size(lines[1]));
  if (!root || root->size() != out.root.size())
    return fail(Errc::corrupt, "the root of a checkpoint is not 32 bytes of base64");
  std::ranges::copy(*root, reinterpret_cast<char*>(out.root.data()));
  return out;
}

}  // namespace reeve::audit
