#pragma once
// kustomize's order of kinds: for the output, and for the fields that transformers touch.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "renderer/object/object.h"

namespace swell::kustomize {

// Which kinds come before and after all others, in order.
const std::vector<std::string>& KindsFirst();
const std::vector<std::string>& KindsLast();

// Ranks below zero for the first, above for the last, zero for all others.
class KindRanks {
 public:
  KindRanks(const std::vector<std::string>& first, const std::vector<std::string>& last);
  int Of(const std::string& kind) const;

 private:
  std::unordered_map<std::string, int> ranks_;
};

// "apps_v1_Deployment", with "~G" and so on for what is empty: how equal ranks are told apart.
std::string StableGvkText(const GroupVersionKind& gvk);

// The default order.
bool GvkLess(const GroupVersionKind& a, const GroupVersionKind& b);

}  // namespace swell::kustomize
