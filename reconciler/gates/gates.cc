#include "reconciler/gates/gates.h"

#include <utility>

#include "reconciler/gates/http_gate.h"
#include "reconciler/gates/prometheus.h"
#include "reconciler/gates/request.h"

namespace swell::gates {

Evaluator::Evaluator(Options options)
    : options_(options),
      http_({.connect_timeout = options.connect_timeout, .link_local = options.link_local}) {}

Answer Evaluator::Evaluate(const GateSpec& gate, const Context& context) {
  const Asking asking{.http = http_,
                      .context = context,
                      .deadline = Deadline::After(context.timeout),
                      .max_response_bytes = options_.max_response_bytes};
  Answer out = Hold("a gate with a job is asked of clusters, not of a server");
  if (const auto* prometheus = std::get_if<PrometheusGate>(&gate.check)) {
    out = EvaluatePrometheus(*prometheus, asking);
  } else if (const auto* http = std::get_if<HttpGate>(&gate.check)) {
    out = EvaluateHttp(*http, asking);
  }
  out.message = gate.name + ": " + out.message;
  return out;
}

}  // namespace swell::gates
