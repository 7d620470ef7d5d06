#pragma once
// GETs of what others serve: bounded in bytes and time, verified, with redirects that leak
// nothing.

#include <memory>
#include <string>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/core/secret.h"
#include "base/net/http.h"
#include "base/runtime/deadline.h"

namespace swell::fetch {

enum class Encoding { kIdentity, kGzip };  // what the server may compress with

struct HttpRequest {
  std::string url;  // http:// or https://
  net::Headers headers;
  // The Authorization header. Sent to the URL's own origin alone, wherever redirects lead.
  Secret authorization;
  // PEM, of the URL's own origin alone, in place of the system's trust store; "" takes that one.
  std::string ca_file;
  Encoding encoding = Encoding::kIdentity;
  std::uint64_t max_bytes = 1u << 20;  // of the body, uncompressed
  std::string budget = "max_bytes";    // its name in the error
};

struct HttpResponse {
  int status = 0;
  net::Headers headers;
  std::string body;
  // Who answered, for messages, where redirects ended at another origin than the request's: it
  // was sent no authorization, and what it asks for is not for the request's own host. Else "".
  std::string elsewhere;
};

struct HttpOptions {
  int max_redirects = 10;
  int attempts = 3;  // of a request that fails for a passing reason
  Duration first_pause = std::chrono::milliseconds(200);  // before the second; doubles
  Duration connect_timeout = std::chrono::seconds(10);
};

class CurlPool;

// Thread-safe; each call blocks its thread until the deadline at the latest. Connections are
// kept and used again.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // A response of any status but redirects and 429, 500, 502, 503, 504: those and faults of
  // the connection are tried again, then kUnavailable. kDeadlineExceeded; kResourceExhausted
  // where the body goes beyond its budget (nothing further is read then); kPermissionDenied for
  // a certificate that is not trusted and for a redirect from https to http;
  // kFailedPrecondition for too many redirects. Messages show URLs without their query, which
  // may hold a signature.
  Result<HttpResponse> Get(HttpRequest request, Deadline deadline);

  // Ends what is under way within a second or so, and every later Get at once: kUnavailable.
  void Stop();

 private:
  Result<HttpResponse> Attempt(const HttpRequest& request, Deadline deadline);
  Result<HttpResponse> Follow(HttpRequest request, Deadline deadline);

  const HttpOptions options_;
  const std::unique_ptr<CurlPool> pool_;
};

// A URL for messages: without query and fragment.
std::string ShowUrl(std::string_view url);

}  // namespace swell::fetch
