#pragma once
// How swelld is run: flags, environment and an optional file.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/telemetry/log.h"

namespace swell::config {

struct ServerConfig {
  std::string data;                            // folder: database, key, repository mirrors
  std::string key_file;                        // "" is <data>/swell.db.key
  std::string listen = "127.0.0.1:7420";       // gRPC
  std::string http_listen = "127.0.0.1:7421";  // health and metrics; "" is off
  Duration poll_interval = std::chrono::seconds(60);
  Duration resync_interval = std::chrono::minutes(3);
  Duration audit_interval = std::chrono::hours(1);
  Duration retry_interval = std::chrono::seconds(30);
  Duration health_interval = std::chrono::seconds(2);
  // When drift is repaired (reconciler/heal/policy.h).
  Duration heal_pause = std::chrono::seconds(5);
  Duration heal_max_pause = std::chrono::minutes(10);
  int heal_flips = 5;
  Duration heal_window = std::chrono::minutes(10);
  int workers = 0;  // 0: one a core
  int git_threads = 4;
  std::vector<std::string> allow_exec;  // credential plugins
  std::string health_checks;            // file with checks for every application; "" is none
  std::string gate_files;  // folder of gates' token and CA files; "" is DATA/gate-files
  // Towards each API server; watches do not count.
  int cluster_max_in_flight = 32;
  double cluster_qps = 0;  // 0: as many as it takes
  double cluster_burst = 50;
  // Budgets of a render that were given: the flag's name and its text.
  std::map<std::string, std::string> render_budgets;
  // Checks the ledger in `data` and ends; the head that it must go through, or "".
  bool verify_ledger = false;
  std::string expect_head;
  // For the crash tests (store::KillPoint); 0: nowhere.
  std::int64_t kill_at_commit = 0;
  bool kill_after_commit = false;
  telemetry::LogLevel log_level = telemetry::LogLevel::kInfo;
  telemetry::LogFormat log_format = telemetry::LogFormat::kText;
};

struct Parsed {
  ServerConfig config;
  // Set where the program has only to print this (help, version) and end with the code.
  std::optional<std::string> print;
  int exit_code = 0;
};

// Flags win over SWELLD_… variables, those over the file of --config. kInvalidArgument names
// the flag.
Result<Parsed> ParseServerConfig(std::span<const char* const> arguments);

// "host:port" on loopback. kFailedPrecondition for any other address: until TLS and
// authentication exist, whoever reaches the port may deploy.
Status CheckLoopback(std::string_view flag, const std::string& address);

}  // namespace swell::config
