#pragma once
// Whose a live object is. The inventory decides; annotations only ever say no.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reconciler/plan/planner.h"

namespace swell::plan {

std::string_view OwnerOf(const Value& object);

// Writes into `planned` what it finds. Both must outlive it.
class Ownership {
 public:
  Ownership(const Inputs& inputs, Planned& planned);

  // Whether the live object of that name is another application's or another tool's: a conflict,
  // and it is left alone. An object that is not there, or was not read, is nobody's.
  bool IsForeign(const Object& desired);
  // Tells what was adopted, in few lines. Call once, last.
  void Finish();

 private:
  bool IsAnotherApplications(const ObjectId& id, const Value& live);
  bool IsAnotherTools(const ObjectId& id, const Value& live, const Value& desired);

  const Inputs& inputs_;
  Planned& planned_;
  std::map<ObjectId, const InventoryEntry*> inventory_;
  std::map<std::string, std::vector<ObjectId>> told_;  // by what is told of them
};

}  // namespace swell::plan
