#include <charconv>

#include "base/core/check.h"
#include "base/core/strings.h"
#include "reconciler/health/rule_table.h"

namespace swell::health {
namespace {

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  for (std::string_view word : Split(text, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

std::vector<std::string> Alternatives(std::string_view text) {
  std::vector<std::string> out;
  for (std::string_view word : Split(text, '|')) out.emplace_back(word);
  return out;
}

Path ParsePath(std::string_view text) {
  Path path(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      path.back() += text[++i];
    } else if (text[i] == '.') {
      path.emplace_back();
    } else {
      path.back() += text[i];
    }
  }
  return path;
}

HealthStatus ParseStatus(std::string_view name) {
  for (HealthStatus status :
       {HealthStatus::kHealthy, HealthStatus::kSuspended, HealthStatus::kProgressing,
        HealthStatus::kMissing, HealthStatus::kDegraded, HealthStatus::kUnknown}) {
    if (HealthStatusName(status) == name) return status;
  }
  SWELL_CHECK(!"a health status");
  return HealthStatus::kUnknown;
}

Operand ParseOperand(std::string_view text) {
  Operand operand;
  if (text.starts_with('+') || text.starts_with('#')) {
    operand.take = text[0] == '+' ? Operand::Take::kSum : Operand::Take::kCount;
    text.remove_prefix(1);
    const std::size_t at = text.find(".@");
    if (at != std::string_view::npos) operand.listed = std::string(text.substr(at + 2));
    operand.path = ParsePath(text.substr(0, at));
    return operand;
  }
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), operand.literal);
  if (error == std::errc() && end == text.data() + text.size()) return operand;
  if (text.starts_with('@')) {
    const std::size_t dot = text.rfind('.');
    SWELL_CHECK(dot != std::string_view::npos);
    operand.condition = std::string(text.substr(1, dot - 1));
    operand.path = {std::string(text.substr(dot + 1))};
  } else {
    operand.path = ParsePath(text);
  }
  return operand;
}

Term Comparison(Term::Kind kind, std::string_view text, std::size_t at, std::size_t length) {
  Term term;
  term.kind = kind;
  term.left = ParseOperand(text.substr(0, at));
  term.right = ParseOperand(text.substr(at + length));
  return term;
}

// ";severity!=Info;current"
void ParseAspects(std::string_view text, Term& term) {
  for (std::string_view part : Split(text, ';')) {
    if (part == "current" || part == "stale") {
      term.age = part == "current" ? Age::kCurrent : Age::kStale;
      continue;
    }
    const std::size_t equals = part.find('=');
    SWELL_CHECK(equals != std::string_view::npos && equals > 0);
    Aspect aspect;
    aspect.negated = part[equals - 1] == '!';
    aspect.field = std::string(part.substr(0, aspect.negated ? equals - 1 : equals));
    aspect.values = Alternatives(part.substr(equals + 1));
    term.aspects.push_back(std::move(aspect));
  }
}

// "[path.]@Type[=Status[/Reason|…]][;aspect]…"
Term ConditionTerm(std::string_view text, std::size_t at) {
  Term term;
  term.kind = Term::Kind::kCondition;
  term.path = at == 0 ? Path{"status", "conditions"} : ParsePath(text.substr(0, at - 1));
  text.remove_prefix(at + 1);
  if (const std::size_t semicolon = text.find(';'); semicolon != std::string_view::npos) {
    ParseAspects(text.substr(semicolon + 1), term);
    text = text.substr(0, semicolon);
  }
  const std::size_t equals = text.find('=');
  term.type = std::string(text.substr(0, equals));
  if (equals == std::string_view::npos) {
    term.values = {"*"};
    return term;
  }
  text.remove_prefix(equals + 1);
  const std::size_t slash = text.find('/');
  term.values = Alternatives(text.substr(0, slash));
  if (slash != std::string_view::npos) term.reasons = Alternatives(text.substr(slash + 1));
  return term;
}

Term ParseTerm(std::string_view text) {
  if (const auto at = text.find("<>"); at != std::string_view::npos) {
    return Comparison(Term::Kind::kDiffers, text, at, 2);
  }
  if (const auto at = text.find("=="); at != std::string_view::npos) {
    return Comparison(Term::Kind::kEqual, text, at, 2);
  }
  if (const auto at = text.find('<'); at != std::string_view::npos) {
    return Comparison(Term::Kind::kLess, text, at, 1);
  }
  if (const auto at = text.find('>'); at != std::string_view::npos) {
    return Comparison(Term::Kind::kGreater, text, at, 1);
  }
  if (text.starts_with("!@")) {
    Term term = ConditionTerm(text.substr(1), 0);
    term.kind = Term::Kind::kNoCondition;
    return term;
  }
  const std::size_t condition = text.find('@');
  if (condition == 0 || (condition != std::string_view::npos && text[condition - 1] == '.')) {
    return ConditionTerm(text, condition);
  }
  Term term;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    const bool absent = text.starts_with('!');
    term.kind = absent ? Term::Kind::kAbsent : Term::Kind::kPresent;
    term.path = ParsePath(text.substr(absent ? 1 : 0));
    return term;
  }
  const bool negated = equals > 0 && text[equals - 1] == '!';
  term.kind = negated ? Term::Kind::kNotValue : Term::Kind::kValue;
  term.path = ParsePath(text.substr(0, negated ? equals - 1 : equals));
  term.values = Alternatives(text.substr(equals + 1));
  return term;
}

Rule ParseRule(const std::vector<std::string>& words) {
  Rule rule;
  rule.status = ParseStatus(words.front());
  SWELL_CHECK(words.size() == 1 || (words.size() % 2 == 1 && words[1] == "if"));
  for (std::size_t i = 2; i < words.size(); i += 2) {
    SWELL_CHECK(i == 2 || words[i - 1] == "and");
    rule.terms.push_back(ParseTerm(words[i]));
  }
  return rule;
}

}  // namespace

std::vector<Block> ParseRules(std::string_view text) {
  std::vector<Block> blocks;
  std::map<std::string, Block> templates;
  Block* current = nullptr;
  for (std::string_view line : Split(text, '\n')) {
    const std::vector<std::string> words = Words(line);
    if (words.empty()) continue;
    if (!line.starts_with(' ')) {
      if (words.front() == "template") {
        current = &templates[words[1]];
      } else {
        current = &blocks.emplace_back();
        current->kinds = words;
      }
      continue;
    }
    SWELL_CHECK(current != nullptr);
    if (words.front() == "nolag") {
      current->no_lag = true;
    } else if (words.front() == "use") {
      const auto& used = templates[words[1]].rules;
      current->rules.insert(current->rules.end(), used.begin(), used.end());
    } else {
      current->rules.push_back(ParseRule(words));
    }
  }
  return blocks;
}

}  // namespace swell::health
