#include "renderer/gotemplate/compare.h"

#include <cmath>

#include "renderer/gotemplate/format.h"

namespace swell::gotemplate {

namespace {

// Go's basicKind: the groups within which values compare.
enum class Group { kInvalid, kBool, kComplex, kInt, kFloat, kString, kUint };

Group GroupOf(const Any& any) {
  switch (any.kind()) {
    case Kind::kBool:
      return Group::kBool;
    case Kind::kInt:
    case Kind::kInt64:
      return Group::kInt;
    case Kind::kUint8:
    case Kind::kUint64:
      return Group::kUint;
    case Kind::kFloat64:
      return Group::kFloat;
    case Kind::kComplex128:
      return Group::kComplex;
    case Kind::kString:
      return Group::kString;
    default:
      return Group::kInvalid;
  }
}

Error Incompatible(const Any& a, const Any& b) {
  return InvalidArgument("incompatible types for comparison: " + std::string(a.type_name()) +
                         " and " + std::string(b.type_name()));
}

bool IsIntAndUint(Group a, Group b) { return a == Group::kInt && b == Group::kUint; }

Result<bool> EqualOther(const Any& a, const Any& b, Budget& budget) {
  if (a.is_nil() || b.is_nil()) return a.is_nil() == b.is_nil();
  if (a.kind_name() != b.kind_name()) {
    const Any args[] = {a, b};
    return Fail(InvalidArgument("non-comparable types " +
                                TRY(Sprintf("%s", std::span(args).first(1), budget)) + ": " +
                                std::string(a.type_name()) + ", " + std::string(b.type_name()) +
                                ": " + TRY(Sprintf("%v", std::span(args).last(1), budget))));
  }
  if (b.kind() != Kind::kObject) {
    const Any args[] = {b};
    return Fail(InvalidArgument("non-comparable type " + TRY(Sprintf("%s", args, budget)) + ": " +
                                std::string(b.type_name())));
  }
  return a.type() == b.type() && a.as_object()->Equals(*b.as_object());
}

class DeepEqualWalk {
 public:
  explicit DeepEqualWalk(Budget& budget) : budget_(budget) {}

  Result<bool> Walk(const Any& a, const Any& b, int depth) {
    TRY(budget_.Spend());
    if (a.type() != b.type()) return false;
    switch (a.kind()) {
      case Kind::kNil:
        return true;
      case Kind::kBool:
        return a.as_bool() == b.as_bool();
      case Kind::kInt:
      case Kind::kInt64:
      case Kind::kUint8:
      case Kind::kUint64:
        return a.as_int() == b.as_int();
      case Kind::kFloat64:
        return a.as_float() == b.as_float();
      case Kind::kComplex128:
        return a.as_complex() == b.as_complex();
      case Kind::kString:
        return a.as_string() == b.as_string();
      case Kind::kSlice:
        return WalkLists(*a.as_list(), *b.as_list(), depth);
      case Kind::kMap:
        if (a.SameAs(b)) return true;
        return WalkMaps(*a.as_map(), *b.as_map(), depth);
      case Kind::kObject:
        return a.as_object()->Equals(*b.as_object());
    }
    return false;
  }

 private:
  Result<bool> WalkLists(const List& a, const List& b, int depth) {
    TRY(budget_.CheckDepth(depth));
    if (a.is_nil() != b.is_nil() || a.size() != b.size()) return false;
    if (&a == &b) return true;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!TRY(Walk(a[i], b[i], depth + 1))) return false;
    }
    return true;
  }

  Result<bool> WalkMaps(const Map& a, const Map& b, int depth) {
    TRY(budget_.CheckDepth(depth));
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const Map::Entry& x = a.entries()[i];
      const Map::Entry& y = b.entries()[i];
      if (x.name() != y.name()) return false;
      if (!TRY(Walk(x.value, y.value, depth + 1))) return false;
    }
    return true;
  }

  Budget& budget_;
};

}  // namespace

Result<bool> BasicEqual(const Any& a, const Any& b, Budget& budget) {
  const Group ga = GroupOf(a);
  const Group gb = GroupOf(b);
  if (IsIntAndUint(ga, gb) || IsIntAndUint(gb, ga)) {
    const Any& i = ga == Group::kInt ? a : b;
    return i.as_int() >= 0 && a.as_int() == b.as_int();
  }
  if (ga != gb) {
    if (!a.is_nil() && !b.is_nil()) return Fail(Incompatible(a, b));
    return false;
  }
  switch (ga) {
    case Group::kInvalid:
      return EqualOther(a, b, budget);
    case Group::kBool:
      return a.as_bool() == b.as_bool();
    case Group::kComplex:
      return a.as_complex() == b.as_complex();
    case Group::kInt:
    case Group::kUint:
      return a.as_int() == b.as_int();
    case Group::kFloat:
      return a.as_float() == b.as_float();
    case Group::kString:
      return a.as_string() == b.as_string();
  }
  return false;
}

Result<bool> BasicLess(const Any& a, const Any& b) {
  const auto bad = [] { return Fail(InvalidArgument("invalid type for comparison")); };
  const Group ga = GroupOf(a);
  const Group gb = GroupOf(b);
  if (ga == Group::kInvalid || gb == Group::kInvalid) return bad();
  if (IsIntAndUint(ga, gb)) {
    return a.as_int() < 0 ||
           static_cast<std::uint64_t>(a.as_int()) < static_cast<std::uint64_t>(b.as_int());
  }
  if (IsIntAndUint(gb, ga)) {
    return b.as_int() >= 0 &&
           static_cast<std::uint64_t>(a.as_int()) < static_cast<std::uint64_t>(b.as_int());
  }
  if (ga != gb) return Fail(Incompatible(a, b));
  switch (ga) {
    case Group::kInt:
      return a.as_int() < b.as_int();
    case Group::kUint:
      return static_cast<std::uint64_t>(a.as_int()) < static_cast<std::uint64_t>(b.as_int());
    case Group::kFloat:
      return a.as_float() < b.as_float();
    case Group::kString:
      return a.as_string() < b.as_string();
    default:
      return bad();
  }
}

Result<bool> DeepEqual(const Any& a, const Any& b, Budget& budget) {
  return DeepEqualWalk(budget).Walk(a, b, 0);
}

}  // namespace swell::gotemplate
