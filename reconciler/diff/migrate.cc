#include "reconciler/diff/migrate.h"

#include <algorithm>

#include "base/value/pointer.h"
#include "reconciler/diff/ownership.h"
#include "renderer/object/object.h"

namespace swell::diff {
namespace {

constexpr char kLastApplied[] = "kubectl.kubernetes.io/last-applied-configuration";

std::string_view ManagerOf(const Value& entry) { return entry["manager"].as_string(); }
bool IsApply(const Value& entry) { return entry["operation"].as_string() == "Apply"; }

// kubectl names itself after its command: kubectl-client-side-apply, kubectl-edit; a server-side
// apply is "kubectl", and binaries of other names (kubectl1.27) have theirs.
bool IsKubectl(const Value& entry) { return ManagerOf(entry).starts_with("kubectl"); }

// The names under which the tools write (their field managers, and the user agents of versions
// that set none).
bool IsToolsOwn(std::string_view manager, Adoption tool) {
  switch (tool) {
    case Adoption::kHelm:
      return manager == "helm";
    case Adoption::kArgoCd:
      return manager == "argocd-controller" || manager == "argocd-application-controller";
    case Adoption::kFlux:
      return manager == "kustomize-controller" || manager == "helm-controller" || manager == "flux";
  }
  return false;
}

class Migrator {
 public:
  Migrator(const Value& live, const Migration& migration) : live_(live), migration_(migration) {}

  std::optional<Value> Run() {
    const Value& metadata = live_["metadata"];
    const auto entries = metadata["managedFields"].items();
    first_ = migration_.first_apply && std::ranges::none_of(entries, [&](const Value& entry) {
               return IsOurs(entry) && IsApply(entry);
             });
    for (const Value& entry : entries) Sort(entry);
    const bool annotated = first_ && metadata["annotations"].Has(kLastApplied);
    if (!changed_ && !annotated) return {};
    if (!own_.is_null()) {
      // The annotation goes with this patch; nobody owns what is not there.
      own_ = own_.WithoutAt(
          {"fieldsV1", "f:metadata", "f:annotations", std::string("f:") + kLastApplied});
      kept_.push_back(own_);
    }
    Value migrated = live_.WithAt({"metadata", "managedFields"}, Value::Array(std::move(kept_)));
    if (annotated) migrated = migrated.WithoutAt({"metadata", "annotations", kLastApplied});
    return migrated;
  }

 private:
  bool IsOurs(const Value& entry) const {
    return ManagerOf(entry) == migration_.manager && entry["subresource"].as_string().empty();
  }

  bool IsTaken(const Value& entry) const {
    if (!entry["subresource"].as_string().empty()) return false;
    if (!IsApply(entry) && (IsOurs(entry) || ManagerOf(entry) == "before-first-apply")) return true;
    if (!first_) return false;
    return IsKubectl(entry) || std::ranges::any_of(migration_.adopt, [&](Adoption tool) {
             return IsToolsOwn(ManagerOf(entry), tool);
           });
  }

  void Sort(Value entry) {
    const std::string_view version = entry["apiVersion"].as_string();
    if (migration_.is_served && version != migration_.api_version &&
        !migration_.is_served(version)) {
      entry = entry.With("apiVersion", Value(migration_.api_version));
      changed_ = true;
    }
    if (IsTaken(entry)) {
      Join(entry);
      changed_ = true;
    } else if (IsOurs(entry) && IsApply(entry)) {
      Join(entry);
    } else {
      kept_.push_back(std::move(entry));
    }
  }

  void Join(const Value& entry) {
    if (own_.is_null()) {
      own_ = entry.With("manager", Value(migration_.manager)).With("operation", Value("Apply"));
      if (!IsApply(entry)) own_ = own_.With("apiVersion", Value(migration_.api_version));
      return;
    }
    own_ = own_.With("fieldsV1", UnionFields(own_["fieldsV1"], entry["fieldsV1"]));
    // What was joined may be of either version; the fields are applied in ours from now on.
    own_ = own_.With("apiVersion", Value(migration_.api_version));
  }

  const Value& live_;
  const Migration& migration_;
  bool first_ = false;
  bool changed_ = false;
  Value own_;
  std::vector<Value> kept_;
};

Value Step(const char* op, std::string path, const Value* value = nullptr) {
  Value step = Value::Object({{"op", Value(op)}, {"path", Value(std::move(path))}});
  return value == nullptr ? step : step.With("value", *value);
}

}  // namespace

std::optional<Value> MigrateOwnership(const Value& live, const Migration& migration) {
  return Migrator(live, migration).Run();
}

Value MigrationPatch(const Value& live, const Value& migrated) {
  std::vector<Value> steps;
  // A replaced resourceVersion is a precondition (409), as in csaupgrade; a test would be
  // answered like a bad patch (422).
  steps.push_back(
      Step("replace", "/metadata/resourceVersion", &live["metadata"]["resourceVersion"]));
  steps.push_back(
      Step("replace", "/metadata/managedFields", &migrated["metadata"]["managedFields"]));
  const bool had = live["metadata"]["annotations"].Has(kLastApplied);
  if (had && !migrated["metadata"]["annotations"].Has(kLastApplied)) {
    steps.push_back(Step("remove", "/metadata/annotations/" + EscapePointerToken(kLastApplied)));
  }
  return Value::Array(std::move(steps));
}

}  // namespace swell::diff
