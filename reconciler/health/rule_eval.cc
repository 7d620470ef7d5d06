#include <algorithm>
#include <charconv>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/health/rule_table.h"
#include "reconciler/health/rules.h"

namespace swell::health {
namespace {

// Values that a path with "*" may reach in one object.
constexpr std::size_t kMaxReached = 10'000;

void Reach(const Value& node, std::span<const std::string> path, std::vector<const Value*>& out) {
  if (out.size() >= kMaxReached) return;
  if (path.empty()) {
    if (!node.is_null()) out.push_back(&node);
    return;
  }
  const auto rest = path.subspan(1);
  if (path.front() == "*") {
    for (const Value& item : node.items()) Reach(item, rest, out);
    for (const Member& member : node.members()) Reach(member.value, rest, out);
    return;
  }
  if (node.is_array()) {
    std::size_t index = 0;
    const std::string& name = path.front();
    if (name == "-1") {
      if (!node.empty()) Reach(node[node.size() - 1], rest, out);
      return;
    }
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (error == std::errc() && index < node.size()) Reach(node[index], rest, out);
    return;
  }
  if (const Value* child = node.Find(path.front())) Reach(*child, rest, out);
}

std::vector<const Value*> Reach(const Value& object, const Path& path) {
  std::vector<const Value*> out;
  Reach(object, path, out);
  return out;
}

// "3/3"
bool IsFull(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 &&
         text.substr(0, slash) == text.substr(slash + 1);
}

bool MatchesAny(const std::vector<std::string>& globs, std::string_view text) {
  return std::ranges::any_of(globs, [&](const std::string& glob) {
    return glob == "N/N" ? IsFull(text) : MatchesGlob(glob, text);
  });
}

std::string Text(const Value& value) {
  return value.is_string() ? value.str() : json::Write(value);
}

// Some controllers write numbers as text ("observedGeneration": "3"); a text that is no number
// (a hash) compares to nothing.
std::optional<std::int64_t> Number(const Value& value) {
  if (!value.is_string()) return value.as_int();
  const std::string_view text = value.as_string();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

bool IsEmpty(const Value& value) {
  return ((value.is_array() || value.is_object()) && value.empty()) ||
         (value.is_string() && value.as_string().empty());
}

std::int64_t Count(const std::vector<const Value*>& reached, const std::string& listed) {
  return std::ranges::count_if(reached, [&](const Value* value) {
    if (listed.empty()) return !IsEmpty(*value);
    return std::ranges::any_of(value->items(), [&](const Value& condition) {
      return MatchesGlob(listed, condition["type"].as_string());
    });
  });
}

std::int64_t Sum(const std::vector<const Value*>& reached) {
  std::int64_t sum = 0;
  for (const Value* value : reached) {
    // What somebody else wrote may be any number.
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    sum += std::clamp(Number(*value).value_or(0), -kMost, kMost);
  }
  return sum;
}

std::optional<std::int64_t> Evaluate(const Operand& operand, const Value& object) {
  if (operand.path.empty()) return operand.literal;
  if (operand.condition.empty()) {
    const auto reached = Reach(object, operand.path);
    if (operand.take == Operand::Take::kCount) return Count(reached, operand.listed);
    if (operand.take == Operand::Take::kSum) return Sum(reached);
    return reached.empty() ? 0 : Number(*reached.front());
  }
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].as_string() != operand.condition) continue;
    // Most controllers leave a condition's observedGeneration out.
    const Value* field = condition.Find(operand.path.front());
    if (field == nullptr) return {};
    return Number(*field);
  }
  return {};
}

bool HasAspects(const Term& term, const Value& condition, const Value& object) {
  const bool all = std::ranges::all_of(term.aspects, [&](const Aspect& aspect) {
    const Value& field = condition[aspect.field];
    return MatchesAny(aspect.values, field.is_null() ? "" : Text(field)) != aspect.negated;
  });
  if (!all || term.age == Age::kAny) return all;
  // Most controllers leave the condition's out.
  const Value& observed = condition["observedGeneration"];
  const Value& generation = object["metadata"]["generation"];
  const bool stale =
      observed.is_number() && generation.is_int() && observed.as_int() != generation.as_int();
  return stale == (term.age == Age::kStale);
}

