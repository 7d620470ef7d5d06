#pragma once
// The inside of Client. For reconciler/kube's own sources; of the loop's thread unless said
// otherwise.

#include <atomic>
#include <deque>
#include <unordered_set>

#include "base/net/http2_client.h"
#include "reconciler/kube/api_status.h"
#include "reconciler/kube/client.h"
#include "reconciler/kube/credentials.h"

namespace swell::kube {

using Steady = std::chrono::steady_clock;
using HttpPtr = std::shared_ptr<net::Http2Client>;

// Thread-safe.
struct Call::State {
  virtual ~State() = default;
  virtual void Cancel() = 0;
  virtual void Pause() {}
  virtual void Resume() {}
};

// A connection for watches.
struct WatchConnection {
  HttpPtr http;
  std::size_t watches = 0;
};
using WatchConnectionPtr = std::shared_ptr<WatchConnection>;

// One request with its retries.
struct RequestCall final : Call::State, std::enable_shared_from_this<RequestCall> {
  RequestCall(std::weak_ptr<Client::Impl> c, net::Loop::Ref l, Request r, Callback<Response> d,
              Backoff b)
      : client(std::move(c)),
        loop(std::move(l)),
        request(std::move(r)),
        done(std::move(d)),
        backoff(std::move(b)) {}
  void Cancel() override;

  const std::weak_ptr<Client::Impl> client;
  const net::Loop::Ref loop;
  Request request;
  Callback<Response> done;
  Backoff backoff;

  Steady::time_point deadline;
  int attempts = 0;
  int doubtful = 0;        // attempts that failed without the server asking for another
  bool refreshed = false;  // credentials, after a 401
  bool has_slot = false;
  bool on_wire = false;
  bool finished = false;
  CredentialPtr credential;
  net::ClientCall http_call;
  net::TimerHandle deadline_timer;
  net::TimerHandle retry_timer;
  std::optional<ApiError> last_error;
};
using RequestCallPtr = std::shared_ptr<RequestCall>;

struct WatchCall;
using WatchCallPtr = std::shared_ptr<WatchCall>;

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  Impl(net::Loop& l, ClusterAccess a, ClientOptions o);
  Status Init();

  // call.cc: a request's way.
  Call Do(Request request, Callback<Response> done);
  void Start(const RequestCallPtr& call);
  void Run(const RequestCallPtr& call);
  void Attempt(const RequestCallPtr& call);
  void OnAnswer(const RequestCallPtr& call, Result<net::ClientResponse> answer);
  void OnError(const RequestCallPtr& call, ApiError error, bool processed);
  void Finish(const RequestCallPtr& call, ApiResult<net::ClientResponse> result);
  void Close();

  // What both kinds of calls need.
  net::ClientRequest MakeRequest(const Request& request, const CredentialPtr& credential) const;
  // The HTTP client for the credential; a new client certificate needs a new connection.
  Result<HttpPtr> HttpFor(const CredentialPtr& credential);
  // A connection with room for one more watch (which counts itself): a server allows some
  // 100 streams a connection, and watches must not starve requests.
  Result<WatchConnectionPtr> HttpForWatch(const CredentialPtr& credential);
  Result<HttpPtr> NewHttp(const CredentialPtr& credential) const;
  ApiError Describe(ApiError error, const Request& request) const;
  // Runs user code: on the executor, or the loop without one. Any thread.
  void Deliver(std::move_only_function<void()> fn);

  net::Loop& loop;
  const net::Loop::Ref loop_ref;
  const ClusterAccess access;
  const ClientOptions options;
  std::string base_path;  // of the server's URL, without a slash at its end
  std::string origin;

  std::shared_ptr<CredentialSource> credentials;
  CredentialPtr http_credential;  // that `http` was made for, where it matters
  HttpPtr http;
  std::vector<WatchConnectionPtr> watch_http;
  std::deque<RequestCallPtr> queue;
  std::unordered_set<RequestCallPtr> calls;
  std::unordered_set<WatchCallPtr> watches;
  bool closed = false;

  std::atomic<std::size_t> in_flight = 0;
  std::atomic<std::size_t> queued = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> retries = 0;
};

// watch.cc
Call StartWatch(const std::shared_ptr<Client::Impl>& client, const ResourceRef& ref,
                WatchOptions options, WatchHandler handler);
void CloseWatch(const WatchCallPtr& watch);
// list.cc
Call StartList(const std::shared_ptr<Client::Impl>& client, const ResourceRef& ref,
               ListOptions options, Callback<ListResult> done);

inline ApiError CancelledError() {
  return ApiError{.error = Error(ErrorCode::kCancelled, "cancelled")};
}
inline ApiError ClosedError() {
  return ApiError{.error = Error(ErrorCode::kCancelled, "the client is closed")};
}

}  // namespace swell::kube
