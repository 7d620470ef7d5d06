// Request bodies and options.

#include <charconv>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "server/sandbox/api.h"
#include "server/sandbox/errors.h"

namespace swell::sandbox {
namespace {

constexpr std::size_t kMaxBody = 3 * 1024 * 1024;  // the real server's limit

std::string_view MediaType(std::string_view content_type) {
  return Trim(content_type.substr(0, content_type.find(';')));
}

std::optional<int> Number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

ApiError BadDryRun(std::string_view value) {
  return errors::BadRequest("invalid dryRun value " + Quote(value) + ": supported values: \"All\"");
}

}  // namespace

ApiResult<Value> ParseBody(const Request& request) {
  if (request.body.size() > kMaxBody) {
    return std::unexpected(
        ApiError{.code = 413,
                 .reason = "RequestEntityTooLarge",
                 .message = "Request entity too large: limit is " + std::to_string(kMaxBody)});
  }
  const std::string_view type = MediaType(request.Header("content-type"));
  const bool known = type.empty() || type.ends_with("json") || type.ends_with("yaml");
  if (!known) {
    return std::unexpected(errors::UnsupportedMedia(type, "application/json, application/yaml"));
  }
  const std::string_view text = Trim(request.body);
  const bool json = text.starts_with('{') || text.starts_with('[');
  const bool may_be_yaml = !json || type.ends_with("yaml");
  // kubectl sends JSON as YAML, which it is: the quicker reader first.
  auto value = json ? json::Parse(text, {.file = "", .max_depth = 200}) : Result<Value>(Value());
  if (may_be_yaml && (!json || !value)) value = yaml::Parse(text, {.max_depth = 200});
  if (!value) {
    return std::unexpected(
        errors::BadRequest("error decoding the body: " + value.error().ToString()));
  }
  return std::move(*value);
}

ApiResult<WriteOptions> Api::OptionsOf(const Route& route, const Request& request) {
  WriteOptions options;
  options.manager = request.Query("fieldManager");
  if (options.manager.size() > 128) {
    return std::unexpected(errors::BadRequest("fieldManager: may not be longer than 128 bytes"));
  }
  options.force = request.QueryFlag("force");
  options.subresource = route.subresource;
  if (request.HasQuery("dryRun")) {
    if (request.Query("dryRun") != "All") {
      return std::unexpected(BadDryRun(request.Query("dryRun")));
    }
    options.dry_run = true;
  }
  ++(options.dry_run ? stats_.dry_runs : stats_.writes);
  const bool apply = MediaType(request.Header("content-type")) == "application/apply-patch+yaml";
  if (options.manager.empty() && !apply) {
    const std::string_view agent = request.Header("user-agent");
    options.manager = agent.substr(0, agent.find('/'));
    if (options.manager.empty()) options.manager = "unknown";
  }
  return options;
}

ApiResult<DeleteOptions> Api::DeleteOptionsOf(const Route& route, const Request& request) {
  const Value body = Trim(request.body).empty() ? Value() : API_TRY(ParseBody(request));
  DeleteOptions options;
  std::string policy = body["propagationPolicy"].str();
  if (policy.empty()) policy = request.Query("propagationPolicy");
  const bool job = route.resource->group == "batch" && route.resource->kind == "Job";
  if (policy.empty() && body.Has("orphanDependents")) {
    policy = body["orphanDependents"].as_bool() ? "Orphan" : "Background";
  }
  if (policy.empty()) policy = job ? "Orphan" : "Background";
  if (policy == "Foreground") {
    options.propagation = Propagation::kForeground;
  } else if (policy == "Orphan") {
    options.propagation = Propagation::kOrphan;
  } else if (policy != "Background") {
    return std::unexpected(errors::BadRequest("invalid propagationPolicy " + Quote(policy)));
  }
  options.uid = body["preconditions"]["uid"].str();
  options.resource_version = body["preconditions"]["resourceVersion"].str();
  if (body["gracePeriodSeconds"].is_int()) {
    options.grace_seconds = static_cast<int>(body["gracePeriodSeconds"].as_int());
  } else {
    options.grace_seconds = Number(request.Query("gracePeriodSeconds"));
  }
  std::string_view dry_run = body["dryRun"][0].as_string();
  if (dry_run.empty()) dry_run = request.Query("dryRun");
  if (!dry_run.empty() && dry_run != "All") return std::unexpected(BadDryRun(dry_run));
  options.dry_run = !dry_run.empty();
  ++(options.dry_run ? stats_.dry_runs : stats_.writes);
  return options;
}

}  // namespace swell::sandbox
