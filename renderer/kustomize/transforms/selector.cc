#include "renderer/kustomize/transforms/selector.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/core/strings.h"

namespace swell::kustomize {
namespace {

bool IsPlain(std::string_view expression) {
  return expression.find_first_of("\\.+*?()|[]{}^$") == expression.npos;
}

Result<std::optional<Pattern>> CompileField(const std::string& expression, Budget& budget) {
  if (expression.empty()) return std::optional<Pattern>();
  Pattern pattern = TRY(Pattern::Compile(expression, Pattern::Anchor::kWhole));
  TRY(budget.Spend(pattern.CompileSteps()));
  return std::optional<Pattern>(std::move(pattern));
}

Result<std::optional<LabelSelector>> ParseField(const std::string& text) {
  if (text.empty()) return std::optional<LabelSelector>();
  return std::optional<LabelSelector>(TRY(LabelSelector::Parse(text)));
}

bool MatchesOptional(const std::optional<Pattern>& pattern, std::string_view text, Budget& budget) {
  if (!pattern) return true;
  budget.Note(pattern->MatchSteps(text));
  return pattern->Matches(text);
}

// Splits at commas outside of parentheses.
std::vector<std::string_view> SplitRequirements(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && depth == 0)) {
      parts.push_back(Trim(text.substr(start, i - start)));
      start = i + 1;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    }
  }
  return parts;
}

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

struct Pattern::Compiled {
  explicit Compiled(const std::string& expression) : re(expression, RE2::Quiet) {}
  std::uint64_t size() const { return static_cast<std::uint64_t>(std::max(0, re.ProgramSize())); }
  RE2 re;
};

Result<Pattern> Pattern::Compile(std::string_view expression, Anchor anchor) {
  if (expression.size() > kMaxBytes) {
    return Fail(ResourceExhausted("the regular expression " + Quote(expression.substr(0, 60)) +
                                  "… has " + std::to_string(expression.size()) +
                                  " bytes; at most " + std::to_string(kMaxBytes) + " are taken"));
  }
  Pattern pattern;
  pattern.anchor_ = anchor;
  if (IsPlain(expression)) {
    pattern.literal_ = expression;
    return pattern;
  }
  auto compiled = std::make_shared<Compiled>(std::string(expression));
  if (!compiled->re.ok()) {
    return Fail(
        InvalidArgument("error parsing regexp " + Quote(expression) + ": " + compiled->re.error()));
  }
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

std::uint64_t Pattern::CompileSteps() const { return compiled_ ? 16 * compiled_->size() : 1; }

std::uint64_t Pattern::MatchSteps(std::string_view text) const {
  return 1 + text.size() * (compiled_ ? compiled_->size() : 1) / 256;
}

bool Pattern::Matches(std::string_view text) const {
  const bool whole = anchor_ == Anchor::kWhole;
  if (!compiled_) return whole ? text == literal_ : text.contains(literal_);
  const re2::StringPiece piece(text.data(), text.size());
  return whole ? RE2::FullMatch(piece, compiled_->re) : RE2::PartialMatch(piece, compiled_->re);
}

Result<LabelSelector::Requirement> LabelSelector::ParseRequirement(std::string_view text) {
  Requirement requirement;
  auto done = [&](std::string_view key, Operator op) {
    requirement.key = Trim(key);
    requirement.op = op;
    return requirement;
  };
  if (text.starts_with('!')) return done(text.substr(1), Operator::kAbsent);
  if (const std::size_t open = text.find('('); open != text.npos) {
    const std::string_view head = Trim(text.substr(0, open));
    const std::size_t space = head.find_last_of(" \t");
    const std::string_view word = space == head.npos ? head : head.substr(space + 1);
    if (space != head.npos && text.ends_with(')') && (word == "in" || word == "notin")) {
      for (std::string_view value : Split(text.substr(open + 1, text.size() - open - 2), ',')) {
        requirement.values.emplace_back(Trim(value));
      }
      return done(head.substr(0, space), word == "in" ? Operator::kIn : Operator::kNotIn);
    }
    return Fail(InvalidArgument("unable to parse requirement: " + Quote(text)));
  }
  static constexpr std::pair<std::string_view, Operator> kOperators[] = {
      {"!=", Operator::kNotIn},  {"==", Operator::kIn},  {"=", Operator::kIn},
      {">", Operator::kGreater}, {"<", Operator::kLess},
  };
  for (const auto& [token, op] : kOperators) {
    const std::size_t at = text.find(token);
    if (at == text.npos) continue;
    requirement.values = {std::string(Trim(text.substr(at + token.size())))};
    return done(text.substr(0, at), op);
  }
  if (text.empty() || text.find_first_of(" \t)") != text.npos) {
    return Fail(InvalidArgument("unable to parse requirement: " + Quote(text)));
  }
  return done(text, Operator::kExists);
}

Result<LabelSelector> LabelSelector::Parse(std::string_view text) {
  LabelSelector selector;
  for (std::string_view part : SplitRequirements(text)) {
    selector.requirements_.push_back(TRY(ParseRequirement(part)));
    selector.steps_ += 1 + selector.requirements_.back().values.size() / 4;
  }
  return selector;
}

bool LabelSelector::Matches(const Value& labels) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& requirement) {
    const Value* value = labels.Find(requirement.key);
    const std::string text = value ? ScalarText(*value) : "";
    const bool listed =
        value && std::ranges::find(requirement.values, text) != requirement.values.end();
    switch (requirement.op) {
      case Operator::kExists:
        return value != nullptr;
      case Operator::kAbsent:
        return value == nullptr;
      case Operator::kIn:
        return listed;
      case Operator::kNotIn:
        return !listed;
      case Operator::kGreater:
      case Operator::kLess: {
        const auto left = Number(text);
        const auto right = Number(requirement.values.front());
        if (!value || !left || !right) return false;
        return requirement.op == Operator::kGreater ? *left > *right : *left < *right;
      }
    }
    return false;
  });
}

