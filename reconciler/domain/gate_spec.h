#pragma once
// What a wave waits for beside health: metrics, HTTP checks, jobs (its gates, asked when its bake
// is over), and people (approvals, asked before it starts). docs/gates.md.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/core/clock.h"
#include "base/value/value.h"

namespace swell {

enum class Comparison : std::uint8_t {
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kEqual,
  kNotEqual
};

// "< 0.01"
struct Threshold {
  Comparison comparison = Comparison::kLess;
  double value = 0;
  friend bool operator==(const Threshold&, const Threshold&) = default;
};

// What a query without a value means. It never means that all is well.
enum class MissingData : std::uint8_t { kHold, kFail };

// A query to Prometheus, or to what speaks its API.
struct PrometheusGate {
  std::string address;  // http(s)://HOST[:PORT][/PREFIX]
  std::string query;
  Duration range{0};  // 0: the value now; else every value of this long
  Duration step{0};   // of a range; 0: a sixtieth of it, at least a second
  Threshold threshold;
  // The threshold is of the value divided by the value so long before; 0: of the value itself.
  Duration baseline{0};
  MissingData missing = MissingData::kHold;
  // Each selector of the query gets this label with the names of the wave's clusters; "": none.
  std::string cluster_label;
  std::string bearer_token_file;  // read by the server at each use
  std::string ca_file;
  friend bool operator==(const PrometheusGate&, const PrometheusGate&) = default;
};

// A request whose answer is judged: 2xx, and where `json_pointer` is given, what is there.
struct HttpGate {
  std::string url;
  std::string method = "GET";
  std::map<std::string, std::string> headers;
  std::string body;
  std::string json_pointer;
  std::optional<Threshold> threshold;  // of the number there
  std::string equals;                  // or the text (numbers and booleans as JSON writes them)
  std::string bearer_token_file;
  std::string ca_file;
  friend bool operator==(const HttpGate&, const HttpGate&) = default;
};

// A Job that runs on each of the wave's clusters and must succeed: a smoke test.
struct JobGate {
  Value job;  // its batch/v1 Job: metadata and spec
  friend bool operator==(const JobGate&, const JobGate&) = default;
};

struct GateSpec {
  std::string name;
  Duration interval = std::chrono::seconds(60);  // between two evaluations
  int successes = 1;                             // evaluations in a row that must pass
  int failures = 1;                              // evaluations in a row that fail the gate
  Duration deadline{0};  // how long it may hold before the wave fails; 0: for ever
  std::variant<PrometheusGate, HttpGate, JobGate> check;
  friend bool operator==(const GateSpec&, const GateSpec&) = default;
};

// People who must agree to exactly this plan before a wave starts.
struct ApprovalSpec {
  int count = 0;                  // 0: nobody
  std::vector<std::string> from;  // Teams and names; empty: anybody
  bool not_author = false;        // neither who wrote the commit nor who asked for the rollout
  Duration expires{0};            // an approval counts so long; 0: for ever
  friend bool operator==(const ApprovalSpec&, const ApprovalSpec&) = default;
};

}  // namespace swell
