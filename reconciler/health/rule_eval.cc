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

bool MatchesAny(const std::vector<std::string>& globs, std::string_view text) {
  return std::ranges::any_of(globs,
                             [&](const std::string& glob) { return MatchesGlob(glob, text); });
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

std::optional<std::int64_t> Evaluate(const Operand& operand, const Value& object) {
  if (operand.path.empty()) return operand.literal;
  if (operand.condition.empty()) {
    const auto reached = Reach(object, operand.path);
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

bool IsEmpty(const Value& value) {
  return ((value.is_array() || value.is_object()) && value.empty()) ||
         (value.is_string() && value.as_string().empty());
}

bool HoldsCondition(const Term& term, const Value& object, std::string& why) {
  for (const Value* list : Reach(object, term.path)) {
    for (const Condition& condition : ReadConditions(*list)) {
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
    const std::string message = object["status"]["message"].str();
    why = message.empty() ? term.path.back() + " is " + text : message;
    return true;
  }
  return false;
}

bool HoldsComparison(const Term& term, const Value& object) {
  const auto left = Evaluate(term.left, object);
  const auto right = Evaluate(term.right, object);
  if (!left || !right) return false;
  if (term.kind == Term::Kind::kLess) return *left < *right;
  if (term.kind == Term::Kind::kGreater) return *left > *right;
  return *left == *right;
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
      return HoldsComparison(term, object);
  }
}

}  // namespace swell::health
