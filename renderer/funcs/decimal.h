#pragma once
// Decimal arithmetic of any precision, as sprig's addf, subf, mulf and divf do it
// (shopspring/decimal): 0.1 + 0.2 is 0.3.

#include <memory>
#include <string>

#include "base/core/result.h"

struct bignum_st;

namespace swell::funcs {

// A value of digits × 10^exponent.
class Decimal {
 public:
  // The shortest decimal that reads back as `f`. NaN and infinity are refused.
  static Result<Decimal> FromFloat(double f);

  Decimal Plus(const Decimal& other) const;
  Decimal Minus(const Decimal& other) const;
  Decimal Times(const Decimal& other) const;
  // Rounded half away from zero to 16 places. Fails with "decimal division by 0".
  Result<Decimal> DividedBy(const Decimal& other) const;

  // The nearest float64.
  double ToFloat() const;

 private:
  struct Free {
    void operator()(bignum_st* n) const;
  };
  using Integer = std::unique_ptr<bignum_st, Free>;

  Decimal(Integer digits, int exponent) : digits_(std::move(digits)), exponent_(exponent) {}
  // The digits for a smaller or equal exponent.
  Integer Scaled(int exponent) const;
  static Integer Copy(const Integer& n);

  Integer digits_;
  int exponent_;
};

}  // namespace swell::funcs
