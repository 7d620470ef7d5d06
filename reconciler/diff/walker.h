#pragma once
// The walk over desired, live and last applied side by side. Used by diff.cc alone.

#include <string>
#include <string_view>
#include <vector>

#include "base/value/pointer.h"
#include "reconciler/diff/defaults.h"
#include "reconciler/diff/diff.h"
#include "reconciler/diff/ignored_places.h"
#include "reconciler/diff/lists.h"

namespace swell::diff {

// What the last applied state is known from.
enum class Basis { kNone, kRecorded, kOwnership };

// kChanges: what an apply would change. kEverything: each difference between desired and live,
// also those that an apply leaves as they are.
enum class Scope { kChanges, kEverything };

struct Finding {
  FieldChange change;
  // Of Scope::kEverything alone. `at`: the place in live; "-" for an item that is not there.
  PointerTokens at;
  std::string note;
  Value desired;  // as it is: for a Secret, not to be shown
};

struct WalkerInput {
  bool secret = false;  // redact everything in data
  Basis basis = Basis::kNone;
  PathStyle style = PathStyle::kReadable;
  Scope scope = Scope::kChanges;
  IgnoredPlaces ignored;
};

class Walker {
 public:
  explicit Walker(WalkerInput input) : input_(std::move(input)) {}

  // All three normalised; they and what `root` points to must outlive the walk. `last` is null
  // where nothing is known. Once.
  void Walk(const Value& desired, const Value& live, const Value& last, const Place& root);
  std::vector<Finding> TakeFindings() && { return std::move(findings_); }

 private:
  // One node in the three states; nullptr where it is absent (null counts as absent).
  struct Node {
    const Value* desired = nullptr;
    const Value* live = nullptr;
    const Value* last = nullptr;
    const Value* parent = nullptr;  // the live object around it
  };

  void Compare(const Node& node, const Place& place);
  void CompareRemoved(const Node& node, const Place& place);
  void CompareObjects(const Node& node, const Place& place);
  void CompareMember(const Node& child, std::string_view name, const Place& place);
  void CompareLists(const Node& node, const Place& place);
  void CompareAtomicLists(const Node& node, const Place& place);
  void CompareSets(const Node& node);
  bool CompareKeyed(const Node& node, const Place& place, const ListShape& shape);
  void CompareItem(const Node& item, PathStep step, const Place& place);
  // Neither stated nor applied last.
  void LiveOnly(const Node& node, const Place& place);

  // The rule that the place is ignored by, or nullptr.
  const IgnoredBy* RuleAt(const Place& place) const;
  static bool LeavesToServer(const Node& node, const Place& place);
  bool SwitchesUnion(const Node& node, const Place& place) const;
  // What an apply would change.
  void Report(const Node& node);
  // A difference that an apply leaves; kept where everything is asked for.
  void Benign(const Node& node, ChangeCause cause, std::string_view note);
  void Add(const Node& node, ChangeCause cause, std::string_view note);
  bool everything() const { return input_.scope == Scope::kEverything; }
  ChangeCause CauseOf(const Node& node) const;
  std::string PathText() const;

  WalkerInput input_;
  std::vector<PathStep> path_;
  std::vector<Finding> findings_;
};

}  // namespace swell::diff
