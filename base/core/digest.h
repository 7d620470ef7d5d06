#pragma once
// Content addresses: SHA-256 over length-prefixed fields.

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell {

// A SHA-256 digest. The default is all zero and means "none".
class Digest {
 public:
  static constexpr std::size_t kBytes = 32;

  Digest() = default;
  explicit Digest(const std::array<std::uint8_t, kBytes>& bytes) : bytes_(bytes) {}

  // The digest of the bytes alone (what sha256sum prints).
  static Digest Of(std::string_view bytes);
  // Accepts "sha256:<64 hex>" and plain 64 hex digits.
  static Result<Digest> Parse(std::string_view text);

  bool empty() const { return *this == Digest(); }
  // 64 hex digits.
  std::string Hex() const;
  // The first 12 hex digits, for people.
  std::string Short() const { return Hex().substr(0, 12); }
  // "sha256:<hex>"
  std::string ToString() const { return "sha256:" + Hex(); }
  const std::array<std::uint8_t, kBytes>& bytes() const { return bytes_; }

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
};

// Digests a sequence of fields. Each field is prefixed by its length, so ("ab","c") and
// ("a","bc") differ. Not thread-safe.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  Hasher& Add(std::string_view field);
  Hasher& Add(const Digest& digest);
  Hasher& Add(std::int64_t number);
  // Ends the sequence; the hasher must not be used afterwards.
  Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace swell

template <>
struct std::hash<swell::Digest> {
  std::size_t operator()(const swell::Digest& d) const noexcept {
    std::size_t h = 0;
    for (std::size_t i = 0; i < sizeof h; ++i) h = h << 8 | d.bytes()[i];
    return h;
  }
};
