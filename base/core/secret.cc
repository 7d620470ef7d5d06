#include "base/core/secret.h"

#include <openssl/crypto.h>

namespace swell {

void Secret::Wipe() {
  if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

}  // namespace swell
