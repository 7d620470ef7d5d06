#include "reconciler/domain/sync_fields.h"

#include <string>
#include <string_view>

#include "base/core/strings.h"
#include "base/value/pointer.h"
#include "reconciler/domain/words.h"
#include "reconciler/domain/writer.h"

namespace swell {
namespace {

constexpr Words<3> kConflicts = {"take", "keep", "fail"};
constexpr Words<3> kPropagations = {"background", "foreground", "orphan"};
constexpr Words<3> kAdoptions = {"helm", "argocd", "flux"};
constexpr Words<3> kDeletions = {"orphan", "cascade", "refuse"};

ObjectMatch ReadMatch(Fields& fields) {
  ObjectMatch match;
  match.group = fields.String("group");
  match.kind = fields.String("kind", Presence::kRequired);
  match.ns = fields.String("namespace");
  match.name = fields.String("name");
  return match;
}

std::vector<std::string> ReadPointers(Fields& fields) {
  std::vector<std::string> pointers = fields.StringList("jsonPointers");
  for (const std::string& pointer : pointers) {
    if (const auto parsed = ParsePointer(pointer); !parsed) {
      fields.Complain("jsonPointers", parsed.error().message());
    } else if (parsed->empty()) {
      fields.Complain("jsonPointers", "\"\" is the whole object");
    }
  }
  return pointers;
}

void ReadConflictRule(Fields& item, std::vector<ConflictRule>& rules) {
  ConflictRule rule;
  rule.objects = ReadMatch(item);
  rule.json_pointers = ReadPointers(item);
  if (rule.json_pointers.empty()) item.Complain("jsonPointers", "names no field");
  rule.policy = ReadWord(item, "policy", kConflicts, rule.policy);
  rules.push_back(std::move(rule));
}

Writer MatchValue(const ObjectMatch& match) {
  Writer out;
  out.Text("group", match.group).Text("kind", match.kind);
  out.Text("namespace", match.ns).Text("name", match.name);
  return out;
}

Value List(std::vector<Value> items) {
  return items.empty() ? Value() : Value::Array(std::move(items));
}

}  // namespace

bool ObjectMatch::Matches(const ObjectId& id) const {
  return (group == "*" || group == id.group) && (kind == "*" || kind == id.kind) &&
         (ns.empty() || ns == id.ns) && (name.empty() || name == id.name);
}

SyncSpec ReadSync(Fields fields) {
  SyncSpec out;
  out.auto_sync = fields.Bool("auto");
  out.prune = fields.Bool("prune");
  out.self_heal = fields.Bool("selfHeal");
  out.propagation = ReadWord(fields, "propagation", kPropagations, out.propagation);
  out.conflicts = ReadWord(fields, "conflicts", kConflicts, out.conflicts);
  fields.ForEach("conflictRules", [&](Fields& i) { ReadConflictRule(i, out.conflict_rules); });
  out.recreate = fields.Bool("recreate");
  for (const std::string& tool : fields.StringList("adopt")) {
    if (const auto known = Known<Adoption>(kAdoptions, tool)) {
      out.adopt.push_back(*known);
    } else {
      fields.Complain("adopt", NotOneOf(tool, kAdoptions));
    }
  }
  if (fields.Has("deletionBudget")) {
    Fields budget = fields.Nested("deletionBudget");
    out.deletion_budget.percent = budget.Int("percent", 0, 100).value_or(100);
    out.deletion_budget.objects = budget.Int("objects", 0, 1000000).value_or(1000000);
    budget.Finish();
  }
  fields.Finish();
  return out;
}

void ReadIgnoreDifferences(Fields& spec, std::vector<IgnoreDifference>& out) {
  spec.ForEach("ignoreDifferences", [&](Fields& item) {
    IgnoreDifference rule;
    rule.objects = ReadMatch(item);
    rule.json_pointers = ReadPointers(item);
    rule.jq_path_expressions = item.StringList("jqPathExpressions");
    rule.managers = item.StringList("managedFieldsManagers");
    item.Finish();  // an unknown field is more likely what is wrong
    if (rule.json_pointers.empty() && rule.jq_path_expressions.empty() && rule.managers.empty()) {
      item.Complain(
          "", "ignores nothing: give jsonPointers, jqPathExpressions or managedFieldsManagers");
    }
    out.push_back(std::move(rule));
  });
}

void ReadHealthChecks(Fields& spec, std::vector<HealthCheck>& out) {
  spec.ForEach("healthChecks", [&](Fields& item) {
    HealthCheck check;
    check.group = item.String("group");
    check.kind = item.String("kind", Presence::kRequired);
    check.lua = item.String("lua", Presence::kRequired);
    out.push_back(std::move(check));
  });
}

DeletionPolicy ReadDeletion(Fields& spec) {
  return ReadWord(spec, "deletion", kDeletions, DeletionPolicy::kOrphan);
}

Value ToValue(const SyncSpec& sync) {
  const SyncSpec defaults;
  Writer out;
  out.Flag("auto", sync.auto_sync).Flag("prune", sync.prune).Flag("selfHeal", sync.self_heal);
  if (sync.propagation != defaults.propagation) {
    out.Text("propagation", Word(kPropagations, sync.propagation));
  }
  if (sync.conflicts != defaults.conflicts) out.Text("conflicts", Word(kConflicts, sync.conflicts));
  std::vector<Value> rules;
  for (const ConflictRule& rule : sync.conflict_rules) {
    rules.push_back(MatchValue(rule.objects)
                        .Texts("jsonPointers", rule.json_pointers)
                        .Text("policy", Word(kConflicts, rule.policy))
                        .Done());
  }
  out.Put("conflictRules", List(std::move(rules))).Flag("recreate", sync.recreate);
  std::vector<std::string> tools;
  for (const Adoption tool : sync.adopt) tools.push_back(Word(kAdoptions, tool));
  out.Texts("adopt", tools);
  if (sync.deletion_budget != defaults.deletion_budget) {
    // A budget of nothing must not read as the default.
    out.Put("deletionBudget", Value::Object({{"percent", Value(sync.deletion_budget.percent)},
                                             {"objects", Value(sync.deletion_budget.objects)}}));
  }
  return out.Done();
}

Value ToValue(const std::vector<IgnoreDifference>& rules) {
  std::vector<Value> items;
  for (const IgnoreDifference& rule : rules) {
    items.push_back(MatchValue(rule.objects)
                        .Texts("jsonPointers", rule.json_pointers)
                        .Texts("jqPathExpressions", rule.jq_path_expressions)
                        .Texts("managedFieldsManagers", rule.managers)
                        .Done());
  }
  return List(std::move(items));
}

Value ToValue(const std::vector<HealthCheck>& checks) {
  std::vector<Value> items;
  for (const HealthCheck& check : checks) {
    items.push_back(
        Writer().Text("group", check.group).Text("kind", check.kind).Text("lua", check.lua).Done());
  }
  return List(std::move(items));
}

Value ToValue(DeletionPolicy deletion) {
  return deletion == DeletionPolicy::kOrphan ? Value() : Value(Word(kDeletions, deletion));
}

}  // namespace swell