bool HoldsCondition(const Term& term, const Value& object, std::string& why) {
  for (const Value* list : Reach(object, term.path)) {
    for (const Value& item : list->items()) {
      if (!item.is_object() || !HasAspects(term, item, object)) continue;
      const Condition condition = ReadCondition(item);
      if (!MatchesGlob(term.type, condition.type) || !MatchesAny(term.values, condition.status)) {
        continue;
      }
      if (!term.reasons.empty() && !MatchesAny(term.reasons, condition.reason)) continue;
      why = condition.message.empty() ? Describe(condition) : std::string(condition.message);
      return true;
    }
  }
  return false;
}

bool HoldsValue(const Term& term, const Value& object, std::string& why) {
  for (const Value* value : Reach(object, term.path)) {
    const std::string text = Text(*value);
    if (!MatchesAny(term.values, text)) continue;
    why = term.path.back() + " is " + text;
    for (const char* field : {"reason", "message"}) {
      if (!object["status"][field].as_string().empty()) why = object["status"][field].str();
    }
    return true;
  }
  return false;
}

// Pair by pair where both sides reach as many, else each of the left with the first of the right.
bool HoldsDifference(const Term& term, const Value& object, std::string& why) {
  const auto left = Reach(object, term.left.path);
  const auto right = Reach(object, term.right.path);
  if (right.empty()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::string a = Text(*left[i]);
    const std::string b = Text(*right[left.size() == right.size() ? i : 0]);
    if (a.empty() || b.empty() || a == b) continue;
    why = term.left.path.back() + " is " + a + ", " + term.right.path.back() + " is " + b;
    return true;
  }
  return false;
}

std::string Say(const Operand& operand, std::int64_t value) {
  return operand.path.empty() ? std::to_string(value)
                              : Join(operand.path, ".") + " is " + std::to_string(value);
}

bool HoldsComparison(const Term& term, const Value& object, std::string& why) {
  const auto left = Evaluate(term.left, object);
  const auto right = Evaluate(term.right, object);
  if (!left || !right) return false;
  if (term.kind == Term::Kind::kEqual) return *left == *right;
  const bool holds = term.kind == Term::Kind::kLess ? *left < *right : *left > *right;
  if (holds) why = Say(term.left, *left) + ", " + Say(term.right, *right);
  return holds;
}

}  // namespace

bool MatchesGlob(std::string_view glob, std::string_view text) {
  const std::size_t star = glob.find('*');
  if (star == std::string_view::npos) return glob == text;
  if (!text.starts_with(glob.substr(0, star))) return false;
  text.remove_prefix(star);
  glob.remove_prefix(star + 1);
  // What follows each further star is found as early as possible; the last must end the text.
  while (true) {
    const std::size_t next = glob.find('*');
    if (next == std::string_view::npos) return text.ends_with(glob);
    const std::size_t found = text.find(glob.substr(0, next));
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + next);
    glob.remove_prefix(next + 1);
  }
}

bool Holds(const Term& term, const Value& object, std::string& why) {
  switch (term.kind) {
    case Term::Kind::kCondition:
      return HoldsCondition(term, object, why);
    case Term::Kind::kNoCondition: {
      std::string there;
      if (HoldsCondition(term, object, there)) return false;
      why = "waiting for the condition " + term.type;
      return true;
    }
    case Term::Kind::kDiffers:
      return HoldsDifference(term, object, why);
    case Term::Kind::kValue:
      return HoldsValue(term, object, why);
    case Term::Kind::kNotValue:
      return !HoldsValue(term, object, why);
    case Term::Kind::kPresent:
    case Term::Kind::kAbsent: {
      const auto reached = Reach(object, term.path);
      const bool present =
          std::ranges::any_of(reached, [](const Value* value) { return !IsEmpty(*value); });
      if (present && reached.front()->is_string()) why = reached.front()->str();
      if (!present) why = "waiting for " + Join(term.path, ".");
      return present == (term.kind == Term::Kind::kPresent);
    }
    default:
      return HoldsComparison(term, object, why);
  }
}

}  // namespace swell::health
