#include "reconciler/plan/compare_plans.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace swell::plan {
namespace {

constexpr std::size_t kNamesShown = 5;

std::string Side(const std::string& text) { return text.empty() ? "(absent)" : text; }

std::string ShowChange(const FieldChange& change) {
  return Side(change.before) + " -> " + Side(change.after);
}

// The first is null where the second alone names the field, and the other way round.
FieldDifference DifferenceOf(const std::string& path, const FieldChange* first,
                             const FieldChange* second) {
  FieldDifference out{path, first ? ShowChange(*first) : "", second ? ShowChange(*second) : ""};
  if (first && second && out.first == out.second) {
    // Of a Secret, or far into a long text.
    out.second += first->values == second->values
                      ? " (" + std::string(ChangeCauseName(second->cause)) + ", not " +
                            std::string(ChangeCauseName(first->cause)) + ")"
                      : " (another value)";
  }
  return out;
}

std::vector<FieldDifference> CompareFields(const Operation& first, const Operation& second) {
  std::map<std::string, std::pair<const FieldChange*, const FieldChange*>> paths;
  for (const FieldChange& change : first.changes) paths[change.path].first = &change;
  for (const FieldChange& change : second.changes) paths[change.path].second = &change;
  std::vector<FieldDifference> out;
  for (const auto& [path, both] : paths) {
    if (both.first && both.second && *both.first == *both.second) continue;
    out.push_back(DifferenceOf(path, both.first, both.second));
  }
  return out;
}

// Hooks stand in several stages: an object may have several operations.
using Key = std::tuple<ObjectId, Phase, int>;

std::vector<OperationDifference> CompareOperations(const OperationSet& first,
                                                   const OperationSet& second) {
  static const Operation kNothing;
  std::map<Key, std::pair<const Operation*, const Operation*>> objects;
  const auto key = [](const Operation& o) { return Key(o.id, o.phase, o.wave); };
  for (const Operation& operation : first.operations) objects[key(operation)].first = &operation;
  for (const Operation& operation : second.operations) objects[key(operation)].second = &operation;
  std::vector<OperationDifference> out;
  for (const auto& [id, both] : objects) {
    const Operation& a = both.first ? *both.first : kNothing;
    const Operation& b = both.second ? *both.second : kNothing;
    if (a.type == b.type && a.changes == b.changes && a.uid == b.uid) continue;
    OperationDifference difference{std::get<ObjectId>(id), a.type, b.type, CompareFields(a, b)};
    if (a.type == b.type && a.uid != b.uid) {
      difference.fields.push_back({"/metadata/uid", a.uid, b.uid});
    }
    out.push_back(std::move(difference));
  }
  return out;
}

ClusterDifference CompareClusters(const ClusterPlan* first, const ClusterPlan* second) {
  static const OperationSet kNothing;
  ClusterDifference out;
  if (!first || !second) {
    out.note = first ? "only in the first plan" : "only in the second plan";
  } else if (first->error.empty() != second->error.empty()) {
    out.note = first->error.empty() ? "could be read in the first plan alone"
                                    : "could be read in the second plan alone";
  }
  const OperationSet& a = first && first->operations ? *first->operations : kNothing;
  const OperationSet& b = second && second->operations ? *second->operations : kNothing;
  if (a.digest != b.digest) out.operations = CompareOperations(a, b);
  const bool manifest = first && second && first->manifest != second->manifest;
  if (out.note.empty() && out.operations.empty() && manifest) {
    out.note = "what is declared differs where nothing has to change";
  }
  return out;
}

std::vector<std::string> CompareInputs(const Plan& first, const Plan& second) {
  std::vector<std::string> out;
  const auto note = [&out](const std::string& what, const std::string& a, const std::string& b) {
    if (a != b) out.push_back(what + " " + a + " -> " + b);
  };
  note("application", first.application, second.application);
  note("kind", std::string(PlanKindName(first.kind)), std::string(PlanKindName(second.kind)));
  note("repository", first.revision.repository, second.revision.repository);
  note("revision", first.revision.commit.substr(0, 7), second.revision.commit.substr(0, 7));
  note("generation of the application", std::to_string(first.application_generation),
       std::to_string(second.application_generation));
  return out;
}

// Clusters with the same answer have the same two sets, but for the uids of what is deleted.
std::string GroupKey(const ClusterPlan* first, const ClusterPlan* second,
                     std::map<Digest, Digest>& known) {
  const auto part = [&known](const ClusterPlan* cluster) -> std::string {
    if (!cluster) return "none";
    const std::string read = cluster->error.empty() ? "read " : "unread ";
    if (!cluster->operations) return read + cluster->manifest.Hex();
    auto [it, added] = known.try_emplace(cluster->operations->digest);
    if (added) it->second = AlikeDigest(*cluster->operations);
    return read + it->second.Hex() + cluster->manifest.Hex();
  };
  const bool same = first && second && first->operations && second->operations &&
                    first->operations->digest == second->operations->digest;
  return part(first) + " " + part(second) + (same ? " same" : "");
}

std::string Names(const std::vector<std::string>& clusters) {
  std::string out;
  const std::size_t shown = clusters.size() <= kNamesShown + 1 ? clusters.size() : kNamesShown;
  for (std::size_t i = 0; i < shown; ++i) out += (i > 0 ? ", " : "") + clusters[i];
  if (shown < clusters.size()) out += " and " + std::to_string(clusters.size() - shown) + " more";
  return out;
}

std::string Line(const OperationDifference& operation) {
  const std::string a(OperationTypeName(operation.first));
  const std::string b(OperationTypeName(operation.second));
  std::string out = operation.id.ToString() + ": " + (a == b ? a : a + " -> " + b);
  if (a == b && !operation.fields.empty()) {
    const FieldDifference& field = operation.fields.front();
    out += " " + field.path + ": " + (field.first.empty() ? "no change" : field.first) + ", now " +
           (field.second.empty() ? "no change" : field.second);
    if (operation.fields.size() > 1) {
      out += " and " + std::to_string(operation.fields.size() - 1) + " fields more";
    }
  }
  return out;
}

}  // namespace

