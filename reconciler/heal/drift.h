#pragma once
// Drift of one object in one cluster: what was found, when, who wrote it, and what became of it.
// One record an object: what is found again is the same drift, with the history of its repairs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/ledger_record.h"
#include "renderer/object/object.h"

namespace swell::heal {

// One field that differs from what was applied last.
struct Field {
  std::string path;  // as differences show it; "" is the object, which is absent
  std::string
      manager;         // who wrote it last, by metadata.managedFields; "" where nobody is on record
  std::string time;    // when, RFC 3339; "" likewise
  std::string before;  // the live value, shortened; *** in Secrets
  std::string after;   // the one that is desired
  bool left_alone = false;  // by a toleration: no apply would change it
  std::string note;
  friend bool operator==(const Field&, const Field&) = default;
};

// What one look at a cluster found of one object.
struct Finding {
  ObjectId id;
  std::vector<Field> fields;
  bool IsLeftAlone() const;  // every field is
  friend bool operator==(const Finding&, const Finding&) = default;
};

enum class Fate : std::uint8_t {
  kFound,      // seen, nothing decided yet
  kRepairing,  // by a rollout that is under way
  kRepaired,
  kFailed,     // the repair did
  kTolerated,  // somebody tolerates it for a while
  kLeft,       // self-heal is off, or changes are held
  kWaiting,    // it is repaired later: it was repaired too often lately
  kStopped,    // it is not repaired any more: two writers take turns
  kGone,       // it went away by itself, or is wanted now
};
std::string_view FateName(Fate fate);  // "repairing"
// Whether the difference is still there, as far as is known.
bool IsOpen(Fate fate);

// One repair, as it was begun.
struct Repair {
  struct What {
    std::string path;
    std::string manager;  // whose writing was undone
    friend bool operator==(const What&, const What&) = default;
  };
  Timestamp at;
  std::vector<What> fields;
  friend bool operator==(const Repair&, const Repair&) = default;
};

// A field that is not repaired any more.
struct Stop {
  std::string path;
  std::string manager;
  int flips = 0;
  Duration span{0};  // that they took
  Timestamp at;
  friend bool operator==(const Stop&, const Stop&) = default;
};

struct Record {
  std::string cluster;
  ObjectId id;
  std::vector<Field> fields;  // as seen last
  Timestamp first_seen;       // of this drift: one that comes back soon after a repair is the same
  Timestamp last_seen;
  Fate fate = Fate::kFound;
  Timestamp fate_at;
  std::string rollout;          // of kRepairing, kRepaired, kFailed
  Timestamp until;              // of kWaiting
  std::string why;              // of kFailed, kTolerated, kLeft
  std::vector<Repair> repairs;  // the newest kMaxRepairs, oldest first
  std::vector<Stop> stops;
  friend bool operator==(const Record&, const Record&) = default;
};
inline constexpr std::size_t kMaxRepairs = 24;
inline constexpr std::size_t kMaxFields = 50;  // of a record; further ones are counted in the last

// Unique within an application.
std::string KeyOf(const std::string& cluster, const ObjectId& id);
LedgerRecord ToLedger(const std::string& application, const Record& record);
Result<Record> FromLedger(const LedgerRecord& record);

// "c02: apps/Deployment web/web: /spec/replicas flips between swell and hpa-controller (5 times in
// 3m): repairing stopped; …" with the ways to go on.
std::string Describe(const std::string& application, const Record& record, const Stop& stop);
// "c02: apps/Deployment web/web is repaired again at 2026-…: it was repaired 3 times lately".
std::string DescribeWait(const Record& record);

// The rules that keep everybody's hands off what is not repaired any more.
std::vector<IgnoreDifference> RulesOf(const Record& record);

}  // namespace swell::heal
