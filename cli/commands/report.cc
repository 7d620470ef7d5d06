// swell report, report evidence: how applications were delivered, in numbers and with the proof.

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/core/strings.h"
#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/commands/report_view.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr int kMostDays = 36'500;

void SetTime(Timestamp at, google::protobuf::Timestamp& to) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  to.set_seconds(second.time_since_epoch().count());
  to.set_nanos(static_cast<int>((at - second).count()) * 1'000'000);
}

Result<v1::GetReportRequest> RequestOf(const Session& session, const ReportOptions& options) {
  v1::GetReportRequest request;
  for (const std::string& name : options.applications) request.add_applications(name);
  const Timestamp now = session.clock.Now();
  SetTime(TRY_WRAP(ParseMoment(options.since, now), "--since"), *request.mutable_since());
  if (!options.until.empty()) {
    SetTime(TRY_WRAP(ParseMoment(options.until, now), "--until"), *request.mutable_until());
  }
  return request;
}

// The server names the files; none may lie anywhere else.
Status CheckPath(const std::string& path) {
  bool good = !path.empty() && path[0] != '/';
  for (const std::string_view part : Split(path, '/')) {
    good = good && !part.empty() && part != "." && part != "..";
  }
  if (good) return {};
  return Fail(Internal("the server names a file " + Quote(path) + " in the evidence"));
}

Status WriteFile(const std::filesystem::path& folder, const v1::EvidenceFile& file) {
  TRY(CheckPath(file.path()));
  const std::filesystem::path path = folder / file.path();
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) {
    return Fail(
        Unavailable("cannot make " + path.parent_path().string() + ": " + failed.message()));
  }
  std::FILE* out = std::fopen(path.c_str(), "wb");
  const bool written = out && std::fwrite(file.content().data(), 1, file.content().size(), out) ==
                                  file.content().size();
  const bool closed = out && std::fclose(out) == 0;
  if (written && closed) return {};
  return Fail(Unavailable("cannot write " + path.string() + ": " + std::strerror(errno)));
}

// A folder of its own: a pack is never mixed with an older one.
Result<std::filesystem::path> NewFolder(const std::string& name) {
  const std::filesystem::path folder(name);
  std::error_code failed;
  if (std::filesystem::exists(folder, failed) && (!std::filesystem::is_directory(folder, failed) ||
                                                  !std::filesystem::is_empty(folder, failed))) {
    return Fail(FailedPrecondition(name + " is there already: name a folder that is not, or that "
                                          "is empty"));
  }
  std::filesystem::create_directories(folder, failed);
  if (failed) return Fail(Unavailable("cannot make " + name + ": " + failed.message()));
  return folder;
}

}  // namespace

Result<Timestamp> ParseMoment(std::string_view text, Timestamp now) {
  const char unit = text.empty() ? '\0' : text.back();
  if (unit == 'd' || unit == 'w') {
    const std::string_view digits = text.substr(0, text.size() - 1);
    int days = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), days);
    if (error == std::errc() && end == digits.end() && days > 0 && days <= kMostDays) {
      return now - std::chrono::days(days * (unit == 'w' ? 7 : 1));
    }
  } else if (const auto length = ParseDuration(text)) {
    return now - *length;
  } else if (const auto moment = ParseTimestamp(text)) {
    return *moment;
  } else if (const auto day = ParseTimestamp(std::string(text) + "T00:00:00Z")) {
    return *day;
  }
  return Fail(InvalidArgument(Quote(text) +
                              ": give how long ago (90m, 12h, 30d, 4w), a day (2026-03-01) or a "
                              "time (2026-03-01T12:00:00Z)"));
}

Result<int> Report(const Session& session, const ReportOptions& options) {
  const v1::Report report = TRY(session.client.GetReport(TRY(RequestOf(session, options))));
  switch (options.format) {
    case ReportFormat::kTable:
      session.write(ReportTable(report, session.terminal));
      break;
    case ReportFormat::kCsv:
      session.write(ReportCsv(report));
      break;
    case ReportFormat::kHtml:
      session.write(ReportHtml(report));
      break;
    case ReportFormat::kJson:
      session.write(PrintValue(TRY(MessageToValue(report)), Format::kJson));
      break;
    case ReportFormat::kYaml:
      session.write(PrintValue(TRY(MessageToValue(report)), Format::kYaml));
      break;
  }
  return kOk;
}

Result<int> ReportEvidence(const Session& session, const ReportOptions& options) {
  const v1::GetReportRequest request = TRY(RequestOf(session, options));
  const v1::Evidence evidence = TRY(session.client.GetEvidence(request));
  const std::filesystem::path folder = TRY(NewFolder(options.folder));
  for (const v1::EvidenceRollout& rollout : evidence.rollouts()) {
    v1::GetRolloutEvidenceRequest one;
    one.set_application(rollout.application());
    one.set_number(rollout.number());
    TRY(WriteFile(folder, TRY(session.client.GetRolloutEvidence(one))));
  }
  // Last: a folder with an index is whole.
  for (const v1::EvidenceFile& file : evidence.files()) TRY(WriteFile(folder, file));
  session.write("evidence of " +
                Count(static_cast<std::size_t>(evidence.rollouts_size()), "rollout") + " is in " +
                (folder / "index.html").string() + "\n");
  return kOk;
}

}  // namespace swell::cli
