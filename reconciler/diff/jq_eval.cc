// The evaluator. Each expression turns one input into any number of outputs, which are handed on as
// they come.

#include <algorithm>
#include <functional>
#include <optional>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/diff/jq.h"

namespace swell::diff::jq {
namespace {

using Kind = Node::Kind;

// Below this, documents are not looked into (the readers allow no more either).
constexpr int kMaxDepth = 512;

// A value, and where in the document it stands; nowhere where it was computed.
struct Output {
  Value value;
  std::optional<PointerTokens> at;
};

bool IsTrue(const Value& value) {
  return !value.is_null() && (!value.is_bool() || value.as_bool());
}

// The order of jq: null, false, true, numbers, strings, arrays, objects.
int Rank(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return 0;
    case Value::Type::kBool:
      return value.as_bool() ? 2 : 1;
    case Value::Type::kInt:
    case Value::Type::kFloat:
      return 3;
    case Value::Type::kString:
      return 4;
    case Value::Type::kArray:
      return 5;
    default:
      return 6;
  }
}

template <class T>
int Sign(const T& a, const T& b) {
  return (a > b) - (a < b);
}

int Order(const Value& a, const Value& b, int depth = 0) {
  if (Rank(a) != Rank(b)) return Sign(Rank(a), Rank(b));
  if (a.is_number()) {
    return a.is_int() && b.is_int() ? Sign(a.as_int(), b.as_int())
                                    : Sign(a.as_float(), b.as_float());
  }
  if (a.is_string()) return Sign(a.as_string(), b.as_string());
  if (depth > kMaxDepth || (!a.is_array() && !a.is_object())) return 0;
  if (a.is_object()) {  // first by their sorted keys, then by the values
    const auto mine = a.members(), theirs = b.members();
    for (std::size_t i = 0; i < std::min(mine.size(), theirs.size()); ++i) {
      if (const int order = Sign(mine[i].name(), theirs[i].name())) return order;
    }
    if (mine.size() != theirs.size()) return Sign(mine.size(), theirs.size());
    for (std::size_t i = 0; i < mine.size(); ++i) {
      if (const int order = Order(mine[i].value, theirs[i].value, depth + 1)) return order;
    }
    return 0;
  }
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const int order = Order(a[i], b[i], depth + 1)) return order;
  }
  return Sign(a.size(), b.size());
}

std::string_view TypeName(const Value& value) {
  constexpr std::string_view kNames[] = {"null",   "boolean", "boolean", "number",
                                         "string", "array",   "object"};
  return kNames[Rank(value)];
}

