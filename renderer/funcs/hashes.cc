// sha1sum, sha256sum, sha512sum, adler32sum.

#include <openssl/evp.h>

#include "base/core/digest.h"
#include "base/core/encoding.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

gotemplate::Callable HexDigest(const EVP_MD* (*algorithm)()) {
  return [algorithm](Context& context, Args args) -> Result<Any> {
    const std::string_view text = args[0].as_string();
    TRY(context.budget().Spend(text.size() / 64));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest, &size, algorithm(), nullptr) != 1) {
      return Fail(Internal("the digest could not be computed"));
    }
    return Any::String(HexEncode({reinterpret_cast<const char*>(digest), size}));
  };
}

Result<Any> Sha256(Context& context, Args args) {
  const std::string_view text = args[0].as_string();
  TRY(context.budget().Spend(text.size() / 64));
  return Any::String(Digest::Of(text).Hex());
}

Result<Any> Adler32(Context&, Args args) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : args[0].as_string()) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return Any::String(std::to_string(b << 16 | a));
}

}  // namespace

void RegisterHashes(FunctionMap& functions) {
  functions.Add("sha1sum", {types::kString}, HexDigest(&EVP_sha1));
  functions.Add("sha256sum", {types::kString}, &Sha256);
  functions.Add("sha512sum", {types::kString}, HexDigest(&EVP_sha512));
  functions.Add("adler32sum", {types::kString}, &Adler32);
}

}  // namespace swell::funcs
