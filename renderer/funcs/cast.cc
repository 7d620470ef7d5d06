#include "renderer/funcs/cast.h"

#include <optional>

#include "renderer/gotemplate/format.h"

namespace swell::funcs {

using gotemplate::Any;
using gotemplate::Budget;
using gotemplate::Kind;

Result<std::string> StringOf(const Any& any, Budget& budget) {
  if (const gotemplate::List* list = any.as_list();
      list != nullptr && list->type()->elem == gotemplate::types::kUint8) {
    TRY(budget.Allow(list->size()));
    return list->Text();
  }
  return gotemplate::FormatValue(any, budget);
}

Result<std::vector<std::string>> StringsOf(const Any& any, Budget& budget) {
  std::vector<std::string> out;
  const gotemplate::List* list = any.as_list();
  if (list == nullptr) {
    if (!any.is_nil()) out.push_back(TRY(StringOf(any, budget)));
    return out;
  }
  TRY(budget.Spend(list->size()));
  out.reserve(list->size());
  for (const Any& item : list->items()) {
    if (!item.is_nil()) out.push_back(TRY(StringOf(item, budget)));
  }
  return out;
}

namespace {

// "5.0" -> "5", "4.2" as it is.
std::string_view TrimZeroDecimal(std::string_view s) {
  bool zero = false;
  for (std::size_t i = s.size(); i > 0; --i) {
    if (s[i - 1] == '.') {
      if (zero) return s.substr(0, i - 1);
    } else if (s[i - 1] == '0') {
      zero = true;
    } else {
      return s;
    }
  }
  return s;
}

// As amd64 converts: what does not fit becomes the smallest integer.
std::int64_t Truncate(double f) {
  if (f >= -0x1p63 && f < 0x1p63) return static_cast<std::int64_t>(f);
  return INT64_MIN;
}

}  // namespace

std::int64_t Int64Of(const Any& any) {
  switch (any.kind()) {
    case Kind::kBool:
      return any.as_bool() ? 1 : 0;
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kUint8:
    case Kind::kUint64:
      return any.as_int();
    case Kind::kFloat64:
      return Truncate(any.as_float());
    case Kind::kString:
      return gotemplate::ParseInt(TrimZeroDecimal(any.as_string()), 0).value_or(0);
    default:
      return 0;
  }
}

double FloatOf(const Any& any) {
  switch (any.kind()) {
    case Kind::kBool:
      return any.as_bool() ? 1 : 0;
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kUint8:
      return static_cast<double>(any.as_int());
    case Kind::kUint64:
      return static_cast<double>(static_cast<std::uint64_t>(any.as_int()));
    case Kind::kFloat64:
      return any.as_float();
    case Kind::kString:
      return gotemplate::ParseFloat(any.as_string()).value_or(0);
    default:
      return 0;
  }
}

bool IsEmpty(const Any& any) { return !gotemplate::Truth(any); }

}  // namespace swell::funcs