Digest AlikeDigest(const OperationSet& set) {
  std::vector<Operation> operations;
  for (const Operation& operation : set.operations) {
    if (operation.type == OperationType::kNone) continue;
    operations.push_back(operation);
    operations.back().uid.clear();
  }
  return OperationSetDigest(operations);
}

PlanComparison ComparePlans(const Plan& first, const Plan& second) {
  PlanComparison out{first.digest, second.digest, {}, {}};
  if (out.Same()) return out;
  out.inputs = CompareInputs(first, second);
  std::map<std::string, std::pair<const ClusterPlan*, const ClusterPlan*>> clusters;
  for (const ClusterPlan& cluster : first.clusters) clusters[cluster.cluster].first = &cluster;
  for (const ClusterPlan& cluster : second.clusters) clusters[cluster.cluster].second = &cluster;
  std::map<std::string, std::size_t> groups;
  std::map<Digest, Digest> known;
  for (const auto& [name, both] : clusters) {
    const auto [it, added] =
        groups.try_emplace(GroupKey(both.first, both.second, known), out.clusters.size());
    if (added) out.clusters.push_back(CompareClusters(both.first, both.second));
    out.clusters[it->second].clusters.push_back(name);
  }
  std::erase_if(out.clusters,
                [](const ClusterDifference& c) { return c.note.empty() && c.operations.empty(); });
  if (out.inputs.empty() && out.clusters.empty()) {
    out.inputs.push_back("the split into waves, or the address of a cluster");
  }
  return out;
}

std::vector<std::string> Summarize(const PlanComparison& comparison, std::size_t lines) {
  std::vector<std::string> all = comparison.inputs;
  for (const ClusterDifference& cluster : comparison.clusters) {
    const std::string names = Names(cluster.clusters) + ": ";
    if (!cluster.note.empty()) all.push_back(names + cluster.note);
    for (const OperationDifference& operation : cluster.operations) {
      all.push_back(names + Line(operation));
    }
  }
  if (all.size() <= lines + 1) return all;
  const std::size_t more = all.size() - lines;
  all.resize(lines);
  all.push_back("and " + std::to_string(more) + " differences more");
  return all;
}

}  // namespace swell::plan