bool Compares(std::string_view op, const Value& a, const Value& b) {
  const int order = Order(a, b);
  if (op == "==") return order == 0;
  if (op == "!=") return order != 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

class Evaluator {
 public:
  // Answers false to end the evaluation.
  using Sink = std::function<bool(Output)>;

  // False where it was ended early.
  bool Run(const Node& node, const Output& in, const Sink& sink) {
    if (!Spend(1)) return false;
    switch (node.kind) {
      case Kind::kIdentity:
        return sink(in);
      case Kind::kField:
        return Field(node, in, sink);
      case Kind::kIndex:
        return Index(node, in, sink);
      case Kind::kEach:
        return Each(in, sink);
      case Kind::kDescent:
        return Descend(in, sink, 0);
      case Kind::kPipe:
        return Run(*node.a, in, [&](const Output& out) { return Run(*node.b, out, sink); });
      case Kind::kComma:
        return Run(*node.a, in, sink) && Run(*node.b, in, sink);
      case Kind::kDefault:
        return Default(node, in, sink);
      case Kind::kLiteral:
        return sink({node.value, {}});
      case Kind::kIf:
        return Run(*node.a, in, [&](const Output& condition) {
          return Run(IsTrue(condition.value) ? *node.b : *node.c, in, sink);
        });
      case Kind::kCompare:
      case Kind::kAnd:
      case Kind::kOr:
        return Condition(node, in, sink);
      case Kind::kFunction:
        return Function(node, in, sink);
    }
    return true;
  }

  bool exhausted() const { return steps_ > kMaxSteps; }

 private:
  bool Spend(std::size_t steps) {
    steps_ += steps;
    return !exhausted();
  }

  static Output Child(const Output& of, const Value& value, std::string token) {
    Output out{value, of.at};
    if (out.at) out.at->push_back(std::move(token));
    return out;
  }

  bool Field(const Node& node, const Output& in, const Sink& sink) {
    if (!in.value.is_object() && !in.value.is_null()) return true;
    return sink(Child(in, in.value[node.text], node.text));
  }

  bool Index(const Node& node, const Output& in, const Sink& sink) {
    if (!in.value.is_array() && !in.value.is_null()) return true;
    const auto size = static_cast<std::int64_t>(in.value.size());
    const std::int64_t at = node.index < 0 ? node.index + size : node.index;
    if (at < 0 || at >= size) return sink({Value(), {}});
    return sink(Child(in, in.value[static_cast<std::size_t>(at)], std::to_string(at)));
  }

  bool Each(const Output& in, const Sink& sink) {
    for (std::size_t i = 0; i < in.value.items().size(); ++i) {
      if (!Spend(1) || !sink(Child(in, in.value[i], std::to_string(i)))) return false;
    }
    for (const Member& member : in.value.members()) {
      if (!Spend(1) || !sink(Child(in, member.value, member.key.str()))) return false;
    }
    return true;
  }

  bool Descend(const Output& in, const Sink& sink, int depth) {
    if (depth > kMaxDepth) return true;
    return sink(in) &&
           Each(in, [&](const Output& child) { return Descend(child, sink, depth + 1); });
  }

  bool Default(const Node& node, const Output& in, const Sink& sink) {
    bool any = false;
    const bool went_on = Run(*node.a, in, [&](Output out) {
      if (!IsTrue(out.value)) return true;
      any = true;
      return sink(std::move(out));
    });
    return went_on && (any || Run(*node.b, in, sink));
  }

  bool Condition(const Node& node, const Output& in, const Sink& sink) {
    return Run(*node.a, in, [&](const Output& left) {
      if (node.kind != Kind::kCompare && IsTrue(left.value) == (node.kind == Kind::kOr)) {
        return sink({Value(node.kind == Kind::kOr), {}});
      }
      return Run(*node.b, in, [&](const Output& right) {
        const bool holds = node.kind == Kind::kCompare
                               ? Compares(node.text, left.value, right.value)
                               : IsTrue(right.value);
        return sink({Value(holds), {}});
      });
    });
  }

  bool Function(const Node& node, const Output& in, const Sink& sink) {
    const std::string_view name = node.text;
    const Value& value = in.value;
    if (name == "empty") return true;
    if (name == "recurse") return Descend(in, sink, 0);
    if (name == "select") {
      return Run(*node.a, in,
                 [&](const Output& condition) { return !IsTrue(condition.value) || sink(in); });
    }
    if (name == "first") return First(node, in, sink);
    if (name == "any" || name == "all") return AnyOrAll(node, in, sink);
    if (node.a) {
      if (node.regex) return value.is_string() ? Test(node, value, sink) : true;
      return Run(*node.a, in, [&](const Output& argument) {
        const std::optional<bool> answer = Ask(name, value, argument.value);
        return !answer || sink({Value(*answer), {}});
      });
    }
    return sink({Compute(name, value), {}});
  }

  bool First(const Node& node, const Output& in, const Sink& sink) {
    std::optional<Output> first;
    Run(*node.a, in, [&](Output out) {
      first = std::move(out);
      return false;
    });
    if (exhausted()) return false;
    return !first || sink(*std::move(first));
  }

  bool AnyOrAll(const Node& node, const Output& in, const Sink& sink) {
    const bool wanted = node.text == "any";
    bool found = false;
    const auto look = [&](const Output& out) {
      found = IsTrue(out.value) == wanted;
      return !found;
    };
    Each(in, [&](const Output& item) { return node.a ? Run(*node.a, item, look) : look(item); });
    if (exhausted()) return false;
    return sink({Value(found == wanted), {}});
  }

  bool Test(const Node& node, const Value& value, const Sink& sink) {
    const std::string_view text = value.as_string();
    if (!Spend(text.size() / 16)) return false;
    return sink({Value(node.regex->Matches(text)), {}});
  }

  // Nothing where jq would fail.
  std::optional<bool> Ask(std::string_view name, const Value& value, const Value& argument) {
    if (name == "has") {
      if (value.is_object() && argument.is_string()) return value.Has(argument.as_string());
      if (!value.is_array() || !argument.is_int()) return {};
      return argument.as_int() >= 0 && argument.as_int() < static_cast<std::int64_t>(value.size());
    }
    if (name == "contains") return Contains(value, argument, 0);
    if (!value.is_string() || !argument.is_string()) return {};
    return name == "startswith" ? value.as_string().starts_with(argument.as_string())
                                : value.as_string().ends_with(argument.as_string());
  }

  std::optional<bool> Contains(const Value& value, const Value& part, int depth) {
    if (!Spend(1) || depth > kMaxDepth) return {};
    if (value.is_object() && part.is_object()) {
      return std::ranges::all_of(part.members(), [&](const Member& member) {
        const Value* mine = value.Find(member.name());
        return mine != nullptr && Contains(*mine, member.value, depth + 1).value_or(false);
      });
    }
    if (value.is_array() && part.is_array()) {
      return std::ranges::all_of(part.items(), [&](const Value& wanted) {
        return std::ranges::any_of(value.items(), [&](const Value& mine) {
          return Contains(mine, wanted, depth + 1).value_or(false);
        });
      });
    }
    if (value.is_string() && part.is_string()) {
      Spend(value.as_string().size() / 16);
      return value.as_string().find(part.as_string()) != std::string_view::npos;
    }
    if (TypeName(value) != TypeName(part)) return {};
    return Order(value, part) == 0;
  }

  Value Compute(std::string_view name, const Value& value) {
    if (name == "not") return Value(!IsTrue(value));
    if (name == "type") return Value(TypeName(value));
    if (name == "length") {
      if (value.is_number())
        return Value(value.as_float() < 0 ? -value.as_float() : value.as_float());
      if (value.is_string()) return Value(static_cast<std::int64_t>(Letters(value.as_string())));
      return Value(static_cast<std::int64_t>(value.size()));
    }
    if (name == "keys") return Keys(value);
    if (name == "ascii_downcase") return Value(ToLower(value.as_string()));
    return value.is_string() ? value : Value(json::Write(value));  // tostring
  }

  static std::size_t Letters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
  }

  static Value Keys(const Value& value) {
    std::vector<Value> keys;
    for (const Member& member : value.members()) keys.push_back(member.key);
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      keys.emplace_back(static_cast<std::int64_t>(i));
    }
    return Value::Array(std::move(keys));
  }

  std::size_t steps_ = 0;
};

}  // namespace

Result<std::vector<PointerTokens>> FindPlaces(const Node& expression, const Value& document) {
  std::vector<PointerTokens> places;
  Evaluator evaluator;
  evaluator.Run(expression, {document, PointerTokens()}, [&](Output out) {
    if (out.at && FindPointer(document, *out.at)) places.push_back(*std::move(out.at));
    return true;
  });
  if (evaluator.exhausted()) {
    return Fail(
        ResourceExhausted("more than " + std::to_string(kMaxSteps) + " steps (budget jq steps)"));
  }
  return places;
}

}  // namespace swell::diff::jq
