#pragma once
// Gates that are HTTP requests. Internal to reconciler/gates.

#include "reconciler/gates/gates.h"
#include "reconciler/gates/request.h"

namespace swell::gates {

// Without the gate's name in the message.
Answer EvaluateHttp(const HttpGate& gate, const Asking& asking);

}  // namespace swell::gates
