#include "renderer/kustomize/transforms/name_references.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace swell::kustomize {
namespace {

using Candidates = std::vector<const Resource*>;

// Whether the shorter list is the end of the longer one.
bool SameEnding(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const std::size_t n = std::min(a.size(), b.size());
  return std::equal(a.end() - static_cast<std::ptrdiff_t>(n), a.end(),
                    b.end() - static_cast<std::ptrdiff_t>(n));
}

enum class Affixes : std::uint8_t { kEmptyFits, kEmptyDiffers };

bool AffixesFit(const Resource& a, const Resource& b, Affixes mode) {
  auto fits = [&](const std::vector<std::string>& x, const std::vector<std::string>& y) {
    if (x.empty() || y.empty()) return mode == Affixes::kEmptyFits || x.empty() == y.empty();
    return SameEnding(x, y);
  };
  return fits(a.prefixes, b.prefixes) && fits(a.suffixes, b.suffixes);
}

bool AnyPreviousIs(const Resource& resource, const GroupVersionKind& selector) {
  return std::ranges::any_of(resource.previous_ids(),
                             [&](const ResourceId& id) { return IsSelected(id.gvk, selector); });
}

// Everything that can be meant, by the names that it had.
class Index {
 public:
  explicit Index(const ResourceMap& map) {
    for (const auto& resource : map.all()) {
      map.budget().Note(1 + 8 * resource->previous_ids().size());
      std::set<std::string_view> names;
      for (const ResourceId& id : resource->previous_ids()) {
        if (names.insert(id.name).second) by_name_[id.name].push_back(resource.get());
      }
      if (resource->id().cluster_scoped()) continue;
      const std::string now(resource->id().EffectiveNamespace());
      const std::string& raw = resource->id().ns;
      if (!resource->original_id().cluster_scoped()) {
        original_.insert({std::string(resource->original_id().EffectiveNamespace()), now, raw});
      }
    }
  }

  const Candidates& Named(const std::string& name) const {
    static const Candidates kNone;
    auto it = by_name_.find(name);
    return it == by_name_.end() ? kNone : it->second;
  }

  struct Place {
    std::string original;  // effective namespace at first
    std::string now;       // effective namespace
    std::string raw;       // namespace as written now
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  // The namespaces that objects moved from and to.
  const std::set<Place>& places() const { return original_; }

 private:
  std::unordered_map<std::string, Candidates> by_name_;
  std::set<Place> original_;
};

// Namespaces of the ServiceAccounts that a RoleBinding names.
Result<std::set<std::string>> SubjectNamespaces(const Resource& resource) {
  const Value& object = resource.value();
  std::set<std::string> namespaces;
  if (object["kind"].as_string() != "RoleBinding") return namespaces;
  for (const Value& subject : object["subjects"].items()) {
    const Value* ns = subject.Find("namespace");
    if (!ns || subject["kind"].as_string() != "ServiceAccount") continue;
    if (!ns->is_string()) {
      return Fail(InvalidArgument("Invalid Input: namespace is blank for resource \"" +
                                  resource.id().ToString() + "\""));
    }
    namespaces.insert(ns->str());
  }
  return namespaces;
}

// One object whose fields are followed.
class Referrer {
 public:
  Referrer(const Resource& self, const Index& index, std::set<std::string> subject_namespaces,
           Budget& budget)
      : self_(self),
        index_(index),
        budget_(budget),
        cluster_scoped_(self.id().cluster_scoped()),
        ns_(self.id().EffectiveNamespace()),
        subject_namespaces_(std::move(subject_namespaces)) {}

  Result<Value> Follow(const Value& object, const FieldSpec& spec, const GroupVersionKind& target) {
    target_ = &target;
    role_ref_ = std::nullopt;
    if (spec.path.ends_with("roleRef/name")) role_ref_ = RoleRef(object);
    return ApplyFieldSpec(
        object, self_.id().gvk, spec, CreateKind::kNever,
        [this](const Value& field) { return Set(field); }, budget_);
  }

 private:
  static std::optional<GroupVersionKind> RoleRef(const Value& object) {
    const Value* group = object["roleRef"].Find("apiGroup");
    const Value* kind = object["roleRef"].Find("kind");
    if (!group || !kind) return std::nullopt;
    return GroupVersionKind{ScalarText(*group), "", ScalarText(*kind)};
  }

  Result<Value> Set(const Value& field) const {
    if (field.is_null()) return field;
    if (field.is_object()) return SetMap(field);
    if (!field.is_array()) return SetScalar(field);
    std::vector<Value> items;
    for (const Value& item : field.items()) {
      items.push_back(item.is_object() ? TRY(SetMap(item)) : TRY(SetScalar(item)));
    }
    return Value::Array(std::move(items));
  }

  Result<Value> SetScalar(const Value& field) const {
    const std::string name = ScalarText(field);
    const Resource* referral = TRY(SelectReferral(name, nullptr, Identity::kName));
    if (!referral || referral->id().name == name) return field;
    return Value(referral->id().name);
  }

  Result<Value> SetMap(const Value& field) const {
    const Value* name = field.Find("name");
    if (!name) return Fail(InvalidArgument("path config error; no 'name' field in node"));
    const Value* ns = field.Find("namespace");
    const std::string ns_text = ns ? ScalarText(*ns) : "";
    const std::string old = ScalarText(*name);
    const Resource* referral =
        TRY(SelectReferral(old, ns ? &ns_text : nullptr, Identity::kNameAndNamespace));
    if (!referral) return field;
    const std::string& new_ns = referral->id().ns;
    if (referral->id().name == old && new_ns.empty()) return field;
    Value result = field.With("name", Value(referral->id().name));
    // No namespace is a wildcard here, not the default namespace.
    if (!new_ns.empty()) result = result.With("namespace", Value(new_ns));
    return result;
  }

