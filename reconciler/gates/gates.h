#pragma once
// Asks the gates of a wave that are questions to servers: Prometheus and HTTP. Jobs: job.h.
// docs/gates.md.

#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/fetch/client.h"
#include "reconciler/domain/gate_spec.h"

namespace swell::gates {

// kHold: it could not be evaluated, or there was nothing to judge. It never passes a wave.
enum class Verdict { kPass, kFail, kHold };

struct Answer {
  Verdict verdict = Verdict::kHold;
  // Begins with the gate's name: "error-rate: 0.002 < 0.01". Never holds a credential; what
  // servers said is cut to some hundred bytes.
  std::string message;
};

// What a gate is asked about. Counts for this rollout's plan alone.
struct Context {
  std::string application;
  std::string rollout;  // "web-12"
  std::string wave;
  std::vector<std::string> clusters;            // of the wave
  Timestamp now;                                // the time that is asked about
  Duration timeout = std::chrono::seconds(30);  // of one evaluation, all its requests together
  // Where bearerTokenFile and caFile must lie, links resolved: who writes applications could else
  // have any file that the server can read sent to a server of theirs. "": anywhere.
  std::string files_folder;
};

// Thread-safe. Makes no I/O before the first question; keeps connections.
class Evaluator {
 public:
  struct Options {
    std::uint64_t max_response_bytes = 4u << 20;  // of one answer, uncompressed
    Duration connect_timeout = std::chrono::seconds(10);
    // Where others may write gates: addresses of the machine's own link are not asked.
    fetch::LinkLocal link_local = fetch::LinkLocal::kRefused;
  };
  Evaluator() : Evaluator(Options{}) {}
  explicit Evaluator(Options options);

  // Asks once. Blocks for context.timeout at most. A gate with a job is kHold, saying so.
  Answer Evaluate(const GateSpec& gate, const Context& context);

  // Ends what is being asked within a second or so: kHold, and so is everything later.
  void Stop() { http_.Stop(); }

 private:
  const Options options_;
  fetch::HttpClient http_;
};

}  // namespace swell::gates
