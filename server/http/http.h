#pragma once
// /healthz, /readyz and /metrics.

#include <functional>
#include <memory>
#include <string>

#include "base/core/result.h"
#include "base/net/http_server.h"
#include "base/net/loop.h"
#include "base/telemetry/metrics.h"
#include "server/control/controller.h"

namespace swell::http {

// `address` is "host:port". `ready` says why /readyz fails; it is called on the loop. What is given
// must outlive the server.
Result<std::unique_ptr<net::HttpServer>> Start(net::Loop& loop, const std::string& address,
                                               telemetry::MetricsRegistry& metrics,
                                               std::function<Status()> ready);

// Registers the engine's figures; they are read at each scrape.
void ExportMetrics(control::Controller& engine, telemetry::MetricsRegistry& metrics);

}  // namespace swell::http
