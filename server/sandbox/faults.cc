#include "server/sandbox/faults.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/core/strings.h"
#include "server/sandbox/errors.h"

namespace swell::sandbox {

struct Faults::Rule {
  std::string method;
  std::string path;
  std::unique_ptr<RE2> pattern;  // null: every path
  int status = 0;                // 0: the true answer
  int retry_after = 0;
  std::string body;
  Duration delay{};
  std::int64_t times = 0;  // left; 0: for ever
  std::int64_t hits = 0;
  bool spent = false;
};

namespace {

constexpr std::size_t kMaxRules = 1000;

Result<std::unique_ptr<Faults::Rule>> ParseRule(const Value& value) {
  for (const Member& member : value.members()) {
    static const std::vector<std::string_view> known = {"match", "status",  "retryAfter",
                                                        "body",  "delayMs", "times"};
    if (std::find(known.begin(), known.end(), member.name()) == known.end()) {
      return Fail(InvalidArgument("fault rule: unknown field " + Quote(member.name())));
    }
  }
  auto rule = std::make_unique<Faults::Rule>();
  rule->method = value["match"]["method"].str();
  rule->path = value["match"]["path"].str();
  if (!rule->path.empty()) {
    rule->pattern = std::make_unique<RE2>(rule->path, RE2::Quiet);
    if (!rule->pattern->ok()) {
      return Fail(InvalidArgument("fault rule: match.path " + Quote(rule->path) + ": " +
                                  rule->pattern->error()));
    }
  }
  rule->status = static_cast<int>(value["status"].as_int());
  if (rule->status != 0 && (rule->status < 200 || rule->status > 599)) {
    return Fail(InvalidArgument("fault rule: status must be from 200 to 599"));
  }
  rule->retry_after = static_cast<int>(value["retryAfter"].as_int());
  rule->body = value["body"].str();
  if (!rule->body.empty() && rule->body != "html" && rule->body != "half" &&
      rule->body != "garbage") {
    return Fail(InvalidArgument("fault rule: body " + Quote(rule->body) +
                                " is none of html, half, garbage"));
  }
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
    ++rule->hits;
    if (rule->times > 0 && --rule->times == 0) rule->spent = true;
    return rule.get();
  }
  return nullptr;
}

bool Faults::LetsThrough(const Rule& rule) {
  return rule.status == 0 && rule.body != "html" && rule.body != "garbage";
}

Response Faults::Spoil(const Rule& rule, Response response) {
  if (!LetsThrough(rule)) {
    const int status = rule.status == 0 ? 200 : rule.status;
    if (rule.body == "html") {
      response = Response::Text(status, "<html><body><h1>" + std::to_string(status) +
                                            " from a proxy on the way</h1></body></html>\n");
      response.headers.front().second = "text/html";
    } else if (rule.body == "garbage") {
      response = Response::Text(status, std::string("{\"kind\": \"\x01\xff garbage ]]", 22));
      response.headers.front().second = "application/json";
    } else if (status == 429) {
      // Priority and fairness answers in plain text (facts: engine.md C, Retries).
      response = Response::Text(429, "Too many requests, please try again later.\n");
    } else {
      response = ErrorOf(status).ToResponse();
    }
    if (rule.retry_after > 0) {
      response.headers.emplace_back("retry-after", std::to_string(rule.retry_after));
    }
  }
  response.delay = rule.delay;
  if (rule.body == "half") response.delivery = Delivery::kHalf;
  return response;
}

}  // namespace swell::sandbox
