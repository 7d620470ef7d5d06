#include "server/sandbox/faults.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>

#include "base/core/strings.h"
#include "server/sandbox/errors.h"

namespace swell::sandbox {

struct Faults::Rule {
  std::string method;
  std::string path;
  std::unique_ptr<RE2> pattern;  // null: every path
  std::unique_ptr<RE2> query;    // null: every query
  int status = 0;                // 0: the true answer
  int retry_after = 0;
  std::string body;
  std::optional<ApiError> error;  // a Status in the test's own words
  std::string text;               // "": none
  Value answer;                   // null: none
  Duration delay{};
  std::int64_t times = 0;  // left; 0: for ever
  std::int64_t hits = 0;
  bool spent = false;
};

namespace {

constexpr std::size_t kMaxRules = 1000;

bool IsOneOf(std::string_view text, const std::vector<std::string_view>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

Result<std::unique_ptr<RE2>> ParsePattern(const Value& match, std::string_view field) {
  const std::string text = match[field].str();
  if (text.empty()) return nullptr;
  auto pattern = std::make_unique<RE2>(text, RE2::Quiet);
  if (pattern->ok()) return pattern;
  return Fail(InvalidArgument("fault rule: match." + std::string(field) + " " + Quote(text) + ": " +
                              pattern->error()));
}

std::optional<ApiError> ParseStatus(const Value& value, int status) {
  if (!value.Has("reason") && !value.Has("message") && !value.Has("causes")) return std::nullopt;
  ApiError error{
      .code = status, .reason = value["reason"].str(), .message = value["message"].str()};
  for (const Value& cause : value["causes"].items()) {
    error.causes.push_back({cause["reason"].str(), cause["message"].str(), cause["field"].str()});
  }
  return error;
}

Result<std::unique_ptr<Faults::Rule>> ParseRule(const Value& value) {
  for (const Member& member : value.members()) {
    if (!IsOneOf(member.name(), {"match", "status", "retryAfter", "body", "delayMs", "times",
                                 "reason", "message", "causes", "text", "answer"})) {
      return Fail(InvalidArgument("fault rule: unknown field " + Quote(member.name())));
    }
  }
  auto rule = std::make_unique<Faults::Rule>();
  rule->method = value["match"]["method"].str();
  rule->path = value["match"]["path"].str();
  rule->pattern = TRY(ParsePattern(value["match"], "path"));
  rule->query = TRY(ParsePattern(value["match"], "query"));
  rule->status = static_cast<int>(value["status"].as_int());
  if (rule->status != 0 && (rule->status < 200 || rule->status > 599)) {
    return Fail(InvalidArgument("fault rule: status must be from 200 to 599"));
  }
  rule->retry_after = static_cast<int>(value["retryAfter"].as_int());
  rule->body = value["body"].str();
  if (!rule->body.empty() &&
      !IsOneOf(rule->body, {"html", "half", "garbage", "cut", "lost", "slow"})) {
    return Fail(InvalidArgument("fault rule: body " + Quote(rule->body) +
                                " is none of html, half, garbage, cut, lost, slow"));
  }
  rule->error = ParseStatus(value, rule->status);
  rule->text = value["text"].str();
  if ((rule->error || !rule->text.empty()) && rule->status == 0) {
    return Fail(InvalidArgument("fault rule: a message or text needs a status"));
  }
  rule->answer = value["answer"];
  rule->delay = Duration(value["delayMs"].as_int());
  rule->times = value["times"].as_int();
  return rule;
}

// As the real server words what tests inject most.
ApiError ErrorOf(int status) {
  switch (status) {
    case 401:
      return {.code = 401, .reason = "Unauthorized", .message = "Unauthorized"};
    case 403:
      return {.code = 403, .reason = "Forbidden", .message = "injected fault: forbidden"};
    case 404:
      return {.code = 404, .reason = "NotFound", .message = "injected fault: not found"};
    case 409:
      return {.code = 409,
              .reason = "Conflict",
              .message =
                  "injected fault: the object has been "
                  "modified"};
    case 500:
      return {.code = 500,
              .reason = "InternalError",
              .message =
                  "Internal error occurred: "
                  "injected fault"};
    case 503:
      return {.code = 503,
              .reason = "ServiceUnavailable",
              .message = "the server is currently unable to handle the request"};
    case 504:
      return {.code = 504, .reason = "Timeout", .message = "injected fault: request timed out"};
    default:
      return {.code = status, .message = "injected fault"};
  }
}

std::string QueryText(const Request& request) {
  std::string text;
  for (const auto& [name, value] : request.query) {
    text += (text.empty() ? "" : "&") + name + "=" + value;
  }
  return text;
}

}  // namespace

Faults::Faults() = default;
Faults::~Faults() = default;

Status Faults::Add(const Value& document) {
  if (!document.is_object()) return Fail(InvalidArgument("faults: expected a JSON object"));
  std::vector<std::unique_ptr<Rule>> added;
  for (const Value& value : document["rules"].items()) added.push_back(TRY(ParseRule(value)));
  if (document.Has("match") || document.Has("status")) added.push_back(TRY(ParseRule(document)));
  if (rules_.size() + added.size() > kMaxRules) {
    return Fail(ResourceExhausted("faults: more than 1000 rules"));
  }
  for (auto& rule : added) rules_.push_back(std::move(rule));
  if (document.Has("down")) down_ = document["down"].as_bool();
  if (document.Has("hang")) hang_ = document["hang"].as_bool();
  return {};
}

void Faults::Clear() {
  rules_.clear();
  down_ = hang_ = false;
}

Value Faults::Describe() const {
  std::vector<Value> rules;
  for (const auto& rule : rules_) {
    rules.push_back(Value::Object({{"method", Value(rule->method)},
                                   {"path", Value(rule->path)},
                                   {"status", Value(rule->status)},
                                   {"times", Value(rule->times)},
                                   {"hits", Value(rule->hits)},
                                   {"spent", Value(rule->spent)}}));
  }
  return Value::Object(
      {{"rules", Value::Array(std::move(rules))}, {"down", Value(down_)}, {"hang", Value(hang_)}});
}

const Faults::Rule* Faults::Take(const Request& request) {
  for (const auto& rule : rules_) {
    if (rule->spent) continue;
    if (!rule->method.empty() && rule->method != request.method) continue;
    if (rule->pattern != nullptr && !RE2::PartialMatch(request.path, *rule->pattern)) continue;
    if (rule->query != nullptr && !RE2::PartialMatch(QueryText(request), *rule->query)) continue;
    ++rule->hits;
    if (rule->times > 0 && --rule->times == 0) rule->spent = true;
    return rule.get();
  }
  return nullptr;
}

bool Faults::LetsThrough(const Rule& rule) {
  return rule.status == 0 && rule.answer.is_null() && rule.body != "html" &&
         rule.body != "garbage" && rule.body != "cut";
}

namespace {

// What is answered instead of the truth, still whole.
Response Instead(const Faults::Rule& rule) {
  const int status = rule.status == 0 ? 200 : rule.status;
  if (rule.body == "html") {
    Response response = Response::Text(status, "<html><body><h1>" + std::to_string(status) +
                                                   " from a proxy on the way</h1></body></html>\n");
    response.headers.front().second = "text/html";
    return response;
  }
  if (rule.body == "garbage") {
    Response response = Response::Text(status, std::string("{\"kind\": \"\x01\xff garbage ]]", 22));
    response.headers.front().second = "application/json";
    return response;
  }
  if (!rule.answer.is_null()) return Response::Json(status, rule.answer);
  if (!rule.text.empty()) return Response::Text(status, rule.text);
  if (rule.error) return rule.error->ToResponse();
  // Priority and fairness answers in plain text (facts: engine.md C, Retries).
  if (status == 429) return Response::Text(429, "Too many requests, please try again later.\n");
  return ErrorOf(status).ToResponse();
}

}  // namespace

Response Faults::Spoil(const Rule& rule, Response response) {
  if (!LetsThrough(rule)) {
    response = Instead(rule);
    if (rule.retry_after > 0) {
      response.headers.emplace_back("retry-after", std::to_string(rule.retry_after));
    }
  }
  if (rule.body == "slow") {
    response.headers.emplace_back(kSlowHeader, std::to_string(rule.delay.count()));
    return response;
  }
  response.delay = rule.delay;
  if (rule.body == "half") response.delivery = Delivery::kHalf;
  if (rule.body == "cut" || rule.body == "lost") response.delivery = Delivery::kAbort;
  return response;
}

}  // namespace swell::sandbox
