#pragma once
// Requests to what others serve: bounded in bytes and time, verified, with redirects that leak
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
  std::string url;             // http:// or https://
  std::string method = "GET";  // or POST
  net::Headers headers;
  std::string body;  // of a POST
  // The Authorization header. Sent to the URL's own origin alone, wherever redirects lead.
  Secret authorization;
  // PEM, of the URL's own origin alone, in place of the system's trust store; "" takes that one.
  std::string ca_file;
  Encoding encoding = Encoding::kIdentity;
  std::uint64_t max_bytes = 1u << 20;  // of the body, uncompressed
  std::string budget = "max_bytes";    // its name in the error
  std::string owner = "a Repository";  // whose fields a message says to set
};

struct HttpResponse {
  int status = 0;
  net::Headers headers;
  std::string body;
  // Who answered, for messages, where redirects ended at another origin than the request's: it
  // was sent no authorization, and what it asks for is not for the request's own host. Else "".
  std::string elsewhere;
};

// Addresses that reach no further than the machine's own link: 169.254.0.0/16, where clouds hand
// out the machine's credentials, and fe80::/10. Who lets others choose URLs refuses them.
enum class LinkLocal { kAllowed, kRefused };

struct HttpOptions {
  int max_redirects = 10;
  int attempts = 3;  // of a request that fails for a passing reason
  Duration first_pause = std::chrono::milliseconds(200);  // before the second; doubles
  Duration connect_timeout = std::chrono::seconds(10);
  LinkLocal link_local = LinkLocal::kAllowed;  // what a proxy connects to is not seen
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

  // Once, whatever comes: a response of any status. For questions that are asked again anyway.
  // Redirects are followed within the URL's own origin alone, and a POST's only where it stays
  // one (307, 308); others are kFailedPrecondition and say where to. Errors else as Get.
  Result<HttpResponse> Ask(HttpRequest request, Deadline deadline);

  // Ends what is under way within a second or so, and every later one at once: kUnavailable.
  void Stop();

 private:
  Result<HttpResponse> Attempt(const HttpRequest& request, Deadline deadline);
  enum class Redirects { kAnywhere, kAtHome };
  Result<HttpResponse> Follow(HttpRequest request, Redirects redirects, Deadline deadline);

  const HttpOptions options_;
  const std::unique_ptr<CurlPool> pool_;
};

// A URL for messages: without query and fragment.
std::string ShowUrl(std::string_view url);

}  // namespace swell::fetch
