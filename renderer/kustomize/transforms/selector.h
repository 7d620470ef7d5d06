#pragma once
// Choosing resources: kustomize's selectors (anchored regular expressions over the id) and
// Kubernetes' label selectors.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

// As written in a kustomization; empty fields match everything.
struct Selector {
  GroupVersionKind gvk;
  std::string name;
  std::string ns;
  std::string label_selector;
  std::string annotation_selector;
  std::string ToString() const;
};

// A regular expression in RE2's syntax (which is Go's), or a plain text where it has no
// special character.
class Pattern {
 public:
  // `anchored`: the whole text must match. kInvalidArgument shows the expression;
  // kResourceExhausted where it is longer than kMaxBytes.
  static constexpr std::size_t kMaxBytes = 256u << 10;
  enum class Anchor : std::uint8_t { kWhole, kAnywhere };
  static Result<Pattern> Compile(std::string_view expression, Anchor anchor);
  bool Matches(std::string_view text) const;
  // What it cost, and what one text costs: RE2 is linear in the text, but in the worst case tries
  // every instruction at every byte.
  std::uint64_t CompileSteps() const;
  std::uint64_t MatchSteps(std::string_view text) const;

 private:
  struct Compiled;
  Pattern() = default;
  Anchor anchor_ = Anchor::kWhole;
  std::string literal_;
  std::shared_ptr<const Compiled> compiled_;  // null: compare with literal_
};

// "a in (b,c), d!=e, !f"
class LabelSelector {
 public:
  static Result<LabelSelector> Parse(std::string_view text);
  // `labels` is an object or null.
  bool Matches(const Value& labels) const;
  std::uint64_t steps() const { return steps_; }  // of one Matches

 private:
  enum class Operator : std::uint8_t { kExists, kAbsent, kIn, kNotIn, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op = Operator::kExists;
    std::vector<std::string> values;
  };
  static Result<Requirement> ParseRequirement(std::string_view text);
  std::vector<Requirement> requirements_;
  std::uint64_t steps_ = 0;
};

// Counts what it does against the budget, which must outlive it.
class CompiledSelector {
 public:
  static Result<CompiledSelector> Compile(const Selector& selector, Budget& budget);

  bool MatchesGvk(const GroupVersionKind& gvk) const;
  bool MatchesName(std::string_view name) const;
  bool MatchesNamespace(std::string_view ns) const;
  bool MatchesLabels(const Value& object) const;
  // As a patch's target: name and namespace count for the original id or for the present one.
  bool Selects(const Resource& resource) const;
  // As a replacement's target: one id must match as a whole, the namespace as it is written.
  bool SelectsId(const ResourceId& id) const;

 private:
  explicit CompiledSelector(Budget& budget) : budget_(&budget) {}

  Budget* budget_;
  std::optional<Pattern> group_, version_, kind_, name_, ns_;
  std::optional<LabelSelector> labels_, annotations_;
};

// The positions that the selector selects, in order.
Result<std::vector<std::size_t>> Select(const ResourceMap& map, const Selector& selector);

}  // namespace swell::kustomize
