#include "base/core/digest.h"

// SHA256_Init and its like are deprecated for EVP, which takes a millisecond to set itself up and
// several times as long as they for the short fields that most digests here are over.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>

#include "base/core/check.h"
#include "base/core/encoding.h"

namespace swell {

Digest Digest::Of(std::string_view bytes) {
  std::array<std::uint8_t, kBytes> out;
  SHA256_CTX context;
  SWELL_CHECK(SHA256_Init(&context) == 1);
  SWELL_CHECK(SHA256_Update(&context, bytes.data(), bytes.size()) == 1);
  SWELL_CHECK(SHA256_Final(out.data(), &context) == 1);
  return Digest(out);
}

Result<Digest> Digest::Parse(std::string_view text) {
  const std::string_view hex = text.starts_with("sha256:") ? text.substr(7) : text;
  auto bytes = HexDecode(hex);
  if (!bytes || bytes->size() != kBytes) {
    return Fail(InvalidArgument("\"" + std::string(text) + "\" is not a SHA-256 digest"));
  }
  std::array<std::uint8_t, kBytes> out;
  for (std::size_t i = 0; i < kBytes; ++i) out[i] = static_cast<std::uint8_t>((*bytes)[i]);
  return Digest(out);
}

std::string Digest::Hex() const {
  return HexEncode({reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
}

struct Hasher::State {
  SHA256_CTX context;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  SWELL_CHECK(SHA256_Init(&state_->context) == 1);
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

Hasher& Hasher::Add(std::string_view field) {
  std::uint8_t length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<std::uint8_t>(field.size() >> (8 * i));
  SHA256_Update(&state_->context, length, sizeof length);
  SHA256_Update(&state_->context, field.data(), field.size());
  return *this;
}

Hasher& Hasher::Add(const Digest& digest) {
  return Add({reinterpret_cast<const char*>(digest.bytes().data()), Digest::kBytes});
}

Hasher& Hasher::Add(std::int64_t number) { return Add(std::to_string(number)); }

Digest Hasher::Finish() {
  std::array<std::uint8_t, Digest::kBytes> out;
  SWELL_CHECK(SHA256_Final(out.data(), &state_->context) == 1);
  return Digest(out);
}

}  // namespace swell
