#pragma once
// What the questions of all gates have in common. Internal to reconciler/gates.

#include <string>

#include "base/core/result.h"
#include "base/fetch/client.h"
#include "base/value/value.h"
#include "reconciler/gates/gates.h"

namespace swell::gates {

// Who asks for an evaluation, and how much it may take.
struct Asking {
  fetch::HttpClient& http;
  const Context& context;
  Deadline deadline;
  std::uint64_t max_response_bytes;
};

// A request with the credentials that the files hold now. kFailedPrecondition where a file cannot
// be read, is empty, or lies elsewhere than Context::files_folder; messages hold no content.
Result<fetch::HttpRequest> MakeRequest(const Asking& asking, const std::string& url,
                                       const std::string& bearer_token_file,
                                       const std::string& ca_file);

// What a response that is no success means: "answers 401 Unauthorized: …".
std::string ShowStatus(const fetch::HttpResponse& response);

// Of a server's, for messages: one line of printable ASCII, not long.
std::string Foreign(std::string_view text);

Answer Hold(std::string why);

}  // namespace swell::gates
