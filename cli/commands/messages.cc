#include "cli/commands/messages.h"

#include <google/protobuf/util/json_util.h>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "cli/output/text.h"

namespace swell::cli {

Result<Value> MessageToValue(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) {
    return Fail(Internal("cannot print the server's answer: " + status.ToString()));
  }
  return json::Parse(text);
}

Status PrintMessage(const Session& session, const google::protobuf::Message& message) {
  session.write(PrintValue(TRY(MessageToValue(message)), session.format));
  return {};
}

Timestamp TimeOf(const google::protobuf::Timestamp& time) {
  return Timestamp{Duration{time.seconds() * 1000 + time.nanos() / 1'000'000}};
}

Duration LengthOf(const google::protobuf::Duration& length) {
  return Duration{length.seconds() * 1000 + length.nanos() / 1'000'000};
}

std::string ShortCommit(std::string_view commit) { return std::string(commit.substr(0, 7)); }

std::string RevisionText(const v1::Revision& revision) {
  if (revision.commit().empty()) return "-";
  const std::string commit = ShortCommit(revision.commit());
  // A ref that is the commit itself says nothing more.
  if (revision.ref().empty() || revision.commit().starts_with(revision.ref())) return commit;
  return revision.ref() + " " + commit;
}

std::string HealthText(const v1::Health& health) {
  if (health.message().empty()) return health.status();
  return health.status() + ": " + health.message();
}

std::string NameList(const google::protobuf::RepeatedPtrField<std::string>& names, int most) {
  std::string out;
  // One more is not worth a "1 more".
  const int shown = names.size() <= most + 1 ? names.size() : most;
  for (int i = 0; i < shown; ++i) out += (i > 0 ? ", " : "") + names[i];
  if (shown < names.size()) out += " … " + std::to_string(names.size() - shown) + " more";
  return out;
}

bool Succeeded(const v1::Rollout& rollout) { return rollout.phase() == "Succeeded"; }

Result<std::string> ParseKind(std::string_view text) {
  const std::string word = ToLower(text);
  if (word == "application" || word == "applications" || word == "app" || word == "apps") {
    return "Application";
  }
  if (word == "cluster" || word == "clusters") return "Cluster";
  if (word == "repository" || word == "repositories" || word == "repo" || word == "repos") {
    return "Repository";
  }
  if (word == "changewindow" || word == "changewindows" || word == "window" || word == "windows") {
    return "ChangeWindow";
  }
  if (word == "team" || word == "teams") return "Team";
  return Fail(
      InvalidArgument("kind " + Quote(text) +
                      ": give application (app), cluster, repository (repo), window or team"));
}

}  // namespace swell::cli
