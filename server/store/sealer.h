#pragma once
// Sealing: compression and, for what is sensitive, encryption at rest.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/core/secret.h"

namespace swell::store {

// zstd, level 3.
std::string Compress(std::string_view bytes);
// kDataLoss where the bytes are no zstd frame or expand beyond max_bytes.
Result<std::string> Decompress(std::string_view bytes, std::size_t max_bytes = 256u << 20);

// AES-256-GCM under one key file. Thread-safe.
class Sealer {
 public:
  // Reads the key file (64 hex digits), or makes one with mode 0600 where none exists. A file
  // that others may read is kFailedPrecondition.
  static Result<Sealer> Open(const std::string& key_file);

  // A fresh nonce, the ciphertext and the tag. `context` is bound to it: a sealed text moved to
  // another row does not open.
  std::string Seal(std::string_view plain, std::string_view context) const;
  // kDataLoss where the key, the context or the bytes are not what they were.
  Result<std::string> Unseal(std::string_view sealed, std::string_view context) const;

 private:
  explicit Sealer(Secret key) : key_(std::move(key)) {}
  Secret key_;  // 32 bytes
};

}  // namespace swell::store
