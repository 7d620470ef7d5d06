#include "reconciler/diff/rules.h"

#include <string>

namespace swell::diff {
namespace {

template <class T>
void Append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

std::string Indexed(const std::string& field, std::size_t index) {
  return field + "[" + std::to_string(index) + "]";
}

}  // namespace

Result<RuleBook> RuleBook::Compile(const std::vector<IgnoreDifference>& rules) {
  RuleBook book;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string field = Indexed("spec.ignoreDifferences", i);
    const std::optional<Toleration>& toleration = rules[i].toleration;
    Rule rule{.objects = rules[i].objects, .cluster = {}, .rules = {}};
    if (toleration) rule.cluster = toleration->cluster;
    for (std::size_t j = 0; j < rules[i].json_pointers.size(); ++j) {
      PointerTokens pointer =
          TRY_WRAP(ParsePointer(rules[i].json_pointers[j]), Indexed(field + ".jsonPointers", j));
      if (toleration) {
        rule.rules.tolerated.push_back({std::move(pointer), *toleration});
      } else {
        rule.rules.pointers.push_back(std::move(pointer));
      }
    }
    for (std::size_t j = 0; j < rules[i].jq_path_expressions.size(); ++j) {
      rule.rules.expressions.push_back(
          TRY_WRAP(PathExpression::Parse(rules[i].jq_path_expressions[j]),
                   Indexed(field + ".jqPathExpressions", j)));
    }
    rule.rules.managers = rules[i].managers;
    book.rules_.push_back(std::move(rule));
  }
  return book;
}

IgnoreRules RuleBook::For(const ObjectId& id, std::string_view cluster) const {
  IgnoreRules all;
  for (const Rule& rule : rules_) {
    if (!rule.cluster.empty() && rule.cluster != cluster) continue;
    if (!rule.objects.Matches(id)) continue;
    Append(all.pointers, rule.rules.pointers);
    Append(all.expressions, rule.rules.expressions);
    Append(all.managers, rule.rules.managers);
    Append(all.tolerated, rule.rules.tolerated);
  }
  return all;
}

}  // namespace swell::diff
