#pragma once
// Book: what is known of one application's drift and of what is tolerated of it. Pure: it says what
// is to be written; nothing is written here.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/domain/rollout.h"
#include "reconciler/heal/drift.h"
#include "reconciler/heal/policy.h"
#include "reconciler/heal/tolerance.h"

namespace swell::heal {

inline constexpr std::size_t kMaxRecords = 1'000;  // of an application; the newest are kept
inline constexpr std::size_t kMaxTolerances = 1'000;

// One thread at a time.
class Book {
 public:
  explicit Book(std::string application = {}) : application_(std::move(application)) {}

  // What the ledger has. Records that cannot be read fail it.
  Status Load(const Ledger& ledger);

  // --- drift ---

  // What a plan saw of a cluster.
  struct Look {
    std::string cluster;
    const std::vector<Finding>* findings = nullptr;  // never null
    std::function<bool(const ObjectId&)> was_read;   // others are as they were
  };
  // Takes down what was found, and that what was not found any more is gone.
  void Note(const Look& look, Timestamp now);
  // What becomes of something that was noted in this look. Stops are taken down, and the wait.
  Decision Judge(const std::string& cluster, const ObjectId& id, Timestamp now,
                 const Policy& policy);
  enum class As { kRepair, kSync };  // a repair counts for what comes after it
  void BeginRepair(const std::string& cluster, const ObjectId& id, const std::string& rollout,
                   Timestamp now, As as);
  void LeaveAlone(const std::string& cluster, const ObjectId& id, const std::string& why,
                  Timestamp now);
  // What the rollout made of its repairs.
  void Settle(const RolloutState& rollout, Timestamp now);
  // Repairs begin anew, as if there had been none. True where something had been stopped.
  bool Forgive(const std::string& key);
  bool ForgiveAll();

  const std::map<std::string, Record>& records() const { return records_; }
  const Record* Find(const std::string& cluster, const ObjectId& id) const;
  // What keeps drift from being repaired now, for people; "" where nothing does.
  std::string Trouble() const;

  // --- tolerances ---

  // Takes the place of one with the same key. kResourceExhausted where there are too many.
  Status Tolerate(Tolerance tolerance);
  bool EndTolerance(const std::string& key);
  // Those that are over.
  std::vector<Tolerance> Expired(Timestamp now) const;
  const std::map<std::string, Tolerance>& tolerances() const { return tolerances_; }

  // --- both ---

  enum class Stops { kInForce, kForgiven };
  // Ignore rules for plans and applies.
  std::vector<IgnoreDifference> Rules(Stops stops) const;
  // Grows whenever they change.
  std::uint64_t rules_version() const { return rules_version_; }

  // What must be written for the ledger to hold what the book does; prunes first. Until Written is
  // called they are told again.
  std::vector<Mutation> Unwritten();
  void Written();
  // Everything goes.
  std::vector<Mutation> Removal() const;

 private:
  Record* Mutable(const std::string& cluster, const ObjectId& id);
  void Change(Record& record, Fate fate, Timestamp now);
  void NoteOne(const std::string& cluster, const Finding& finding, Timestamp now);
  void Prune();

  std::string application_;
  std::map<std::string, Record> records_;        // by KeyOf
  std::map<std::string, Tolerance> tolerances_;  // by KeyOf
  // Keys whose records are not in the ledger as they are here.
  std::set<std::string> unwritten_records_;
  std::set<std::string> unwritten_tolerances_;
  std::uint64_t rules_version_ = 1;
};

}  // namespace swell::heal
