#pragma once
// The REST API of one simulated cluster over its objects: reads, writes and watches of resources.

#include <map>
#include <string>

#include "server/sandbox/message.h"
#include "server/sandbox/objects.h"
#include "server/sandbox/route.h"
#include "server/sandbox/watches.h"

namespace swell::sandbox {

// Requests since the start (or the last reset), for tests that assert "no API writes".
struct Stats {
  std::map<std::string, std::int64_t> verbs;  // get, list, watch, create, update, patch, apply, …
  std::int64_t writes = 0;   // mutating requests that were no dry run, whatever came of them
  std::int64_t changes = 0;  // of these, the ones that changed something
  std::int64_t dry_runs = 0;
};

// Not thread-safe.
class Api {
 public:
  Api(Objects& objects, Watches& watches) : objects_(objects), watches_(watches) {}

  // Requires route.kind == kResource.
  Response Handle(const Route& route, const Request& request);

  const Stats& stats() const { return stats_; }
  void ResetStats() { stats_ = Stats(); }

 private:
  Response Get(const Route& route, const Request& request);
  Response List(const Route& route, const Request& request);
  Response Watch(const Route& route, const Request& request);
  Response Create(const Route& route, const Request& request);
  Response Update(const Route& route, const Request& request);
  Response Patch(const Route& route, const Request& request);
  Response Delete(const Route& route, const Request& request);
  Response DeleteCollection(const Route& route, const Request& request);
  Response Scale(const Route& route, const Request& request);
  Response Review(const Route& route, const Request& request);

  struct Selection {
    LabelSelector labels;
    FieldSelector fields;
  };
  ApiResult<Selection> SelectionOf(const Request& request) const;
  ApiResult<std::vector<ObjectPtr>> Select(const Route& route, const Request& request) const;
  ApiResult<WriteOptions> OptionsOf(const Route& route, const Request& request);
  ApiResult<DeleteOptions> DeleteOptionsOf(const Route& route, const Request& request);
  Response Answer(const Route& route, const Request& request, const ApiResult<Written>& written);
  void Count(const std::string& verb) { ++stats_.verbs[verb]; }

  Objects& objects_;
  Watches& watches_;
  Stats stats_;
};

// Reads a JSON or YAML body (api_body.cc). Errors: 415 for other media types, 413, 400.
ApiResult<Value> ParseBody(const Request& request);

}  // namespace swell::sandbox
