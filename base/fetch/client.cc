#include "base/fetch/client.h"

#include <algorithm>
#include <thread>

#include "base/core/strings.h"
#include "base/fetch/curl.h"
#include "base/net/url.h"
#include "base/runtime/backoff.h"

namespace swell::fetch {
namespace {

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool IsPassing(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

Error Refused(std::string message) {
  return Error(ErrorCode::kPermissionDenied, std::move(message));
}

Status CheckScheme(const net::Url& url) {
  if (url.scheme == "https" || url.scheme == "http") return {};
  return Fail(InvalidArgument("the scheme " + Quote(url.scheme) +
                              " is not fetched from: only https and http are"));
}

// Of a request that must not leave its own origin.
Status MayFollow(const net::Url& from, const net::Url& to, int status, std::string_view method) {
  if (to.Origin() != from.Origin()) {
    return Fail(FailedPrecondition("it redirects to " + ShowUrl(to.ToString()) +
                                   ", another origin, which is not followed: set the URL that "
                                   "answers itself"));
  }
  if (method == "POST" && status != 307 && status != 308) {
    return Fail(FailedPrecondition("it redirects a POST to " + ShowUrl(to.ToString()) + " with " +
                                   std::to_string(status) +
                                   ", which would lose its body: set the URL that answers itself"));
  }
  return {};
}

}  // namespace

HttpClient::HttpClient(HttpOptions options)
    : options_(options),
      pool_(std::make_unique<CurlPool>(options.connect_timeout, options.link_local)) {}

HttpClient::~HttpClient() = default;

void HttpClient::Stop() { pool_->Stop(); }

Result<HttpResponse> HttpClient::Get(HttpRequest request, Deadline deadline) {
  const std::string doing = "get " + ShowUrl(request.url);
  request.method = "GET";
  Backoff pauses({.initial = options_.first_pause}, SystemRandom());
  for (int attempt = 1;; ++attempt) {
    auto response = Attempt(request, deadline);
    const bool passing = !response && response.error().code() == ErrorCode::kUnavailable;
    if (response) return response;
    const Duration pause = pauses.Next();
    if (!passing || pool_->stopped() || attempt >= options_.attempts ||
        deadline.Remaining() <= pause) {
      return Fail(std::move(response.error()).Wrap(doing));
    }
    std::this_thread::sleep_for(pause);
  }
}

Result<HttpResponse> HttpClient::Ask(HttpRequest request, Deadline deadline) {
  const std::string doing = ToLower(request.method) + " " + ShowUrl(request.url);
  if (request.method != "GET" && request.method != "POST") {
    return Fail(InvalidArgument("the method " + Quote(request.method) + " is not GET or POST"));
  }
  return TRY_WRAP(Follow(std::move(request), Redirects::kAtHome, deadline), doing);
}

// Once, redirects included.
Result<HttpResponse> HttpClient::Attempt(const HttpRequest& request, Deadline deadline) {
  HttpResponse response = TRY(Follow(request, Redirects::kAnywhere, deadline));
  if (!IsPassing(response.status)) return response;
  return Fail(Unavailable("the server answers " + std::to_string(response.status) + " " +
                          std::string(net::StatusText(response.status))));
}

Result<HttpResponse> HttpClient::Follow(HttpRequest request, Redirects redirects,
                                        Deadline deadline) {
  net::Url at = TRY(net::Url::Parse(request.url));
  const std::string home = at.Origin();
  const Secret authorization = request.authorization;
  const std::string ca_file = request.ca_file;
  for (int followed = 0;; ++followed) {
    TRY(CheckScheme(at));
    request.url = at.ToString();
    const bool at_home = at.Origin() == home;
    request.authorization = at_home ? authorization : Secret();
    request.ca_file = at_home ? ca_file : "";
    auto exchanged = pool_->Exchange(request, deadline);
    if (!exchanged && !at_home) {
      exchanged.error().Wrap("redirected to " + ShowUrl(request.url) +
                             (ca_file.empty() ? "" : ", for which the system's trust holds"));
    }
    HttpResponse response = TRY(std::move(exchanged));
    const std::string location(response.headers.Get("location"));
    if (!IsRedirect(response.status) || location.empty()) {
      if (!at_home) response.elsewhere = ShowUrl(request.url);
      return response;
    }
    if (followed >= options_.max_redirects) {
      return Fail(FailedPrecondition("more than " + std::to_string(options_.max_redirects) +
                                     " redirects, the last one to " + ShowUrl(location)));
    }
    net::Url next = TRY_WRAP(at.Resolve(location), "follow a redirect");
    if (at.scheme == "https" && next.scheme != "https") {
      return Fail(
          Refused("it redirects from https to " + ShowUrl(location) + ", which is not encrypted"));
    }
    if (redirects == Redirects::kAtHome) {
      TRY(MayFollow(at, next, response.status, request.method));
    }
    at = std::move(next);
  }
}

std::string ShowUrl(std::string_view url) {
  return std::string(url.substr(0, std::min(url.find_first_of("?#"), url.size())));
}

}  // namespace swell::fetch
