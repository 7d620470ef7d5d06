#pragma once
// What the workload controllers share: pods from templates, counting, conditions.

#include <string>
#include <string_view>
#include <vector>

#include "server/sandbox/controllers.h"

namespace swell::sandbox::workload {

// The short hash that names a template's revision.
std::string TemplateHash(const Value& pod_template);

// {"apiVersion", "kind", "name", "uid", "controller": true, "blockOwnerDeletion": true}
Value OwnerReference(const Resource& resource, const Stored& owner);

struct PodPlan {
  std::string name;  // "" with generate_name
  std::string generate_name;
  Value extra_labels;  // over the template's
};
// Creates a pod of the owner's spec.template. False where the server refuses.
bool CreatePod(ControllerEnv& env, const Resource& owner_kind, const Stored& owner,
               const PodPlan& plan);
void DeletePod(ControllerEnv& env, const Stored& pod);

bool IsReady(const Stored& pod);
bool IsFinished(const Stored& pod);  // Succeeded or Failed

// The condition of that type, or null.
const Value& FindCondition(const Value& status, std::string_view type);

// Puts a condition in its place in the list; lastTransitionTime is kept while the status stays.
Value WithCondition(const ControllerEnv& env, const Value& conditions, std::string_view type,
                    std::string_view status, std::string_view reason, const std::string& message);

// "25%" or a number, of `total`; percentages round up or down.
enum class Rounding { kUp, kDown };
std::int64_t Resolve(const Value& amount, std::int64_t total, Rounding rounding);

// Adds where the number is not zero, as Go leaves zero numbers out.
void AddCount(std::vector<Member>& members, const char* name, std::int64_t count);

}  // namespace swell::sandbox::workload
