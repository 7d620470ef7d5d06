#include "server/sandbox/errors.h"

#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::sandbox::errors {
namespace {

ApiError About(const Resource& resource, std::string_view name, int code, std::string reason) {
  ApiError error;
  error.code = code;
  error.reason = std::move(reason);
  error.group = resource.group;
  error.kind = resource.plural;
  error.name = name;
  return error;
}

std::string Named(const Resource& resource, std::string_view name) {
  return resource.qualified() + " " + Quote(name);
}

}  // namespace

ApiError BadRequest(std::string message) {
  return {.code = 400, .reason = "BadRequest", .message = std::move(message)};
}

ApiError NotFound(const Resource& resource, std::string_view name) {
  ApiError error = About(resource, name, 404, "NotFound");
  error.message = Named(resource, name) + " not found";
  return error;
}

ApiError AlreadyExists(const Resource& resource, std::string_view name) {
  ApiError error = About(resource, name, 409, "AlreadyExists");
  error.message = Named(resource, name) + " already exists";
  return error;
}

ApiError Modified(const Resource& resource, std::string_view name) {
  ApiError error = About(resource, name, 409, "Conflict");
  error.message = "Operation cannot be fulfilled on " + Named(resource, name) +
                  ": the object has been modified; please apply your changes to the latest "
                  "version and try again";
  return error;
}

ApiError Precondition(const Resource& resource, std::string_view name, std::string why) {
  ApiError error = About(resource, name, 409, "Conflict");
  error.message =
      "Operation cannot be fulfilled on " + Named(resource, name) + ": Precondition failed: " + why;
  return error;
}

ApiError DeletePrecondition(const Resource& resource, std::string_view name, std::string_view what,
                            std::string_view wanted, std::string_view actual) {
  ApiError error = About(resource, name, 409, "Conflict");
  error.kind = resource.kind;
  const bool uid = what == "UID";
  const std::string field(what);
  error.message = "Operation cannot be fulfilled on " + resource.qualified_kind() + " " +
                  Quote(name) + ": the " + field + " in the precondition (" + std::string(wanted) +
                  ") does not match the " + field + " in record (" + std::string(actual) +
                  "). The object might have been " +
                  (uid ? "deleted and then recreated" : "modified");
  return error;
}

ApiError Invalid(const Resource& resource, std::string_view name, std::vector<Cause> causes) {
  ApiError error = About(resource, name, 422, "Invalid");
  error.kind = resource.kind;
  std::vector<std::string> texts;
  for (const Cause& cause : causes) texts.push_back(cause.field + ": " + cause.message);
  error.message = resource.qualified_kind() + " " + Quote(name) + " is invalid: " +
                  (texts.size() == 1 ? texts.front() : "[" + Join(texts, ", ") + "]");
  error.causes = std::move(causes);
  return error;
}

ApiError Forbidden(const Resource& resource, std::string_view name, std::string why) {
  ApiError error = About(resource, name, 403, "Forbidden");
  error.message = Named(resource, name) + " is forbidden: " + why;
  return error;
}

ApiError NamespaceTerminating(const Resource& resource, std::string_view name,
                              std::string_view ns) {
  const std::string space(ns);
  ApiError error = Forbidden(
      resource, name,
      "unable to create new content in namespace " + space + " because it is being terminated");
  error.causes.push_back({"NamespaceTerminating", "namespace " + space + " is being terminated",
                          "metadata.namespace"});
  return error;
}

ApiError MethodNotAllowed(std::string message) {
  return {.code = 405, .reason = "MethodNotAllowed", .message = std::move(message)};
}

ApiError UnsupportedMedia(std::string_view got, std::string_view accepted) {
  return {.code = 415,
          .reason = "UnsupportedMediaType",
          .message =
              "the body of the request was in an unknown format (swell-sandbox reads no protobuf; "
              "kubectl apply -f and create -f send JSON) - accepted media types "
              "include: " +
              std::string(accepted) + " (got " + Quote(got) + ")"};
}

ApiError Expired(std::string message) {
  return {.code = 410, .reason = "Expired", .message = std::move(message)};
}

ApiError Typed(std::string message) { return {.code = 500, .message = std::move(message)}; }

Cause Required(std::string field, std::string_view why) {
  std::string message = "Required value";
  if (!why.empty()) message += ": " + std::string(why);
  return {"FieldValueRequired", std::move(message), std::move(field)};
}

Cause InvalidValue(std::string field, const Value& value, std::string_view why) {
  return {"FieldValueInvalid", "Invalid value: " + json::Write(value) + ": " + std::string(why),
          std::move(field)};
}

Cause ForbiddenField(std::string field, std::string_view why) {
  return {"FieldValueForbidden", "Forbidden: " + std::string(why), std::move(field)};
}

Cause Unsupported(std::string field, const Value& value, const std::vector<std::string>& allowed) {
  std::vector<std::string> quoted;
  for (const std::string& text : allowed) quoted.push_back(Quote(text));
  return {"FieldValueNotSupported",
          "Unsupported value: " + json::Write(value) + ": supported values: " + Join(quoted, ", "),
          std::move(field)};
}

}  // namespace swell::sandbox::errors
