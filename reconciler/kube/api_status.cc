#include "reconciler/kube/api_status.h"

#include <algorithm>
#include <charconv>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/kube/text.h"

namespace swell::kube {
namespace {

constexpr std::size_t kMaxMessage = 2000;

// 500s that mean the object is at fault and stay (facts/engine, C "Server-side apply"); the last is
// etcd's "etcdserver: request is too large".
bool IsTypedPatchError(std::string_view message) {
  for (const std::string_view text :
       {"failed to create typed patch object", "field not declared in schema",
        "duplicate entries for key", "illegal base64 data", "failed to create manager for existing",
        "request is too large"}) {
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
bool MayQuoteValues(int status, std::string_view message) {
  // Of a 403 only what a webhook or policy makes up; the server's own names nothing but the object.
  if (status == 403) return message.contains("denied");
  return status == 400 || status == 413 || status == 422 || status >= 500;
}

std::string StatusLine(int status) {
  std::string out = "HTTP " + std::to_string(status);
  if (const auto text = net::StatusText(status); !text.empty()) out += " " + std::string(text);
  return out;
}

// Validation quotes the value that it complains about: "Invalid value: core.PodTemplateSpec{…}:
// field is immutable" of a Job is its whole template, with what its environment holds. Structures,
// and values that are longer than this, are left out, so that the reason behind them is seen.
constexpr std::size_t kMaxQuoted = 200;

std::string WithoutLongValue(std::string_view text) {
  constexpr std::string_view kMark = "value: ";
  const std::size_t mark = text.find(kMark);
  const std::size_t reason = text.rfind(": ");
  if (mark == std::string_view::npos || reason == std::string_view::npos) return std::string(text);
  const std::size_t begin = mark + kMark.size();
  if (reason <= begin) return std::string(text);
  const std::string_view value = text.substr(begin, reason - begin);
  if (value.size() <= kMaxQuoted && !value.contains('{')) return std::string(text);
  std::string_view why = text.substr(reason);
  if (why.contains('}')) why = "";  // no reason, but the end of the value
  return std::string(text.substr(0, begin)) + "(" + std::to_string(value.size()) + " bytes)" +
         std::string(why);
}

// The server's message; put together anew from its causes where one of them was shortened.
std::string MessageOf(const Value& status, std::string_view full) {
  std::vector<std::string> texts;
  bool shortened = false;
  for (const Value& cause : status["details"]["causes"].items()) {
    const std::string_view message = cause["message"].as_string();
    const std::string text = WithoutLongValue(message);
    shortened = shortened || text.size() != message.size();
    texts.push_back(cause["field"].str() + ": " + text);
  }
  if (!shortened) return std::string(full);
  const std::size_t begin = full.find(" is invalid: ");
  const std::string_view about =
      begin == std::string_view::npos ? "the object" : full.substr(0, begin);
  return std::string(about) + " is invalid: " + Join(texts, ", ");
}

// What may be told of a message that may quote a Secret's values: words of the server's own that
// say what kind of failure it is, and the webhook's name.
std::string SafeWords(std::string_view message) {
  for (const std::string_view words : {"failed calling webhook", "admission webhook"}) {
    const std::size_t at = message.find(words);
    if (at == std::string_view::npos) continue;
    std::string out(words);
    const std::size_t open = at + words.size() + 1;  // past the space
    if (open < message.size() && message[open] == '"') {
      const std::size_t close = message.find('"', open + 1);
      if (close != std::string_view::npos)
        out += " " + std::string(message.substr(open, close + 1 - open));
    }
    return out + (message.contains("denied the request") ? " denied the request" : "");
  }
  for (const std::string_view words :
       {"field is immutable", "may not change once set", "field not declared in schema",
        "duplicate entries for key", "illegal base64 data", "request is too large",
        "Too long: may not be more than", "Too long: must have at most",
        "failed to create typed patch object", "denied the request"}) {
    if (message.contains(words)) return std::string(words);
  }
  return "";
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
  const bool withhold = content == Content::kSecret && MayQuoteValues(error.http_status, full);
  const Value& details = status["details"];
  for (const Value& cause : details["causes"].items()) {
    if (error.causes.size() == 100) break;
    error.causes.push_back(
        {Printable(cause["reason"].as_string(), 100), Printable(cause["field"].as_string(), 500),
         withhold ? SafeWords(cause["message"].as_string())
                  : Printable(WithoutLongValue(cause["message"].as_string()), kMaxMessage)});
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
    error.server_message = SafeWords(full);
    if (!error.server_message.empty()) message += " (" + error.server_message + ")";
    if (const std::string causes = CauseText(error); !causes.empty()) message += "; " + causes;
  } else {
    error.server_message = Printable(MessageOf(status, full), kMaxMessage);
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
  const bool withhold = content == Content::kSecret && MayQuoteValues(answer.status, answer.body);
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
