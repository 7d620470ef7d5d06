#include "server/sandbox/selector.h"

#include <algorithm>

#include "base/core/strings.h"

namespace swell::sandbox {
namespace {

// Splits at commas outside parentheses.
std::vector<std::string_view> SplitTerms(std::string_view text) {
  std::vector<std::string_view> terms;
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    const std::string_view term = Trim(text.substr(start, i - start));
    if (!term.empty()) terms.push_back(term);
    start = i + 1;
  }
  return terms;
}

bool IsKey(std::string_view key) {
  return !key.empty() && key.size() <= 317 &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || c == '/';
         });
}

Error Bad(std::string_view text) {
  return InvalidArgument("unable to parse requirement: " + Quote(text));
}

}  // namespace

Result<LabelSelector::Term> LabelSelector::ParseTerm(std::string_view text) {
  Term term;
  const auto set = [&](std::string_view key, Operator op, std::string_view values) {
    term.key = Trim(key);
    term.op = op;
    for (std::string_view value : Split(values, ',')) term.values.emplace_back(Trim(value));
  };
  if (const auto open = text.find('('); open != std::string_view::npos) {
    if (!text.ends_with(')')) return Fail(Bad(text));
    const std::string_view head = Trim(text.substr(0, open));
    const std::string_view values = text.substr(open + 1, text.size() - open - 2);
    if (head.ends_with(" notin")) {
      set(head.substr(0, head.size() - 6), Operator::kNotIn, values);
    } else if (head.ends_with(" in")) {
      set(head.substr(0, head.size() - 3), Operator::kIn, values);
    } else {
      return Fail(Bad(text));
    }
  } else if (const auto differs = text.find("!="); differs != std::string_view::npos) {
    set(text.substr(0, differs), Operator::kNotIn, text.substr(differs + 2));
  } else if (const auto equals = text.find('='); equals != std::string_view::npos) {
    std::string_view value = text.substr(equals + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    set(text.substr(0, equals), Operator::kIn, value);
  } else if (text.starts_with('!')) {
    term.key = Trim(text.substr(1));
    term.op = Operator::kAbsent;
  } else {
    term.key = text;
    term.op = Operator::kExists;
  }
  if (!IsKey(term.key)) return Fail(Bad(text));
  return term;
}

Result<LabelSelector> LabelSelector::Parse(std::string_view text) {
  LabelSelector selector;
  for (std::string_view term : SplitTerms(text)) {
    selector.terms_.push_back(TRY(ParseTerm(term)));
  }
  return selector;
}

LabelSelector LabelSelector::FromObject(const Value& object) {
  LabelSelector selector;
  selector.nothing_ = !object.is_object();
  for (const Member& label : object["matchLabels"].members()) {
    selector.terms_.push_back({std::string(label.name()), Operator::kIn, {label.value.str()}});
  }
  for (const Value& expression : object["matchExpressions"].items()) {
    Term term;
    term.key = expression["key"].str();
    const std::string_view op = expression["operator"].as_string();
    term.op = op == "In"       ? Operator::kIn
              : op == "NotIn"  ? Operator::kNotIn
              : op == "Exists" ? Operator::kExists
                               : Operator::kAbsent;
    for (const Value& value : expression["values"].items()) term.values.push_back(value.str());
    selector.terms_.push_back(std::move(term));
  }
  return selector;
}

bool LabelSelector::Matches(const Value& labels) const {
  if (nothing_) return false;
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    const Value* value = labels.Find(term.key);
    const bool listed = value != nullptr && std::find(term.values.begin(), term.values.end(),
                                                      value->as_string()) != term.values.end();
    switch (term.op) {
      case Operator::kIn:
        return listed;
      case Operator::kNotIn:
        return !listed;
      case Operator::kExists:
        return value != nullptr;
      case Operator::kAbsent:
        return value == nullptr;
    }
    return false;
  });
}

Result<FieldSelector> FieldSelector::Parse(std::string_view text) {
  FieldSelector selector;
  for (std::string_view part : SplitTerms(text)) {
    Term term;
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Fail(InvalidArgument("invalid field selector: " + Quote(part)));
    }
    term.equal = part[equals - 1] != '!';
    std::string_view value = part.substr(equals + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    term.value = value;
    for (std::string_view key : Split(part.substr(0, equals - (term.equal ? 0 : 1)), '.')) {
      term.path.emplace_back(key);
    }
    selector.terms_.push_back(std::move(term));
  }
  return selector;
}

bool FieldSelector::Matches(const Value& object) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    const Value* value = &object;
    for (const std::string& key : term.path) value = &(*value)[key];
    return (value->as_string() == term.value) == term.equal;
  });
}

}  // namespace swell::sandbox
