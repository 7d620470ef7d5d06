#include "renderer/object/quantity.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace swell {
namespace {

// Amounts in units of 10^-9, the finest that apimachinery keeps. 128 bits hold up to 1.7e29;
// anything beyond is no quantity that a cluster could use.
using Amount = __int128;
constexpr Amount kOne = 1'000'000'000;
constexpr Amount kMaxBinary = static_cast<Amount>(INT64_MAX) * kOne;

enum class Format { kDecimal, kBinary, kExponent };

struct Quantity {
  Amount nanos = 0;
  Format format = Format::kDecimal;
};

struct Suffix {
  int exponent = 0;  // of 10, or of 2 for kBinary
  Format format = Format::kDecimal;
};

constexpr std::string_view kDecimalSuffixes[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
constexpr std::string_view kBinarySuffixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

std::optional<Suffix> ParseSuffix(std::string_view text) {
  for (int i = 0; const std::string_view suffix : kDecimalSuffixes) {
    if (suffix == text) return Suffix{(i - 3) * 3, Format::kDecimal};
    ++i;
  }
  for (int i = 0; const std::string_view suffix : kBinarySuffixes) {
    if (suffix == text) return Suffix{i * 10, Format::kBinary};
    ++i;
  }
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  std::string_view digits = text.substr(1);
  if (digits[0] == '+') digits.remove_prefix(1);
  if (digits.starts_with('+')) return std::nullopt;
  int exponent = 0;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (error != std::errc{} || stop != digits.data() + digits.size()) return std::nullopt;
  return Suffix{exponent, Format::kExponent};
}

bool Multiply(Amount& amount, Amount by) { return !__builtin_mul_overflow(amount, by, &amount); }

// digits x 10^exponent x 2^shift in nanos, rounded away from zero.
std::optional<Amount> Scale(std::string_view digits, int exponent, int shift) {
  Amount amount = 0;
  for (const char c : digits) {
    Amount sum;
    if (!Multiply(amount, 10) || __builtin_add_overflow(amount, Amount(c - '0'), &sum)) {
      return std::nullopt;
    }
    amount = sum;
  }
  if (amount == 0) return 0;
  if (!Multiply(amount, static_cast<Amount>(1) << shift)) return std::nullopt;
  exponent += 9;
  if (exponent > 40) return std::nullopt;
  for (; exponent > 0; --exponent) {
    if (!Multiply(amount, 10)) return std::nullopt;
  }
  bool rest = false;
  for (; exponent < 0 && amount > 0; ++exponent) {
    rest = rest || amount % 10 != 0;
    amount /= 10;
  }
  return amount + (rest ? 1 : 0);
}

std::optional<Quantity> Parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits;
  int point = -1;  // digits before the point
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && point < 0) {
      point = static_cast<int>(digits.size());
    } else if (text[at] >= '0' && text[at] <= '9') {
      digits += text[at];
    } else {
      break;
    }
  }
  if (digits.empty()) return std::nullopt;
  const auto suffix = ParseSuffix(text.substr(at));
  if (!suffix) return std::nullopt;
  int exponent = point < 0 ? 0 : point - static_cast<int>(digits.size());
  // Zeros at the end of a fraction carry nothing, but could overflow the arithmetic.
  while (exponent < 0 && digits.ends_with('0')) {
    digits.pop_back();
    ++exponent;
  }
  const bool binary = suffix->format == Format::kBinary;
  const auto nanos =
      Scale(digits, exponent + (binary ? 0 : suffix->exponent), binary ? suffix->exponent : 0);
  if (!nanos) return std::nullopt;
  Quantity quantity{*nanos, suffix->format};
  if (binary) quantity.nanos = std::min(quantity.nanos, kMaxBinary);
  if (negative) quantity.nanos = -quantity.nanos;
  return quantity;
}

std::string ToText(Amount amount) {
  if (amount == 0) return "0";
  const bool negative = amount < 0;
  std::string out;
  for (; amount != 0; amount /= 10) {
    const int digit = static_cast<int>(amount % 10);
    out.insert(out.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  return negative ? "-" + out : out;
}

std::string FormatDecimal(Amount nanos, Format format) {
  int exponent = -9;
  // Down to a number without a factor of 1000, so the exponent stays a multiple of 3.
  while (nanos % 1000 == 0 && (format == Format::kExponent || exponent < 18)) {
    nanos /= 1000;
    exponent += 3;
  }
  if (format == Format::kExponent) {
    return ToText(nanos) + (exponent == 0 ? "" : "e" + std::to_string(exponent));
  }
  return ToText(nanos) + std::string(kDecimalSuffixes[exponent / 3 + 3]);
}

std::string FormatBinary(Amount whole) {
  int suffix = 0;
  for (; whole % 1024 == 0 && suffix < 6; ++suffix) whole /= 1024;
  return ToText(whole) + std::string(kBinarySuffixes[suffix]);
}

}  // namespace

std::optional<std::string> CanonicalQuantity(std::string_view text) {
  const auto quantity = Parse(text);
  if (!quantity) return std::nullopt;
  if (quantity->nanos == 0) return "0";
  // Below 1024, and where binary would lose a fraction, apimachinery prints decimal.
  const Amount magnitude = quantity->nanos < 0 ? -quantity->nanos : quantity->nanos;
  if (quantity->format == Format::kBinary && magnitude >= 1024 * kOne && magnitude % kOne == 0) {
    return FormatBinary(quantity->nanos / kOne);
  }
  const Format format = quantity->format == Format::kBinary ? Format::kDecimal : quantity->format;
  return FormatDecimal(quantity->nanos, format);
}

bool SameQuantity(std::string_view a, std::string_view b) {
  const auto x = Parse(a), y = Parse(b);
  return x && y && x->nanos == y->nanos;
}

}  // namespace swell
