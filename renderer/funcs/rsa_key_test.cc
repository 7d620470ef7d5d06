#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <set>

#include "renderer/funcs/x509.h"

namespace swell::funcs {
namespace {

using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

// OpenSSL's own check of a key: primes, product, exponents, coefficient.
TEST(RsaKey, IsAKeyThatOpenSslTakesForOne) {
  for (const int bits : {1024, 2047, 2048, 3072}) {
    const auto key = GenerateRsaKey(bits);
    ASSERT_TRUE(key) << bits;
    EXPECT_EQ(EVP_PKEY_get_bits(key->get()), bits);
    const Context check(EVP_PKEY_CTX_new_from_pkey(nullptr, key->get(), nullptr),
                        &EVP_PKEY_CTX_free);
    EXPECT_EQ(EVP_PKEY_check(check.get()), 1) << bits;
    EXPECT_EQ(EVP_PKEY_pairwise_check(check.get()), 1) << bits;
  }
}

TEST(RsaKey, SignsWhatItsPublicHalfVerifies) {
  const auto key = GenerateRsaKey(2048);
  ASSERT_TRUE(key);
  const unsigned char text[] = "what was signed";
  unsigned char signature[256];
  std::size_t size = sizeof signature;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> md(EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free);
  ASSERT_EQ(EVP_DigestSignInit(md.get(), nullptr, EVP_sha256(), nullptr, key->get()), 1);
  ASSERT_EQ(EVP_DigestSign(md.get(), signature, &size, text, sizeof text), 1);
  ASSERT_EQ(EVP_DigestVerifyInit(md.get(), nullptr, EVP_sha256(), nullptr, key->get()), 1);
  EXPECT_EQ(EVP_DigestVerify(md.get(), signature, size, text, sizeof text), 1);
  signature[9] ^= 1;
  ASSERT_EQ(EVP_DigestVerifyInit(md.get(), nullptr, EVP_sha256(), nullptr, key->get()), 1);
  EXPECT_NE(EVP_DigestVerify(md.get(), signature, size, text, sizeof text), 1);
}

TEST(RsaKey, IsAnotherEachTime) {
  std::set<std::string> keys;
  for (int i = 0; i < 5; ++i) keys.insert(*KeyToPem(**GenerateRsaKey(1024)));
  EXPECT_EQ(keys.size(), 5u);
}

}  // namespace
}  // namespace swell::funcs
