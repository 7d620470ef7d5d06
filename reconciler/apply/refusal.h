#pragma once
// What an API server's refusal of an object means: whether waiting helps, and what its author can
// do (facts: engine.md C, "Retries" and "Server-side apply"). Pure.

#include <optional>
#include <string>

#include "reconciler/domain/plan.h"
#include "reconciler/kube/api_error.h"
#include "renderer/object/object.h"

namespace swell::apply {

// A webhook (admission or conversion) that the server could not reach: it may come up.
bool IsWebhookAway(const kube::ApiError& error);
// The server, the network or a webhook fails; the same request may succeed later.
bool IsPassing(const kube::ApiError& error);
// The entries of managedFields, not what was sent, do not fit the schema.
bool IsLiveSchemaError(const kube::ApiError& error);

// What to do about it, for whoever wrote the object; "" where the server's words say all.
std::string AdviceOn(const kube::ApiError& error, const Operation& operation);

// Why no API server takes the object, before anything is sent: a request of more than 3 MiB,
// annotations of more than 256 KiB together, ConfigMap or Secret data of more than 1 MiB.
std::optional<Error> CheckSize(const Object& object);

}  // namespace swell::apply
