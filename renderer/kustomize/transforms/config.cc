#include "renderer/kustomize/transforms/config.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/core/strings.h"
#include "renderer/kustomize/transforms/kind_order.h"
#include "renderer/kustomize/transforms/resource.h"

namespace swell::kustomize {
namespace {

Error Unknown(std::string_view file, std::string_view field) {
  return InvalidArgument("transformer configuration " + std::string(file) + ": unknown field " +
                         Quote(field));
}

// Reads group, version, kind, path and create; false for any other field.
bool ReadSpecField(const Member& member, FieldSpec& spec) {
  const std::string_view name = member.name();
  if (name == "group") {
    spec.gvk.group = ScalarText(member.value);
  } else if (name == "version") {
    spec.gvk.version = ScalarText(member.value);
  } else if (name == "kind") {
    spec.gvk.kind = ScalarText(member.value);
  } else if (name == "path") {
    spec.path = ScalarText(member.value);
  } else if (name == "create") {
    spec.create = member.value.as_bool();
  } else {
    return false;
  }
  return true;
}

Result<std::vector<FieldSpec>> ReadSpecs(const Value& list, std::string_view file) {
  std::vector<FieldSpec> specs;
  for (const Value& item : list.items()) {
    FieldSpec spec;
    for (const Member& member : item.members()) {
      if (!ReadSpecField(member, spec)) return Fail(Unknown(file, member.name()));
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

Result<std::vector<NameReference>> ReadReferences(const Value& list, std::string_view file) {
  std::vector<NameReference> references;
  for (const Value& item : list.items()) {
    FieldSpec target;
    NameReference reference;
    for (const Member& member : item.members()) {
      if (member.name() == "fieldSpecs") {
        reference.referrers = TRY(ReadSpecs(member.value, file));
      } else if (!ReadSpecField(member, target)) {
        return Fail(Unknown(file, member.name()));
      }
    }
    reference.target = target.gvk;
    references.push_back(std::move(reference));
  }
  return references;
}

std::vector<FieldSpec>* SpecsNamed(TransformerConfig& config, std::string_view name) {
  if (name == "namePrefix") return &config.name_prefix;
  if (name == "nameSuffix") return &config.name_suffix;
  if (name == "namespace") return &config.ns;
  if (name == "commonLabels") return &config.common_labels;
  if (name == "labels") return &config.labels;
  if (name == "templateLabels") return &config.template_labels;
  if (name == "commonAnnotations") return &config.common_annotations;
  if (name == "varReference") return &config.var_references;
  if (name == "images") return &config.images;
  if (name == "replicas") return &config.replicas;
  return nullptr;
}

void SortConfig(TransformerConfig& config, Budget& budget) {
  auto less = [](const auto& a, const auto& b) { return GvkLess(a.gvk, b.gvk); };
  for (std::vector<FieldSpec>* specs :
       {&config.name_prefix, &config.name_suffix, &config.ns, &config.common_labels, &config.labels,
        &config.template_labels, &config.common_annotations, &config.var_references, &config.images,
        &config.replicas}) {
    budget.Note(16 * specs->size());
    std::ranges::stable_sort(*specs, less);
  }
  std::ranges::stable_sort(config.name_references, GvkLess, &NameReference::target);
}

}  // namespace

Result<TransformerConfig> ParseConfig(const Value& document, std::string_view file) {
  TransformerConfig config;
  for (const Member& member : document.members()) {
    if (member.name() == "nameReference") {
      config.name_references = TRY(ReadReferences(member.value, file));
    } else if (std::vector<FieldSpec>* specs = SpecsNamed(config, member.name())) {
      *specs = TRY(ReadSpecs(member.value, file));
    } else {
      return Fail(Unknown(file, member.name()));
    }
  }
  return config;
}

Status MergeConfig(TransformerConfig& config, const TransformerConfig& more, Budget& budget) {
  TRY_WRAP(MergeFieldSpecs(config.name_prefix, more.name_prefix, budget), "merge namePrefix");
  TRY_WRAP(MergeFieldSpecs(config.name_suffix, more.name_suffix, budget), "merge nameSuffix");
  TRY_WRAP(MergeFieldSpecs(config.ns, more.ns, budget), "merge namespace");
  TRY_WRAP(MergeFieldSpecs(config.common_labels, more.common_labels, budget), "merge commonLabels");
  TRY_WRAP(MergeFieldSpecs(config.labels, more.labels, budget), "merge labels");
  TRY_WRAP(MergeFieldSpecs(config.template_labels, more.template_labels, budget),
           "merge templateLabels");
  TRY_WRAP(MergeFieldSpecs(config.common_annotations, more.common_annotations, budget),
           "merge commonAnnotations");
  TRY_WRAP(MergeFieldSpecs(config.var_references, more.var_references, budget),
           "merge varReference");
  TRY_WRAP(MergeFieldSpecs(config.images, more.images, budget), "merge images");
  TRY_WRAP(MergeFieldSpecs(config.replicas, more.replicas, budget), "merge replicas");
  for (const NameReference& reference : more.name_references) {
    TRY(budget.Spend(config.name_references.size()));
    auto same = std::ranges::find(config.name_references, reference.target, &NameReference::target);
    if (same == config.name_references.end()) {
      config.name_references.push_back(reference);
    } else {
      TRY_WRAP(MergeFieldSpecs(same->referrers, reference.referrers, budget),
               "merge nameReference");
    }
  }
  SortConfig(config, budget);
  return {};
}

}  // namespace swell::kustomize
