#pragma once
// Gates that are queries to Prometheus. Internal to reconciler/gates.

#include "reconciler/gates/gates.h"
#include "reconciler/gates/request.h"

namespace swell::gates {

// Without the gate's name in the message.
Answer EvaluatePrometheus(const PrometheusGate& gate, const Asking& asking);

}  // namespace swell::gates
