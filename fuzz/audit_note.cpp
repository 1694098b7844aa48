// open_note and open_checkpoint over any bytes: what is accepted has one spelling. The input is
// read as a note of a fixed key, and as the text of one that this key then signs, because no fuzzer
// finds a signature.

#include "audit/note.hpp"
#include "check.hpp"
#include "crypto/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  crypto::PredictableRandom random("fuzz");
  auto const key = crypto::Ed25519Key::generate(random);
  audit::VerifierKey const verifier{std::string(audit::default_origin), key.public_key()};
  auto const signed_text = audit::sign_note(text, audit::default_origin, key);
  for (auto const note : {text, std::string_view(signed_text)})
    if (auto const checkpoint = audit::open_checkpoint(note, verifier))
      fuzz::must(note.starts_with(checkpoint->text() + "\n"));
  if (auto const opened = audit::open_note(signed_text, verifier)) fuzz::must(*opened == text);
  if (auto const parsed = audit::VerifierKey::parse(text)) fuzz::must(parsed->to_string() == text);
  return 0;
}
