#pragma once
// The commands that talk to the server, one function each; app.cc reads their arguments.
// Each returns its exit code (session.h), or the error to print.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "cli/commands/session.h"

namespace swell::cli {

enum class DryRun { kNo, kYes };
enum class Recurse { kNo, kYes };
struct ApplyOptions {
  std::vector<std::string> files;  // files, folders, or "-" for standard input
  DryRun dry_run = DryRun::kNo;
  Recurse recurse = Recurse::kNo;  // into folders of folders
};
Result<int> Apply(const Session& session, const ApplyOptions& options);

struct ResourceName {
  std::string kind;  // as the server has it: "Application"
  std::string name;  // "" is all, where that makes sense
};
Result<int> Get(const Session& session, const ResourceName& resource);

enum class Answer { kAsk, kYes };
struct DeleteOptions {
  ResourceName resource;
  std::string policy;  // "orphan", "cascade", or "" as the application says
  std::string reason;
  bool confirm = false;  // also what asks to be confirmed
  DryRun dry_run = DryRun::kNo;
  Answer answer = Answer::kAsk;  // of a cascade
  bool wait = false;             // until a cascade has ended
  Duration timeout = std::chrono::minutes(15);
};
Result<int> Delete(const Session& session, const DeleteOptions& options);

// application "": the table of all.
Result<int> ShowStatus(const Session& session, const std::string& application);

enum class ChangesExit { kOk, kFoundChanges };
// kCauses: a table of every field that differs, also of those that need no change.
enum class DiffView { kUnified, kSideBySide, kCauses };
struct DiffOptions {
  std::string application;
  std::string revision;
  ChangesExit with_changes = ChangesExit::kOk;
  DiffView view = DiffView::kUnified;
};
Result<int> Diff(const Session& session, const DiffOptions& options);

enum class Waiting { kNo, kYes };
struct StartOptions {
  std::string application;
  std::string revision;               // of a sync
  std::int64_t to = 0;                // of a rollback
  std::vector<std::string> clusters;  // of a rollback: these alone
  std::string plan;                   // exactly this one: its digest, or the start of it
  DryRun dry_run = DryRun::kNo;       // of a rollback: show its plan
  std::string reason;
  bool confirm_prune = false;  // also what says Prune=confirm, and more than the budget
  Waiting waiting = Waiting::kNo;
  Duration timeout = std::chrono::minutes(15);
};
Result<int> Sync(const Session& session, const StartOptions& options);
Result<int> Rollback(const Session& session, const StartOptions& options);
Result<int> Cancel(const Session& session, const std::string& application,
                   const std::string& reason);

struct SteerOptions {
  std::string application;
  std::string action;  // "pause", "resume", "promote"
  std::string reason;
};
Result<int> Steer(const Session& session, const SteerOptions& options);
struct PlanOptions {
  std::string application;
  std::string revision;
  bool confirm_prune = false;
  std::string reason;
  ChangesExit with_changes = ChangesExit::kOk;
};
Result<int> MakePlan(const Session& session, const PlanOptions& options);
Result<int> ListPlans(const Session& session, const std::string& application);
// Plans by their digests, or the start of them.
Result<int> ShowPlan(const Session& session, const std::string& digest);
Result<int> ComparePlans(const Session& session, const std::string& first,
                         const std::string& second);
// What a rollback would do; the plan is recorded.
Result<int> PlanRollback(const Session& session, const StartOptions& options);

struct ApproveOptions {
  std::string subject;  // an application, whose running rollout is meant, or a plan's digest
  std::string plan;     // of the application `subject`
  std::string comment;
};
Result<int> Approve(const Session& session, const ApproveOptions& options);

enum class ReportFormat { kTable, kJson, kYaml, kCsv, kHtml };
struct ReportOptions {
  std::vector<std::string> applications;  // none: all
  std::string since = "30d";              // as ParseMoment reads it
  std::string until;                      // likewise; "" is now
  ReportFormat format = ReportFormat::kTable;
  std::string folder;  // of evidence
};
Result<int> Report(const Session& session, const ReportOptions& options);
// Writes the evidence pack into a folder that is not there yet, or empty.
Result<int> ReportEvidence(const Session& session, const ReportOptions& options);
// "30d" (so long ago), "2026-03-01" (that day's begin, UTC), "2026-03-01T12:00:00Z".
Result<Timestamp> ParseMoment(std::string_view text, Timestamp now);

enum class WaitFor { kSynced, kHealthy, kFinished };
struct WaitOptions {
  std::string application;
  WaitFor what = WaitFor::kSynced;
  std::string revision;  // commit that it must be about; "" is any
  Duration timeout = std::chrono::minutes(15);
};
Result<int> Wait(const Session& session, const WaitOptions& options);

struct WatchOptions {
  std::string application;
  Waiting until_finished = Waiting::kNo;
  std::optional<Duration> timeout;
};
Result<int> Watch(const Session& session, const WatchOptions& options);

Result<int> History(const Session& session, const std::string& application, int limit);
// number 0: the running rollout, else the last.
Result<int> ShowRollout(const Session& session, const std::string& application,
                        std::int64_t number);
Result<int> ShowManifest(const Session& session, const std::string& application,
                         const std::string& cluster, std::int64_t number);
struct EventOptions {
  std::string application;  // "" is all
  std::int64_t after = 0;
  int limit = 50;  // the newest of them
};
Result<int> ShowEvents(const Session& session, const EventOptions& options);

struct VerifyOptions {
  std::int64_t from = 0;  // event; 0 is the beginning
  std::string expect;     // head that was noted earlier, or ""
};
Result<int> VerifyHistory(const Session& session, const VerifyOptions& options);

struct TreeOptions {
  std::string application;
  std::string cluster;  // "" is all that hold it
  int depth = 0;        // levels; 0 is all
  bool unhealthy = false;
};
Result<int> ShowTree(const Session& session, const TreeOptions& options);

// The clusters' own events.
struct LiveEventOptions {
  std::string application;
  std::string cluster;  // "" is all that hold it
  std::string object;   // KIND/NAME; "" is all
  bool warnings = false;
  int limit = 50;  // the newest of them
};
Result<int> ShowLiveEvents(const Session& session, const LiveEventOptions& options);

enum class Prefix { kAuto, kAlways, kNever };
struct LogsOptions {
  std::string application;
  std::string cluster;  // "" is all that hold it
  std::string object;   // KIND/NAME: its pods
  std::string pod;
  std::string container;
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  // Lines of the past, of each container; negative: all. Without it 100, or all with `since`.
  std::optional<std::int64_t> tail;
  Duration since{0};
  Prefix prefix = Prefix::kAuto;
};
Result<int> ShowLogs(const Session& session, const LogsOptions& options);

// application "": of all.
Result<int> ListQuarantine(const Session& session, const std::string& application);
// commit "": the only one that is quarantined.
Result<int> ReleaseQuarantine(const Session& session, const std::string& application,
                              const std::string& commit);

// Of freezes and overrides.
struct FreezeOptions {
  std::string application;  // "" with fleet
  bool fleet = false;
  std::string reason;
  std::optional<Duration> length;
};
Result<int> Freeze(const Session& session, const FreezeOptions& options);
Result<int> Unfreeze(const Session& session, const FreezeOptions& options);
Result<int> Override(const Session& session, const FreezeOptions& options);
Result<int> EndOverride(const Session& session, const FreezeOptions& options);
Result<int> ListFreezes(const Session& session);

struct ClusterOptions {
  std::string name;
  std::string kubeconfig;
  std::string context;
  std::map<std::string, std::string> labels;
};
Result<int> AddCluster(const Session& session, const ClusterOptions& options);

Result<int> ShowVersion(const Session& session);

}  // namespace swell::cli
