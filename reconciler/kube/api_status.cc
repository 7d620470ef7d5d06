#include "reconciler/kube/api_status.h"

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/kube/text.h"

namespace swell::kube {
namespace {

constexpr std::size_t kMaxMessage = 2000;

// 500s that mean the object is at fault and stay (facts/engine, C "Server-side apply").
bool IsTypedPatchError(std::string_view message) {
  for (const std::string_view text :
       {"failed to create typed patch object", "field not declared in schema",
        "duplicate entries for key", "illegal base64 data",
        "failed to create manager for existing"}) {
    if (message.contains(text)) return true;
  }
  return false;
}

bool HasCause(const ApiError& error, std::string_view reason) {
  return std::ranges::any_of(error.causes,
                             [&](const StatusCause& cause) { return cause.reason == reason; });
}

ErrorCode CodeOf(const ApiError& error, std::string_view full_message) {
  const int status = error.http_status;
  switch (status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 408:
      return ErrorCode::kUnavailable;
    case 409:
      if (error.reason == "AlreadyExists") return ErrorCode::kAlreadyExists;
      if (HasCause(error, "FieldManagerConflict")) return ErrorCode::kFailedPrecondition;
      return ErrorCode::kAborted;
    case 410:
      return ErrorCode::kOutOfRange;
    case 429:
      return ErrorCode::kResourceExhausted;
    default:
      break;
  }
  if (status >= 500) {
    const bool permanent = status == 500 && IsTypedPatchError(full_message);
    return permanent ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable;
  }
  if (status >= 400) return ErrorCode::kInvalidArgument;
  return ErrorCode::kFailedPrecondition;  // redirects and what else nobody asked for
}

// Whether the server's text of this status may repeat values that were sent.
bool MayQuoteValues(int status) {
  return status == 400 || status == 413 || status == 422 || status >= 500;
}

std::string StatusLine(int status) {
  std::string out = "HTTP " + std::to_string(status);
  if (const auto text = net::StatusText(status); !text.empty()) out += " " + std::string(text);
  return out;
}

std::string CauseText(const ApiError& error) {
  std::string out;
  for (const StatusCause& cause : error.causes) {
    out += (out.empty() ? "" : ", ") + cause.field + " " + cause.reason;
  }
  return out;
}

}  // namespace

ApiError ErrorOfStatus(const Value& status, Content content) {
  ApiError error{.error = Internal("")};
  error.from_status = true;
  const std::int64_t code = status["code"].as_int();
  error.http_status = code >= 300 && code < 600 ? static_cast<int>(code) : 500;
  error.reason = Printable(status["reason"].as_string(), 100);
  const std::string full = status["message"].str();
  const bool withhold = content == Content::kSecret && MayQuoteValues(error.http_status);
  const Value& details = status["details"];
  for (const Value& cause : details["causes"].items()) {
    if (error.causes.size() == 100) break;
    error.causes.push_back({Printable(cause["reason"].as_string(), 100),
                            Printable(cause["field"].as_string(), 500),
                            withhold ? "" : Printable(cause["message"].as_string(), kMaxMessage)});
  }
  if (const auto seconds = details["retryAfterSeconds"].as_int(); seconds > 0) {
    error.retry_after = std::chrono::seconds(std::min<std::int64_t>(seconds, 3600));
  }
  std::string message = StatusLine(error.http_status);
  if (!error.reason.empty() && error.reason != net::StatusText(error.http_status)) {
    message += " (" + error.reason + ")";
  }
  if (withhold) {
    // No word of it: validation messages quote the values that they complain about.
    message += ": the server's message is withheld because it may quote the Secret's values";
    if (const std::string causes = CauseText(error); !causes.empty()) message += "; " + causes;
  } else {
    error.server_message = Printable(full, kMaxMessage);
    message += ": " + error.server_message;
  }
  error.error = Error(CodeOf(error, full), std::move(message));
  return error;
}

ApiError ErrorOfAnswer(const net::ClientResponse& answer, Content content) {
  if (answer.body.size() <= 1024 * 1024) {
    const auto parsed = json::Parse(answer.body, {.max_depth = 64, .max_nodes = 100'000});
    if (parsed && (*parsed)["kind"].as_string() == "Status") {
      ApiError error = ErrorOfStatus(parsed->With("code", Value(answer.status)), content);
      if (const auto after = RetryAfter(answer.headers)) error.retry_after = after;
      return error;
    }
  }
  ApiError error{.error = Internal("")};
  error.http_status = answer.status;
  error.retry_after = RetryAfter(answer.headers);
  std::string message = StatusLine(answer.status);
  if (answer.status >= 300 && answer.status < 400) message += " (redirects are not followed)";
  const std::string type = Printable(answer.headers.Get("content-type"), 60);
  message += ": the answer is no Kubernetes Status";
  if (!type.empty()) message += " but " + type;
  const bool withhold = content == Content::kSecret && MayQuoteValues(answer.status);
  if (!withhold) {
    error.server_message = Printable(answer.body, 200);
    if (!error.server_message.empty()) message += ": " + error.server_message;
  }
  error.error = Error(CodeOf(error, answer.body.substr(0, 8192)), std::move(message));
  return error;
}

std::optional<Duration> RetryAfter(const net::Headers& headers) {
  const std::string_view text = headers.Get("retry-after");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 3600));
}

std::vector<std::string> WarningsOf(const net::Headers& headers) {
  std::vector<std::string> out;
  for (const net::Header& field : headers) {
    if (field.name != "warning" || out.size() == 100) continue;
    // 299 - "text with \" and \\"
    const auto open = field.value.find('"');
    if (open == std::string::npos) continue;
    std::string text;
    for (std::size_t i = open + 1; i < field.value.size() && field.value[i] != '"'; ++i) {
      if (field.value[i] == '\\' && i + 1 < field.value.size()) ++i;
      text += field.value[i];
    }
    out.push_back(Printable(text, 1000));
  }
  return out;
}

bool ApiError::IsNotServed() const { return http_status == 404 && !from_status; }

bool ApiError::IsNamespaceMissing() const {
  return http_status == 404 && from_status && server_message.starts_with("namespaces \"") &&
         server_message.ends_with("\" not found");
}

bool ApiError::IsNamespaceTerminating() const {
  return http_status == 403 && (HasCause(*this, "NamespaceTerminating") ||
                                server_message.contains("because it is being terminated"));
}

bool ApiError::IsFieldConflict() const {
  return http_status == 409 && HasCause(*this, "FieldManagerConflict");
}

bool ApiError::IsImmutableField() const {
  if (http_status != 422 && http_status != 409) return false;
  const auto says = [](std::string_view text) {
    return text.contains("immutable") || text.contains("may not change once set") ||
           text.contains("updates to statefulset spec for fields other than");
  };
  return says(server_message) ||
         std::ranges::any_of(causes, [&](const StatusCause& cause) { return says(cause.message); });
}

}  // namespace swell::kube
