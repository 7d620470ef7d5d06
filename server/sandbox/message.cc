#include "server/sandbox/message.h"

#include "base/value/json.h"

namespace swell::sandbox {
namespace {

const std::string* FindField(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace

std::string_view Request::Query(std::string_view name) const {
  const std::string* found = FindField(query, name);
  return found == nullptr ? std::string_view() : std::string_view(*found);
}

bool Request::HasQuery(std::string_view name) const { return FindField(query, name) != nullptr; }

bool Request::QueryFlag(std::string_view name) const {
  const std::string* found = FindField(query, name);
  return found != nullptr && *found != "false" && *found != "0";
}

std::string_view Request::Header(std::string_view name) const {
  const std::string* found = FindField(headers, name);
  return found == nullptr ? std::string_view() : std::string_view(*found);
}

Response Response::Json(int status, const Value& body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/json");
  response.body = json::Write(body) + "\n";
  return response;
}

Response Response::Text(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
  response.headers.emplace_back("x-content-type-options", "nosniff");
  response.body = std::move(body);
  return response;
}

Value ApiError::ToStatus() const {
  std::vector<Member> details;
  if (!name.empty()) details.emplace_back("name", Value(name));
  if (!group.empty()) details.emplace_back("group", Value(group));
  if (!kind.empty()) details.emplace_back("kind", Value(kind));
  if (!uid.empty()) details.emplace_back("uid", Value(uid));
  if (retry_after_seconds > 0) {
    details.emplace_back("retryAfterSeconds", Value(retry_after_seconds));
  }
  if (!causes.empty()) {
    std::vector<Value> list;
    for (const Cause& cause : causes) {
      std::vector<Member> entry{{"reason", Value(cause.reason)}, {"message", Value(cause.message)}};
      if (!cause.field.empty()) entry.emplace_back("field", Value(cause.field));
      list.push_back(Value::Object(std::move(entry)));
    }
    details.emplace_back("causes", Value::Array(std::move(list)));
  }
  std::vector<Member> status{{"kind", Value("Status")},          {"apiVersion", Value("v1")},
                             {"metadata", Value::EmptyObject()}, {"status", Value("Failure")},
                             {"message", Value(message)},        {"code", Value(code)}};
  if (!reason.empty()) status.emplace_back("reason", Value(reason));
  if (!details.empty()) status.emplace_back("details", Value::Object(std::move(details)));
  return Value::Object(std::move(status));
}

Response ApiError::ToResponse() const {
  Response response = Response::Json(code, ToStatus());
  if (retry_after_seconds > 0) {
    response.headers.emplace_back("retry-after", std::to_string(retry_after_seconds));
  }
  return response;
}

}  // namespace swell::sandbox
