#pragma once
// The walk over desired, live and last applied side by side. Used by diff.cc alone.

#include <string>
#include <vector>

#include "base/value/pointer.h"
#include "reconciler/diff/defaults.h"
#include "reconciler/diff/diff.h"
#include "reconciler/diff/lists.h"

namespace swell::diff {

// What the last applied state is known from.
enum class Basis { kNone, kRecorded, kOwnership };

struct WalkerInput {
  bool secret = false;  // redact everything in data
  Basis basis = Basis::kNone;
  PathStyle style = PathStyle::kReadable;
  std::vector<PointerTokens> ignored;
};

class Walker {
 public:
  explicit Walker(WalkerInput input) : input_(std::move(input)) {}

  // All three normalised; `last` is null where nothing is known. Once.
  void Walk(const Value& desired, const Value& live, const Value& last, const Place& root);
  std::vector<FieldChange> TakeChanges() && { return std::move(changes_); }

 private:
  // One node in the three states; nullptr where it is absent (null counts as absent).
  struct Node {
    const Value* desired = nullptr;
    const Value* live = nullptr;
    const Value* last = nullptr;
    const Value* parent = nullptr;  // the live object around it
  };
  // One step of the path in both spellings.
  struct Token {
    std::string pointer;
    std::string readable;
  };

  void Compare(const Node& node, const Place& place);
  void CompareRemoved(const Node& node, const Place& place);
  void CompareObjects(const Node& node, const Place& place);
  void CompareUnion(const Node& node, const Place& place);
  void CompareLists(const Node& node, const Place& place);
  void CompareAtomicLists(const Node& node, const Place& place);
  void CompareSets(const Node& node);
  bool CompareKeyed(const Node& node, const Place& place, const ListShape& shape);
  void CompareItem(const Node& item, Token token, const Place& place);
  void CompareMember(const Node& node, std::string_view name, const Place& place);
  bool IsIgnored(const Place& place) const;
  void Report(const Node& node);
  ChangeCause CauseOf(const Node& node) const;
  std::string Path() const;

  WalkerInput input_;
  std::vector<Token> path_;
  std::vector<FieldChange> changes_;
};

}  // namespace swell::diff