std::string Selector::ToString() const {
  return ResourceId{gvk, name, ns}.ToString() + ":a=" + annotation_selector +
         ":l=" + label_selector;
}

Result<CompiledSelector> CompiledSelector::Compile(const Selector& selector, Budget& budget) {
  CompiledSelector compiled(budget);
  compiled.group_ = TRY(CompileField(selector.gvk.group, budget));
  compiled.version_ = TRY(CompileField(selector.gvk.version, budget));
  compiled.kind_ = TRY(CompileField(selector.gvk.kind, budget));
  compiled.name_ = TRY(CompileField(selector.name, budget));
  compiled.ns_ = TRY(CompileField(selector.ns, budget));
  compiled.labels_ = TRY(ParseField(selector.label_selector));
  compiled.annotations_ = TRY(ParseField(selector.annotation_selector));
  return compiled;
}

bool CompiledSelector::MatchesGvk(const GroupVersionKind& gvk) const {
  return MatchesOptional(kind_, gvk.kind, *budget_) &&
         MatchesOptional(group_, gvk.group, *budget_) &&
         MatchesOptional(version_, gvk.version, *budget_);
}

bool CompiledSelector::MatchesName(std::string_view name) const {
  return MatchesOptional(name_, name, *budget_);
}

bool CompiledSelector::MatchesNamespace(std::string_view ns) const {
  return MatchesOptional(ns_, ns, *budget_);
}

bool CompiledSelector::MatchesLabels(const Value& object) const {
  const Value& metadata = object["metadata"];
  for (const auto& selector : {&labels_, &annotations_}) {
    if (*selector) budget_->Note((*selector)->steps());
  }
  return (!labels_ || labels_->Matches(metadata["labels"])) &&
         (!annotations_ || annotations_->Matches(metadata["annotations"]));
}

bool CompiledSelector::Selects(const Resource& resource) const {
  if (resource.deleted() || !MatchesGvk(resource.id().gvk)) return false;
  const ResourceId& original = resource.original_id();
  const ResourceId& now = resource.id();
  if (!MatchesName(original.name) && !MatchesName(now.name)) return false;
  if (ns_ && !MatchesNamespace(original.EffectiveNamespace()) &&
      !MatchesNamespace(now.EffectiveNamespace())) {
    return false;
  }
  return MatchesLabels(resource.value());
}

bool CompiledSelector::SelectsId(const ResourceId& id) const {
  return MatchesGvk(id.gvk) && MatchesName(id.name) && MatchesNamespace(id.ns);
}

Result<std::vector<std::size_t>> Select(const ResourceMap& map, const Selector& selector) {
  const CompiledSelector compiled = TRY(CompiledSelector::Compile(selector, map.budget()));
  std::vector<std::size_t> selected;
  for (std::size_t i = 0; i < map.size(); ++i) {
    TRY(map.budget().Spend(1));
    if (compiled.Selects(map.at(i))) selected.push_back(i);
  }
  return selected;
}

}  // namespace swell::kustomize
