#pragma once
// From an API server's answer to an ApiError. For reconciler/kube's own sources.

#include "base/net/http2_client.h"
#include "base/value/value.h"
#include "reconciler/kube/api_error.h"

namespace swell::kube {

// kSecret: nothing of the server's text that may repeat what was sent is kept.
enum class Content { kPlain, kSecret };

// Of an answer that is no success.
ApiError ErrorOfAnswer(const net::ClientResponse& answer, Content content);
// Of a Kubernetes Status object, as in a watch's ERROR event.
ApiError ErrorOfStatus(const Value& status, Content content);

// Retry-After in seconds, or nothing.
std::optional<Duration> RetryAfter(const net::Headers& headers);
// The texts of the Warning headers.
std::vector<std::string> WarningsOf(const net::Headers& headers);

}  // namespace swell::kube
