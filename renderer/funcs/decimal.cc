#include "renderer/funcs/decimal.h"

#include <openssl/bn.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/core/check.h"
#include "renderer/gotemplate/strconv.h"

namespace swell::funcs {

namespace {

constexpr int kDivisionPlaces = 16;

struct FreeContext {
  void operator()(BN_CTX* c) const { BN_CTX_free(c); }
};
using BnContext = std::unique_ptr<BN_CTX, FreeContext>;

BnContext NewContext() {
  BnContext context(BN_CTX_new());
  SWELL_CHECK(context != nullptr);
  return context;
}

}  // namespace

void Decimal::Free::operator()(bignum_st* n) const { BN_free(n); }

Decimal::Integer Decimal::Copy(const Integer& n) {
  Integer copy(BN_dup(n.get()));
  SWELL_CHECK(copy != nullptr);
  return copy;
}

Result<Decimal> Decimal::FromFloat(double f) {
  const std::string text = gotemplate::FormatFloat(f, 'e', -1);
  if (!std::isfinite(f)) return Fail(InvalidArgument("Cannot create a Decimal from " + text));
  const std::size_t e = text.find('e');
  std::string digits;
  int places = 0;
  bool fraction = false;
  for (const char c : text.substr(0, e)) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    digits += c;
    places += fraction ? 1 : 0;
  }
  BIGNUM* number = nullptr;
  SWELL_CHECK(BN_dec2bn(&number, digits.c_str()) > 0);
  return Decimal(Integer(number), std::atoi(text.c_str() + e + 1) - places);
}

Decimal::Integer Decimal::Scaled(int exponent) const {
  Integer out = Copy(digits_);
  if (exponent >= exponent_) return out;
  const BnContext context = NewContext();
  Integer ten(BN_new());
  Integer power(BN_new());
  Integer count(BN_new());
  SWELL_CHECK(BN_set_word(ten.get(), 10) == 1);
  SWELL_CHECK(BN_set_word(count.get(), static_cast<BN_ULONG>(exponent_ - exponent)) == 1);
  SWELL_CHECK(BN_exp(power.get(), ten.get(), count.get(), context.get()) == 1);
  SWELL_CHECK(BN_mul(out.get(), digits_.get(), power.get(), context.get()) == 1);
  return out;
}

Decimal Decimal::Plus(const Decimal& other) const {
  const int exponent = std::min(exponent_, other.exponent_);
  Integer sum = Scaled(exponent);
  SWELL_CHECK(BN_add(sum.get(), sum.get(), other.Scaled(exponent).get()) == 1);
  return {std::move(sum), exponent};
}

Decimal Decimal::Minus(const Decimal& other) const {
  const int exponent = std::min(exponent_, other.exponent_);
  Integer difference = Scaled(exponent);
  SWELL_CHECK(BN_sub(difference.get(), difference.get(), other.Scaled(exponent).get()) == 1);
  return {std::move(difference), exponent};
}

Decimal Decimal::Times(const Decimal& other) const {
  const BnContext context = NewContext();
  Integer product(BN_new());
  SWELL_CHECK(BN_mul(product.get(), digits_.get(), other.digits_.get(), context.get()) == 1);
  return {std::move(product), exponent_ + other.exponent_};
}

Result<Decimal> Decimal::DividedBy(const Decimal& other) const {
  if (BN_is_zero(other.digits_.get())) return Fail(InvalidArgument("decimal division by 0"));
  // Both over one exponent, the dividend 10^16 times larger: the quotient counts 10^-16.
  const int exponent = std::min(exponent_ + kDivisionPlaces, other.exponent_);
  Decimal raised(Copy(digits_), exponent_ + kDivisionPlaces);
  Integer dividend = raised.Scaled(exponent);
  Integer divisor = other.Scaled(exponent);
  const bool negative = BN_is_negative(dividend.get()) != BN_is_negative(divisor.get());
  BN_set_negative(dividend.get(), 0);
  BN_set_negative(divisor.get(), 0);
  const BnContext context = NewContext();
  Integer quotient(BN_new());
  Integer rest(BN_new());
  SWELL_CHECK(BN_div(quotient.get(), rest.get(), dividend.get(), divisor.get(), context.get()) ==
              1);
  SWELL_CHECK(BN_lshift1(rest.get(), rest.get()) == 1);
  if (BN_cmp(rest.get(), divisor.get()) >= 0) SWELL_CHECK(BN_add_word(quotient.get(), 1) == 1);
  if (negative) BN_set_negative(quotient.get(), 1);
  return Decimal(std::move(quotient), -kDivisionPlaces);
}

double Decimal::ToFloat() const {
  char* digits = BN_bn2dec(digits_.get());
  SWELL_CHECK(digits != nullptr);
  const std::string text = std::string(digits) + "e" + std::to_string(exponent_);
  OPENSSL_free(digits);
  return std::strtod(text.c_str(), nullptr);
}

}  // namespace swell::funcs
