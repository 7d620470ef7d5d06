#pragma once
// The API server's errors, worded as apimachinery words them (facts: engine.md, C).

#include <string>
#include <string_view>
#include <vector>

#include "server/sandbox/message.h"
#include "server/sandbox/resource.h"

namespace swell::sandbox::errors {

ApiError BadRequest(std::string message);
// `deployments.apps "web" not found`
ApiError NotFound(const Resource& resource, std::string_view name);
ApiError AlreadyExists(const Resource& resource, std::string_view name);
// The object changed since the client read it.
ApiError Modified(const Resource& resource, std::string_view name);
// A precondition (uid) of an update does not hold.
ApiError Precondition(const Resource& resource, std::string_view name, std::string why);
// A precondition of a delete does not hold: `what` is "UID" or "ResourceVersion".
ApiError DeletePrecondition(const Resource& resource, std::string_view name, std::string_view what,
                            std::string_view wanted, std::string_view actual);
// `Deployment.apps "web" is invalid: spec.selector: Invalid value: …`
ApiError Invalid(const Resource& resource, std::string_view name, std::vector<Cause> causes);
ApiError Forbidden(const Resource& resource, std::string_view name, std::string why);
ApiError NamespaceTerminating(const Resource& resource, std::string_view name, std::string_view ns);
ApiError MethodNotAllowed(std::string message =
                              "the server does not allow this method on the "
                              "requested resource");
ApiError UnsupportedMedia(std::string_view got, std::string_view accepted);
ApiError Expired(std::string message);
// What server-side apply answers for documents that do not fit the schema: 500, no reason.
ApiError Typed(std::string message);

// Causes of Invalid.
Cause Required(std::string field, std::string_view why);
Cause InvalidValue(std::string field, const Value& value, std::string_view why);
Cause ForbiddenField(std::string field, std::string_view why);
Cause Unsupported(std::string field, const Value& value, const std::vector<std::string>& allowed);

}  // namespace swell::sandbox::errors
