// Any and Value, each made of the other.

#include "base/core/encoding.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/value.h"

namespace swell::gotemplate {

Any FromValue(const Value& value, Numbers numbers) {
  switch (value.type()) {
    case Value::Type::kNull:
      return {};
    case Value::Type::kBool:
      return Any::Bool(value.as_bool());
    case Value::Type::kInt:
      return numbers == Numbers::kFloat64 ? Any::Float(static_cast<double>(value.as_int()))
                                          : Any::Int64(value.as_int());
    case Value::Type::kFloat:
      return Any::Float(value.as_float());
    case Value::Type::kString:
      return Any::String(value.as_string());
    case Value::Type::kArray: {
      std::vector<Any> items;
      items.reserve(value.size());
      for (const Value& item : value.items()) items.push_back(FromValue(item, numbers));
      return Any::List(std::move(items));
    }
    case Value::Type::kObject: {
      Any map = Any::NewMap();
      for (const Member& member : value.members()) {
        map.as_map()->Set(member.name(), FromValue(member.value, numbers));
      }
      return map;
    }
  }
  return {};
}

namespace {

class ToValueWalk {
 public:
  ToValueWalk(Budget& budget, Encoding encoding) : budget_(budget), encoding_(encoding) {}

  Result<Value> Walk(const Any& any, int depth) {
    TRY(budget_.Spend());
    TRY(budget_.CheckDepth(depth));
    // A line break and its indentation.
    TRY(Print(1 + 2 * static_cast<std::size_t>(depth)));
    switch (any.kind()) {
      case Kind::kNil:
        return Value();
      case Kind::kBool:
        return Value(any.as_bool());
      case Kind::kInt:
      case Kind::kInt64:
      case Kind::kUint8:
        return Value(any.as_int());
      case Kind::kUint64:
        if (any.as_int() < 0)
          return Value(static_cast<double>(static_cast<std::uint64_t>(any.as_int())));
        return Value(any.as_int());
      case Kind::kFloat64:
        return Value(any.as_float());
      case Kind::kComplex128:
        return Fail(InvalidArgument("json: unsupported type: complex128"));
      case Kind::kString:
        TRY(Print(any.as_string().size()));
        return Value(any.as_string());
      case Kind::kSlice:
        return WalkList(*any.as_list(), depth);
      case Kind::kMap:
        return WalkMap(*any.as_map(), depth);
      case Kind::kObject:
        return any.as_object()->ToJson();
    }
    return Value();
  }

 private:
  Result<Value> WalkList(const List& list, int depth) {
    if (list.is_nil() && encoding_ == Encoding::kJson) return Value();
    if (list.type()->elem == types::kUint8 && encoding_ == Encoding::kJson) {
      TRY(Print(list.size()));
      return Value(Base64Encode(list.Text()));
    }
    std::vector<Value> items;
    items.reserve(list.size());
    for (const Any& item : list.items()) items.push_back(TRY(Walk(item, depth + 1)));
    return Value::Array(std::move(items));
  }

  Result<Value> WalkMap(const Map& map, int depth) {
    std::vector<Member> members;
    members.reserve(map.size());
    for (const Map::Entry& entry : map.entries()) {
      TRY(Print(entry.name().size()));
      members.emplace_back(entry.name(), TRY(Walk(entry.value, depth + 1)));
    }
    return Value::Object(std::move(members));
  }

  // Accounts for text that printing the value will make.
  Status Print(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= budget_.limits().max_value_bytes) return {};
    return budget_.Allow(bytes_);
  }

  Budget& budget_;
  const Encoding encoding_;
  std::size_t bytes_ = 0;
};

// Bytes of the Any that FromValue makes of it.
std::uint64_t BytesOf(const Value& value) {
  std::uint64_t bytes = sizeof(Any) + value.as_string().size();
  for (const Value& item : value.items()) bytes += BytesOf(item);
  for (const Member& member : value.members()) {
    bytes += sizeof(Any) + member.name().size() + BytesOf(member.value);
  }
  return bytes;
}

}  // namespace

Result<Any> FromValue(const Value& value, Budget& budget, Numbers numbers) {
  const std::uint64_t bytes = BytesOf(value);
  TRY(budget.Spend(bytes / 64));
  TRY(budget.Allow(bytes));
  return FromValue(value, numbers);
}

Result<Value> ToValue(const Any& any, Budget& budget, Encoding encoding) {
  return ToValueWalk(budget, encoding).Walk(any, 0);
}

Value Object::ToJson() const {
  Budget budget{Limits{}};  // fields are scalars, lists and structs, far from every limit
  std::vector<Member> members;
  for (const JsonField& field : JsonFields()) {
    members.emplace_back(field.name, ToValue(field.value, budget).value_or(Value()));
  }
  return Value::Object(std::move(members));
}

}  // namespace swell::gotemplate
