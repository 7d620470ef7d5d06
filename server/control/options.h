#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/error.h"
#include "reconciler/charts/fetcher.h"
#include "reconciler/git/git.h"
#include "reconciler/heal/policy.h"
#include "reconciler/health/checks.h"
#include "reconciler/kube/client.h"
#include "reconciler/remotes/http_files.h"
#include "renderer/pipeline/render.h"

namespace swell::control {

// How the engine behaves; server/config reads it from flags and file.
struct Options {
  std::string cache_folder;                            // mirrors of repositories
  std::string chart_cache_folder;                      // archives of charts
  std::string remote_cache_folder;                     // files that kustomizations name
  Duration poll_interval = std::chrono::seconds(60);   // of every repository
  Duration resync_interval = std::chrono::minutes(3);  // of live state, for drift
  Duration audit_interval = std::chrono::hours(1);     // the same, without believing watches
  Duration retry_interval = std::chrono::seconds(30);  // after a failed render or plan
  Duration health_interval = std::chrono::seconds(2);  // while a rollout waits for health
  std::size_t git_threads = 4;
  std::size_t workers = 0;                         // 0: one a core
  std::vector<std::string> allowed_exec_commands;  // credential plugins, absolute paths
  heal::Policy healing;                            // when drift is repaired
  kube::ClientOptions client;                      // budgets towards each cluster
  git::Limits git;
  charts::Limits charts;
  remotes::FileLimits remotes;
  RenderLimits render;
  // Where the token and CA files of gates lie (gates::Context::files_folder).
  std::string gate_files;
  health::Checks health_checks;  // for kinds that an application has no check of its own for
  // Called once, on the control thread, when another server has taken over the ledger: nothing is
  // written any more, and the process should end. Must not call the engine.
  std::function<void(const Error&)> on_fenced = {};
};

// Sets a budget of renders by its flag. kInvalidArgument shows the flag and the text.
Status SetRenderLimit(Options& options, std::string_view flag, std::string_view text);

// Reads the file of --health-checks (reconciler/domain/health_check_file.h) and compiles its
// scripts. kNotFound, kInvalidArgument with the place.
Status LoadHealthChecks(Options& options, const std::string& file);

}  // namespace swell::control
