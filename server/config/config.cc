#include "server/config/config.h"

#include <CLI/CLI.hpp>

#include "base/core/version.h"

namespace swell::config {
namespace {

void AddTime(CLI::App& app, const std::string& flag, Duration& target, const std::string& help) {
  app.add_option_function<std::string>(
         flag,
         [&target, flag](const std::string& text) {
           const auto parsed = ParseDuration(text);
           if (!parsed) throw CLI::ValidationError(flag, parsed.error().message());
           if (*parsed < std::chrono::milliseconds(100)) {
             throw CLI::ValidationError(flag, text + " is shorter than 100ms");
           }
           target = *parsed;
         },
         help)
      ->type_name("DURATION")
      ->default_str(FormatDuration(target));
}

template <class T, class Parse>
void AddParsed(CLI::App& app, const std::string& flag, T& target, Parse parse,
               const std::string& help, const std::string& fallback) {
  app.add_option_function<std::string>(
         flag,
         [&target, flag, parse](const std::string& text) {
           const auto parsed = parse(text);
           if (!parsed) throw CLI::ValidationError(flag, parsed.error().message());
           target = *parsed;
         },
         help)
      ->default_str(fallback);
}

void AddOptions(CLI::App& app, ServerConfig& config) {
  app.set_config("--config", "", "read further flags from this file (key = value)");
  app.add_option("--data", config.data, "folder for the database, its key and repository mirrors")
      ->required()
      ->envname("SWELLD_DATA");
  app.add_option("--key-file", config.key_file,
                 "key that encrypts secrets at rest; made if absent [<data>/swell.db.key]");
  app.add_option("--listen", config.listen, "gRPC address, loopback only")
      ->capture_default_str()
      ->envname("SWELLD_LISTEN");
  app.add_option("--http-listen", config.http_listen,
                 "address of /healthz, /readyz and /metrics, loopback only; \"\" turns it off")
      ->capture_default_str()
      ->envname("SWELLD_HTTP_LISTEN");
  AddTime(app, "--poll-interval", config.poll_interval, "how often repositories are polled");
  AddTime(app, "--resync-interval", config.resync_interval,
          "how often live objects are compared where nothing moved");
  AddTime(app, "--audit-interval", config.audit_interval,
          "how often they are read for that, whatever the watches say");
  AddTime(app, "--retry-interval", config.retry_interval, "pause after a failed render or plan");
  AddTime(app, "--health-interval", config.health_interval,
          "how often health is read while a rollout waits for it and no watch tells of it");
  AddTime(app, "--heal-pause", config.heal_pause,
          "pause between the first two repairs of an object's drift; it doubles from there");
  AddTime(app, "--heal-max-pause", config.heal_max_pause, "the longest of those pauses");
  app.add_option("--heal-flips", config.heal_flips,
                 "repairs of a field that one field manager may undo before it is let go")
      ->capture_default_str()
      ->check(CLI::Range(1, 20));
  AddTime(app, "--heal-window", config.heal_window, "within which those repairs are counted");
  app.add_option("--workers", config.workers, "threads that render and compare; 0 is one a core")
      ->check(CLI::Range(0, 1024));
  app.add_option("--git-threads", config.git_threads, "repositories fetched at a time")
      ->check(CLI::Range(1, 256));
  app.add_option("--allow-exec", config.allow_exec,
                 "credential plugin that kubeconfigs may run (absolute path); repeatable");
  app.add_option("--health-checks", config.health_checks,
                 "YAML file with healthChecks for the applications that have none for a kind");
  app.add_option("--gate-files", config.gate_files,
                 "folder that the token and CA files of gates lie in; else DATA/gate-files");
  app.add_option("--cluster-max-in-flight", config.cluster_max_in_flight,
                 "requests to one cluster at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--cluster-qps", config.cluster_qps,
                 "requests to one cluster a second, on average; 0 is as many as it takes")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--cluster-burst", config.cluster_burst,
                 "requests to one cluster at once, of those a second")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 1e6));
  const std::pair<const char*, const char*> budgets[] = {
      {"--render-max-steps", "steps that a chart's templates and schemas may take [50000000]"},
      {"--render-max-output", "bytes that a render may print [64Mi]"},
      {"--render-max-memory", "bytes that a chart's functions may make in all [1Gi]"},
      {"--render-max-chart", "bytes of a chart with its subcharts [100Mi]"}};
  for (const auto& [flag, help] : budgets) {
    app.add_option_function<std::string>(
        flag,
        [&config, flag = flag](const std::string& text) { config.render_budgets[flag] = text; },
        help);
  }
  CLI::Option* verify =
      app.add_flag("--verify-ledger", config.verify_ledger,
                   "check the hash chain of <data>/swell.db, print its head and end");
  app.add_option("--expect", config.expect_head,
                 "with --verify-ledger: a head that was printed before; the chain must have it")
      ->needs(verify);
  // Not shown: for the crash tests.
  app.add_option("--test-kill-at-commit", config.kill_at_commit)->group("");
  app.add_flag("--test-kill-after", config.kill_after_commit)->group("");
  AddParsed(app, "--log-level", config.log_level, telemetry::ParseLogLevel,
            "debug, info, warning or error", "info");
  AddParsed(app, "--log-format", config.log_format, telemetry::ParseLogFormat, "text or json",
            "text");
}

}  // namespace

Result<Parsed> ParseServerConfig(std::span<const char* const> arguments) {
  Parsed out;
  CLI::App app("swelld: GitOps rollouts in waves over a fleet of Kubernetes clusters");
  app.name("swelld");
  app.set_version_flag("--version", std::string("swelld ") + kVersion);
  AddOptions(app, out.config);
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    out.print = app.help();
    return out;
  } catch (const CLI::CallForVersion&) {
    out.print = app.version() + "\n";
    return out;
  } catch (const CLI::ParseError& e) {
    return Fail(InvalidArgument(std::string(e.what()) + "; run `swelld --help`"));
  }
  TRY(CheckLoopback("--listen", out.config.listen));
  if (!out.config.http_listen.empty()) TRY(CheckLoopback("--http-listen", out.config.http_listen));
  return out;
}

Status CheckLoopback(std::string_view flag, const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return Fail(
        InvalidArgument(std::string(flag) + ": \"" + address + "\" is not of the form host:port"));
  }
  const std::string host = address.substr(0, colon);
  if (host == "127.0.0.1" || host == "localhost" || host == "[::1]") return {};
  return Fail(FailedPrecondition(
      std::string(flag) + ": " + address +
      " is not a loopback address. swelld has no TLS and no authentication yet, so whoever "
      "reaches its port may deploy; listen on 127.0.0.1 and reach it through an SSH tunnel or "
      "kubectl port-forward"));
}

}  // namespace swell::config
