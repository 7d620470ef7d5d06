#include "server/http/http.h"

#include <charconv>

namespace swell::http {

Result<std::unique_ptr<net::HttpServer>> Start(net::Loop& loop, const std::string& address,
                                               telemetry::MetricsRegistry& metrics,
                                               std::function<Status()> ready) {
  const std::size_t colon = address.rfind(':');
  net::HttpServer::Options options;
  options.address = address.substr(0, colon);
  if (options.address == "localhost") options.address = "127.0.0.1";
  if (options.address == "[::1]") options.address = "::1";
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    return Fail(InvalidArgument("--http-listen: \"" + address + "\" has no port number"));
  }
  return net::HttpServer::Start(
      loop, options,
      [&metrics, ready = std::move(ready)](net::HttpRequest request,
                                           net::ResponseWriterPtr writer) {
        const net::Headers text = {{"content-type", "text/plain; charset=utf-8"}};
        if (request.method != "GET") return writer->Respond(405, text, "only GET\n");
        if (request.path == "/healthz") return writer->Respond(200, text, "ok\n");
        if (request.path == "/readyz") {
          const Status status = ready();
          return writer->Respond(status ? 200 : 503, text,
                                 status ? "ok\n" : status.error().ToString() + "\n");
        }
        if (request.path == "/metrics") {
          return writer->Respond(200, {{"content-type", "text/plain; version=0.0.4"}},
                                 metrics.PrometheusText());
        }
        writer->Respond(404, text, "not found; there are /healthz, /readyz and /metrics\n");
      });
}

void ExportMetrics(control::Controller& engine, telemetry::MetricsRegistry& metrics) {
  metrics.OnScrape([&engine, &metrics] {
    const auto stats = engine.stats();
    const auto set = [&](const char* name, const char* help, double value) {
      metrics.GetGauge(name, help).Set(value);
    };
    set("swell_applications", "Declared applications.", static_cast<double>(stats.applications));
    set("swell_clusters", "Registered clusters.", static_cast<double>(stats.clusters));
    set("swell_rollouts_running", "Rollouts under way.", static_cast<double>(stats.running));
    set("swell_git_resolutions", "Connections to Git repositories since the start.",
        static_cast<double>(stats.poller.resolutions));
    set("swell_renders", "Renders computed since the start.",
        static_cast<double>(stats.renders.renders));
    set("swell_render_cache_hits", "Renders answered from the cache since the start.",
        static_cast<double>(stats.renders.hits));
    set("swell_plans", "Plans computed since the start.", static_cast<double>(stats.plans));
    set("swell_watches", "Collections of objects watched on the clusters.",
        static_cast<double>(stats.watched.watches));
    set("swell_watches_current", "Watches whose state is known to be up to date.",
        static_cast<double>(stats.watched.current));
    set("swell_watched_objects", "Declared objects on the clusters that are watched or would be.",
        static_cast<double>(stats.watched.objects));
    set("swell_log_sessions", "Calls that read logs now.", static_cast<double>(stats.log_sessions));
    set("swell_log_streams", "Containers whose logs are open for these calls.",
        static_cast<double>(stats.log_streams));
    set("swell_rollouts", "Rollouts begun since the start.", static_cast<double>(stats.rollouts));
  });
}

}  // namespace swell::http
