#pragma once
// Faults on demand: what a test wants an API server to do wrong. Set through POST
// /sandbox/faults on the cluster's own port:
//
//   {"rules": [{"match": {"method": "PATCH", "path": "deployments/web$"}, "status": 503,
//               "retryAfter": 1, "body": "html", "delayMs": 200, "times": 3}],
//    "down": false, "hang": false}
//
// `method`, `path` and `query` (regular expressions that are searched for; the query as
// "fieldManager=swell&dryRun=All") may be absent; `times` 0 or absent means for ever. A rule
// without a status or body only delays.
//
// What is answered instead of the truth:
//   status                    as the real server words what tests inject most
//   reason, message, causes   a Status with that status: what admission, quotas and webhooks say;
//                             causes are [{"reason": …, "message": …, "field": …}]
//   text                      a text/plain body with that status: "404 page not found\n"
//   answer                    a JSON document, with 200 or that status: a CRD that is not
//   Established
// `body` spoils it:
//   html      a proxy's error page            half   the true answer, cut in the middle
//   garbage   no JSON                         cut    the connection is cut, nothing has happened
//   lost      the server acted, then the connection is cut
//   slow      the true answer in two halves, `delayMs` between them
// `down`: connections are cut at once, and watches with them; `hang`: nothing is answered.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "server/sandbox/message.h"

namespace swell::sandbox {

// On an answer of the body "slow": the milliseconds between its halves. The network side takes it
// off (server.cc).
inline constexpr char kSlowHeader[] = "swell-sandbox-slow";

class Faults {
 public:
  Faults();
  ~Faults();

  // Adds the rules and sets the switches that the document names. All or nothing; errors name
  // the wrong field.
  Status Add(const Value& document);
  void Clear();
  // The rules with what is left of `times`, and how often each was hit.
  Value Describe() const;

  bool down() const { return down_; }
  bool hang() const { return hang_; }

  // The fault that this request meets, or nullptr. Counts it.
  struct Rule;
  const Rule* Take(const Request& request);
  // Spoils the answer as the rule says. `answer` is called only where the rule lets the request
  // through.
  static bool LetsThrough(const Rule& rule);
  static Response Spoil(const Rule& rule, Response response);

 private:
  std::vector<std::unique_ptr<Rule>> rules_;
  bool down_ = false;
  bool hang_ = false;
};

}  // namespace swell::sandbox
