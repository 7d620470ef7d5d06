#pragma once
// Fingerprint: what stands for an object where it is only compared, never shown.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/core/digest.h"
#include "base/value/value.h"
#include "renderer/object/object.h"

namespace swell::live {

// Half of a SHA-256 digest: small enough to keep one for every object of a fleet.
struct Fingerprint {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Fingerprint&, const Fingerprint&) = default;
};

Fingerprint Shorten(const Digest& digest);
Fingerprint FingerprintOf(const ObjectId& id);
// Of a live object, without what changes and means nothing to a comparison: status, resource
// version, generation, and of the field managers the times and what they own of a subresource.
Fingerprint FingerprintOfLive(const Value& object);
// Of any object as it is.
Fingerprint FingerprintOf(const Value& object);
// Of several together, in their order.
Fingerprint Combine(std::span<const Fingerprint> parts);

// As FingerprintOfLive (`whole`), and without the uid: the same in every cluster that holds the
// same.
struct LivePrints {
  Fingerprint content;
  Fingerprint whole;
};
LivePrints PrintsOfLive(const Value& object);

}  // namespace swell::live

template <>
struct std::hash<swell::live::Fingerprint> {
  std::size_t operator()(const swell::live::Fingerprint& f) const noexcept {
    return static_cast<std::size_t>(f.low);
  }
};
