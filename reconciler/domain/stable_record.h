#pragma once
// The random values, keys and times that an application's chart has made up on one cluster, and
// how long they are remembered.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/core/digest.h"
#include "renderer/ambient/stable_values.h"

namespace swell {

struct StableRecord {
  struct Entry {
    StableValue value;
    std::int64_t rollout = 0;  // number of the last one that used it
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::string application;
  std::string cluster;
  std::map<Digest, Entry> entries;  // by call site
  friend bool operator==(const StableRecord&, const StableRecord&) = default;
};

// For a render.
std::shared_ptr<const StableValues> KnownValues(const StableRecord& record);

struct StableRetention {
  std::int64_t rollouts = 50;   // a value that none of the last so many used is forgotten
  std::size_t entries = 5'000;  // beyond that, the longest unused are
};

// The record after a rollout whose render used these. What it did not use stays: a revision that
// drops a password and fails must not rotate it.
StableRecord Remember(StableRecord record, const StableValues& used, std::int64_t rollout,
                      const StableRetention& retention = {});

}  // namespace swell
