// RSA keys. OpenSSL 3.0 makes them by SP 800-56B with side-channel-free arithmetic throughout,
// some 150 ms for 2048 bits; half of the charts that make certificates spend their time there.
// The primes are OpenSSL's own here, and so is the arithmetic: only the frame around them is ours,
// which is what PKCS #1 asks of a key. Nobody else's code runs beside a render to listen to it.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "renderer/funcs/x509.h"

namespace swell::funcs {
namespace {

constexpr BN_ULONG kExponent = 65537;

template <class T, void (*free)(T*)>
struct Deleter {
  void operator()(T* p) const { free(p); }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BIGNUM, &BN_clear_free>>;
using NumberContext = std::unique_ptr<BN_CTX, Deleter<BN_CTX, &BN_CTX_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD, &OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM, &OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>>;

struct Parts {
  Number n{BN_new()}, e{BN_new()}, d{BN_new()}, p{BN_new()}, q{BN_new()};
  Number dmp1{BN_new()}, dmq1{BN_new()}, iqmp{BN_new()};
};

// A prime with its two highest bits set, so that a product of two has the full length, and with
// prime - 1 having no factor in common with the exponent.
bool MakePrime(BIGNUM* prime, int bits) {
  do {
    if (BN_generate_prime_ex(prime, bits, 0, nullptr, nullptr, nullptr) != 1) return false;
  } while (BN_mod_word(prime, kExponent) == 1);
  return true;
}

// Primes that are near each other are found by Fermat's method (FIPS 186-4, B.3.1).
bool AreFarApart(const Parts& k, int bits, BIGNUM* scratch) {
  return BN_sub(scratch, k.p.get(), k.q.get()) == 1 && BN_num_bits(scratch) > bits - 100;
}

bool MakeParts(Parts& k, int bits) {
  const NumberContext ctx(BN_CTX_new());
  const Number p1(BN_new()), q1(BN_new()), phi(BN_new());
  if (ctx == nullptr || phi == nullptr || BN_set_word(k.e.get(), kExponent) != 1) return false;
  do {
    if (!MakePrime(k.p.get(), (bits + 1) / 2) || !MakePrime(k.q.get(), bits / 2)) return false;
  } while (!AreFarApart(k, bits / 2, phi.get()));
  if (BN_cmp(k.p.get(), k.q.get()) < 0) k.p.swap(k.q);
  return BN_mul(k.n.get(), k.p.get(), k.q.get(), ctx.get()) == 1 &&
         BN_sub(p1.get(), k.p.get(), BN_value_one()) == 1 &&
         BN_sub(q1.get(), k.q.get(), BN_value_one()) == 1 &&
         BN_mul(phi.get(), p1.get(), q1.get(), ctx.get()) == 1 &&
         BN_mod_inverse(k.d.get(), k.e.get(), phi.get(), ctx.get()) != nullptr &&
         BN_mod(k.dmp1.get(), k.d.get(), p1.get(), ctx.get()) == 1 &&
         BN_mod(k.dmq1.get(), k.d.get(), q1.get(), ctx.get()) == 1 &&
         BN_mod_inverse(k.iqmp.get(), k.q.get(), k.p.get(), ctx.get()) != nullptr;
}

PrivateKey FromParts(const Parts& k) {
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  const auto push = [&](const char* name, const Number& number) {
    return OSSL_PARAM_BLD_push_BN(builder.get(), name, number.get()) == 1;
  };
  if (builder == nullptr || !push(OSSL_PKEY_PARAM_RSA_N, k.n) ||
      !push(OSSL_PKEY_PARAM_RSA_E, k.e) || !push(OSSL_PKEY_PARAM_RSA_D, k.d) ||
      !push(OSSL_PKEY_PARAM_RSA_FACTOR1, k.p) || !push(OSSL_PKEY_PARAM_RSA_FACTOR2, k.q) ||
      !push(OSSL_PKEY_PARAM_RSA_EXPONENT1, k.dmp1) ||
      !push(OSSL_PKEY_PARAM_RSA_EXPONENT2, k.dmq1) ||
      !push(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, k.iqmp)) {
    return nullptr;
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext ctx(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || ctx == nullptr || EVP_PKEY_fromdata_init(ctx.get()) != 1 ||
      EVP_PKEY_fromdata(ctx.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1) {
    return nullptr;
  }
  return PrivateKey(key);
}

}  // namespace

Result<PrivateKey> GenerateRsaKey(int bits) {
  Parts parts;
  PrivateKey key = MakeParts(parts, bits) ? FromParts(parts) : nullptr;
  if (key == nullptr) return Fail(Internal("error generating rsa key"));
  return key;
}

}  // namespace swell::funcs
