#pragma once
// The inside of Client. For reconciler/kube's own sources; of the loop's thread unless said
// otherwise.

#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_set>

#include "base/net/http2_client.h"
#include "reconciler/kube/api_status.h"
#include "reconciler/kube/client.h"
#include "reconciler/kube/credentials.h"
#include "reconciler/kube/throttle.h"

namespace swell::kube {

using Steady = std::chrono::steady_clock;

// For what only measures distances: does not jump.
class SteadyClock final : public Clock {
 public:
  Timestamp Now() const override {
    return Timestamp(std::chrono::floor<Duration>(Steady::now().time_since_epoch()));
  }
};
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
  bool has_slot = false;   // counts as in flight
  Timestamp sent{};        // the last attempt, by the client's clock
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
struct InformerState;
using InformerPtr = std::shared_ptr<InformerState>;
struct StreamCall;
using StreamCallPtr = std::shared_ptr<StreamCall>;

struct Client::Impl : std::enable_shared_from_this<Client::Impl> {
  Impl(net::Loop& l, ClusterAccess a, ClientOptions o);
  Status Init();

  // call.cc: a request's way.
  Call Do(Request request, Callback<Response> done);
  void Start(const RequestCallPtr& call);
  // Sends what may be sent now; comes back when more may be.
  void Pump();
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
  ApiError Describe(ApiError error, const Request& request) const;  // any thread
  std::string WhyUnauthorized() const;                              // "" = nobody knows
  void ReleaseSlot(const RequestCallPtr& call);
  // Runs user code: on the executor, or the loop without one. Any thread.
  void Deliver(std::move_only_function<void()> fn);

  net::Loop& loop;
  const net::Loop::Ref loop_ref;
  const ClusterAccess access;
  const ClientOptions options;
  std::string base_path;  // of the server's URL, without a slash at its end
  std::string origin;
  net::Headers impersonation;

  std::shared_ptr<CredentialSource> credentials;
  CredentialPtr http_credential;  // that `http` was made for, where it matters
  mutable std::mutex certificate_mutex;
  std::optional<net::CertificateInfo> certificate;  // the client's, if any; by the mutex
  HttpPtr http;
  std::vector<WatchConnectionPtr> watch_http;
  std::deque<RequestCallPtr> queue;  // may be sent as soon as the throttle allows
  const SteadyClock clock;
  Throttle throttle;
  net::TimerHandle pump_timer;
  bool pumping = false;
  std::unordered_set<RequestCallPtr> calls;
  std::unordered_set<WatchCallPtr> watches;
  std::unordered_set<InformerPtr> informers;
  std::unordered_set<StreamCallPtr> streams;
  bool closed = false;

  std::atomic<std::size_t> in_flight = 0;
  std::atomic<std::size_t> queued = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> retries = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::size_t> limit;
};

// watch.cc
struct WatchStart {
  // WatchList: the state as ADDED events, then a bookmark that says that it is complete, instead
  // of WatchOptions::resource_version. Until that bookmark the watch ends at the first failure.
  bool initial_events = false;
  // Initial events come one after the other; a server that does not know what was asked for
  // never says that they are complete.
  Duration initial_silence = std::chrono::seconds(15);
  bool tell_first_connect = false;  // on_connected also when nothing was interrupted
};
Call StartWatch(const std::shared_ptr<Client::Impl>& client, const ResourceRef& ref,
                WatchOptions options, WatchHandler handler, WatchStart start = {});
void CloseWatch(const WatchCallPtr& watch);
// The bookmark that ends the initial events.
bool IsInitialEventsEnd(const WatchEvent& event);
// stream.cc
Call StartStream(const std::shared_ptr<Client::Impl>& client, Request request,
                 StreamHandler handler);
void CloseStream(const StreamCallPtr& stream);
// list.cc
Call StartList(const std::shared_ptr<Client::Impl>& client, const ResourceRef& ref,
               ListOptions options, Callback<ListResult> done);
// informer.cc
void CloseInformer(const InformerPtr& informer);

inline ApiError CancelledError() {
  return ApiError{.error = Error(ErrorCode::kCancelled, "cancelled")};
}
inline ApiError ClosedError() {
  return ApiError{.error = Error(ErrorCode::kCancelled, "the client is closed")};
}

}  // namespace swell::kube