  // Whether the referrer may speak of the object at all.
  bool Sees(const Resource& other) const {
    return cluster_scoped_ || other.id().cluster_scoped() ||
           other.id().EffectiveNamespace() == ns_ || subject_namespaces_.contains(other.id().ns);
  }

  bool SameNamespace(const Resource& other) const {
    return cluster_scoped_ || other.id().cluster_scoped() ||
           other.id().gvk.kind == "ServiceAccount" || other.id().EffectiveNamespace() == ns_;
  }

  // Whether some object that the referrer sees lived in the namespace at first.
  bool AnyCameFrom(const std::string& ns) const {
    const auto& places = index_.places();
    for (auto it = places.lower_bound({ns, "", ""}); it != places.end() && it->original == ns;
         ++it) {
      budget_.Note(1);
      if (cluster_scoped_ || it->now == ns_ || subject_namespaces_.contains(it->raw)) return true;
    }
    return false;
  }

  // What several candidates must have in common to count as one.
  enum class Identity : std::uint8_t { kName, kNameAndNamespace };

  Result<const Resource*> SelectReferral(const std::string& name, const std::string* ns,
                                         Identity identity) const {
    const Candidates& named = index_.Named(name);
    if (named.empty()) return static_cast<const Resource*>(nullptr);
    for (const Resource* other : named) TRY(budget_.Spend(1 + other->previous_ids().size()));
    const bool by_origin = ns && AnyCameFrom(*ns);
    Candidates candidates;
    for (const Resource* other : named) {
      if (!Sees(*other)) continue;
      if (ns && !InNamespace(*other, *ns, by_origin)) continue;
      if (!AnyPreviousIs(*other, *target_)) continue;
      if (role_ref_ && !AnyPreviousIs(*other, *role_ref_)) continue;
      if (!SameNamespace(*other)) continue;
      candidates.push_back(other);
    }
    if (candidates.size() == 1) return candidates[0];
    for (Affixes mode : {Affixes::kEmptyFits, Affixes::kEmptyDiffers}) {
      if (mode == Affixes::kEmptyDiffers && candidates.size() < 2) break;
      std::erase_if(candidates, [&](const Resource* r) { return !AffixesFit(*r, self_, mode); });
    }
    if (candidates.empty()) return static_cast<const Resource*>(nullptr);
    const bool same = std::ranges::all_of(candidates, [&](const Resource* r) {
      return r->id().name == candidates[0]->id().name &&
             (identity == Identity::kName || r->id().ns == candidates[0]->id().ns);
    });
    if (same || candidates.size() == 1) return candidates[0];
    std::string ids;
    for (const Resource* r : candidates) ids += (ids.empty() ? "" : ", ") + r->id().ToString();
    return Fail(InvalidArgument("found multiple possible referrals: " + ids));
  }

  static bool InNamespace(const Resource& other, const std::string& ns, bool by_origin) {
    const ResourceId& id = by_origin ? other.original_id() : other.id();
    return !id.cluster_scoped() && id.EffectiveNamespace() == ns;
  }

  const Resource& self_;
  const Index& index_;
  Budget& budget_;
  bool cluster_scoped_;
  std::string ns_;
  std::set<std::string> subject_namespaces_;
  const GroupVersionKind* target_ = nullptr;
  std::optional<GroupVersionKind> role_ref_;
};

// The specs for a kind, found once per kind.
struct Step {
  // For any kind: an object is followed as what it was at first, even where a patch has made it
  // another kind.
  FieldSpec spec;
  const GroupVersionKind* target;
};

class Steps {
 public:
  explicit Steps(std::span<const NameReference> references) : references_(references) {}

  const std::vector<Step>& For(const GroupVersionKind& gvk) {
    auto [it, fresh] = by_kind_.try_emplace(gvk);
    if (fresh) {
      for (const NameReference& reference : references_) {
        for (const FieldSpec& spec : reference.referrers) {
          if (IsSelected(gvk, spec.gvk))
            it->second.push_back({{{}, spec.path, spec.create}, &reference.target});
        }
      }
    }
    return it->second;
  }

 private:
  std::span<const NameReference> references_;
  std::map<GroupVersionKind, std::vector<Step>> by_kind_;
};

}  // namespace

Status FixNameReferences(ResourceMap& map, std::span<const NameReference> references) {
  const Index index(map);
  Steps steps(references);
  for (std::size_t i = 0; i < map.size(); ++i) {
    const std::vector<Step>& own = steps.For(map.at(i).original_id().gvk);
    if (own.empty()) continue;
    Referrer referrer(map.at(i), index, TRY(SubjectNamespaces(map.at(i))), map.budget());
    Value object = map.at(i).value();
    for (const Step& step : own) {
      auto followed = referrer.Follow(object, step.spec, *step.target);
      if (!followed) {
        return Fail(std::move(followed).error().Wrap("updating name reference in '" +
                                                     step.spec.path + "' field of '" +
                                                     map.at(i).id().ToString() + "'"));
      }
      object = std::move(*followed);
    }
    TRY(map.SetValue(i, std::move(object)));
  }
  return {};
}

}  // namespace swell::kustomize
