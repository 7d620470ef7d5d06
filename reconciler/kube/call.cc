// A request's way: queue, credentials, attempts, retries, answer.

#include <algorithm>

#include "base/core/strings.h"
#include "base/telemetry/log.h"
#include "base/value/json.h"
#include "reconciler/kube/client_impl.h"
#include "reconciler/kube/text.h"

namespace swell::kube {
namespace {

// Bodies up to this are parsed on the loop, for brief callbacks.
constexpr std::size_t kParsedOnLoop = 16 * 1024;

// Attempts after failures that nobody promised to be passing.
constexpr int kMaxDoubtful = 4;

Content ContentOf(const Request& request) {
  return request.sensitive ? Content::kSecret : Content::kPlain;
}

// The answer's body as the caller wants it.
ApiResult<Response> Decode(net::ClientResponse answer, const Request& request) {
  Response out;
  out.status = answer.status;
  out.bytes = answer.body.size();
  out.warnings = WarningsOf(answer.headers);
  out.headers = std::move(answer.headers);
  if (!request.json) {
    out.body = Value(answer.body);
    return out;
  }
  if (answer.body.empty()) return out;
  auto parsed = json::Parse(answer.body);
  if (parsed) {
    // Some gateways call every answer 200.
    if ((*parsed)["kind"].as_string() == "Status" && (*parsed)["status"].as_string() == "Failure") {
      return std::unexpected(ErrorOfStatus(*parsed, ContentOf(request)));
    }
    out.body = std::move(*parsed);
    return out;
  }
  std::string message = "HTTP " + std::to_string(answer.status) + ": the answer is no JSON (" +
                        parsed.error().message() + ")";
  if (request.sensitive) {
    message = "HTTP " + std::to_string(answer.status) + ": the answer is no JSON";
  } else {
    message += ": " + Printable(answer.body, 200);
  }
  ApiError error{.error = Error(ErrorCode::kDataLoss, std::move(message))};
  error.http_status = answer.status;
  return std::unexpected(std::move(error));
}

// The server has enough to do, and says so.
bool IsRefusal(const ApiError& error) {
  return error.http_status == 429 || (error.http_status >= 500 && error.retry_after.has_value() &&
                                      error.code() != ErrorCode::kInvalidArgument);
}

// The pause before the next attempt, or nothing where the failure is final. `processed`:
// the server may have acted on the request.
std::optional<Duration> NextPause(RequestCall& call, const ApiError& error, bool processed,
                                  const ClientOptions& options) {
  if (call.attempts >= options.max_attempts) return std::nullopt;
  const int status = error.http_status;
  if (IsRefusal(error)) {
    if (error.retry_after) return std::min<Duration>(*error.retry_after, options.max_retry_after);
    return call.backoff.Next();
  }
  const bool passing =
      error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kAborted;
  const bool may_repeat = !processed || call.request.idempotent;
  // An answer with a status below 500 is the server's last word.
  if (!passing || !may_repeat || (status != 0 && status < 500 && status != 408))
    return std::nullopt;
  if (++call.doubtful >= kMaxDoubtful) return std::nullopt;
  return call.backoff.Next();
}

}  // namespace

void RequestCall::Cancel() {
  loop.Post([self = shared_from_this()] {
    if (auto c = self->client.lock()) c->Finish(self, std::unexpected(CancelledError()));
  });
}

Call Client::Impl::Do(Request request, Callback<Response> done) {
  if (request.timeout.count() <= 0) request.timeout = options.default_timeout;
  auto call =
      std::make_shared<RequestCall>(weak_from_this(), loop_ref, std::move(request), std::move(done),
                                    Backoff(options.backoff, options.random));
  loop_ref.Post([self = shared_from_this(), call] { self->Start(call); });
  return Call(call);
}

void Client::Impl::Start(const RequestCallPtr& call) {
  calls.insert(call);
  if (closed) return Finish(call, std::unexpected(ClosedError()));
  if (call->finished) return;
  call->deadline = Steady::now() + call->request.timeout;
  call->deadline_timer = loop.PostAfter(call->request.timeout, [weak = weak_from_this(), call] {
    const auto self = weak.lock();
    // An attempt on the wire has the same deadline and says more about its end.
    if (!self || call->on_wire) return;
    std::string message = call->attempts > 0 ? "not done within " : "still queued after ";
    message += FormatDuration(call->request.timeout);
    if (call->last_error) message += "; the last attempt: " + call->last_error->error.message();
    self->Finish(call, ApiFail(Error(ErrorCode::kDeadlineExceeded, std::move(message))));
  });
  // Those that wait for a retry wait too.
  if (calls.size() - in_flight > options.max_queued && in_flight >= throttle.limit()) {
    return Finish(call,
                  ApiFail(ResourceExhausted("more than " + std::to_string(options.max_queued) +
                                            " calls wait for this cluster (max_queued)")));
  }
  queue.push_back(call);
  Pump();
}

void Client::Impl::Pump() {
  // A call that ends at once pumps again: the loop that is running does that.
  if (std::exchange(pumping, true)) return;
  while (!closed && !queue.empty()) {
    if (const auto wait = throttle.Ask(in_flight)) {
      pump_timer.Cancel();
      if (*wait != Duration::max()) {
        pump_timer = loop.PostAfter(*wait, [weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->Pump();
        });
      }
      break;
    }
    const RequestCallPtr next = std::move(queue.front());
    queue.pop_front();
    next->has_slot = true;
    ++in_flight;
    Attempt(next);
  }
  pumping = false;
  queued = queue.size();
}

void Client::Impl::ReleaseSlot(const RequestCallPtr& call) {
  if (std::exchange(call->has_slot, false)) --in_flight;
}

void Client::Impl::Attempt(const RequestCallPtr& call) {
  credentials->Get([weak = weak_from_this(), call](Result<CredentialPtr> credential) {
    const auto self = weak.lock();
    if (!self || call->finished) return;
    if (!credential) return self->Finish(call, ApiFail(std::move(credential.error())));
    auto client = self->HttpFor(*credential);
    if (!client) return self->Finish(call, ApiFail(std::move(client.error())));
    call->credential = std::move(*credential);
    const auto left = std::chrono::ceil<Duration>(call->deadline - Steady::now());
    if (left.count() <= 0) {
      return self->Finish(
          call, ApiFail(Error(ErrorCode::kDeadlineExceeded,
                              "no answer within " + FormatDuration(call->request.timeout))));
    }
    ++call->attempts;
    ++self->requests;
    call->sent = self->clock.Now();
    net::ClientRequest request = self->MakeRequest(call->request, call->credential);
    request.timeout = left;
    request.max_response_bytes = self->options.max_response_bytes;
    call->on_wire = true;
    call->http_call = (*client)->Send(
        std::move(request), [weak, call, keep = *client](Result<net::ClientResponse> answer) {
          call->on_wire = false;
          if (const auto me = weak.lock()) me->OnAnswer(call, std::move(answer));
        });
  });
}

void Client::Impl::OnAnswer(const RequestCallPtr& call, Result<net::ClientResponse> answer) {
  if (call->finished) return;
  if (!answer) {
    const bool processed = answer.error().code() != ErrorCode::kUnavailable;
    return OnError(call, ApiError{.error = Error(answer.error().code(), answer.error().message())},
                   processed);
  }
  if (answer->status != 429 && answer->status < 500) {
    throttle.OnAnswer();
    limit = throttle.limit();
  }
  if (answer->status >= 200 && answer->status < 300) return Finish(call, std::move(*answer));
  if (answer->status == 401 && !call->refreshed && credentials->Reject(call->credential)) {
    call->refreshed = true;
    return Attempt(call);
  }
  OnError(call, ErrorOfAnswer(*answer, ContentOf(call->request)), true);
}

void Client::Impl::OnError(const RequestCallPtr& call, ApiError error, bool processed) {
  const auto pause = NextPause(*call, error, processed, options);
  if (IsRefusal(error)) {
    ++refused;
    throttle.OnRefused(call->sent,
                       std::min(error.retry_after.value_or(Duration(0)), options.max_retry_after));
    limit = throttle.limit();
  }
  if (!pause || Steady::now() + *pause >= call->deadline) {
    return Finish(call, std::unexpected(std::move(error)));
  }
  ++retries;
  telemetry::LogDebug("retrying a call", {{"cluster", options.cluster},
                                          {"method", call->request.method},
                                          {"path", call->request.path},
                                          {"pause_ms", pause->count()},
                                          {"error", error.error}});
  call->last_error = std::move(error);
  call->retry_timer = loop.PostAfter(*pause, [weak = weak_from_this(), call] {
    const auto self = weak.lock();
    if (!self || call->finished) return;
    self->queue.push_front(call);  // it has waited
    self->Pump();
  });
  ReleaseSlot(call);
  Pump();
}

void Client::Impl::Finish(const RequestCallPtr& call, ApiResult<net::ClientResponse> result) {
  if (std::exchange(call->finished, true)) return;
  call->deadline_timer.Cancel();
  call->retry_timer.Cancel();
  if (call->on_wire) call->http_call.Cancel();
  calls.erase(call);
  if (!call->has_slot) std::erase(queue, call);
  ReleaseSlot(call);
  Pump();
  const bool brief = result && call->done.brief() && result->body.size() <= kParsedOnLoop;
  std::move_only_function<void()> deliver = [self = shared_from_this(), call,
                                             result = std::move(result)]() mutable {
    auto done = std::move(call->done);
    ApiResult<Response> out = result ? Decode(std::move(*result), call->request)
                                     : std::unexpected(std::move(result.error()));
    if (!out) out = std::unexpected(self->Describe(std::move(out.error()), call->request));
    done(std::move(out));
  };
  // At once: what is posted to a loop is lost when the loop ends.
  if (brief) return deliver();
  Deliver(std::move(deliver));
}

void Client::Impl::Deliver(std::move_only_function<void()> fn) {
  if (options.executor) {
    auto shared = std::make_shared<std::move_only_function<void()>>(std::move(fn));
    if (options.executor->Post([shared] { (*shared)(); })) return;
    fn = std::move(*shared);  // full: late is better than lost
  }
  loop_ref.Post(std::move(fn));
}

ApiError Client::Impl::Describe(ApiError error, const Request& request) const {
  // "Aborted" is how a broken connection or stream is told below; from here on it is the API
  // server's word for a lost race, which reading the object again may mend.
  if (error.http_status == 0 && error.code() == ErrorCode::kAborted) {
    error.error = Unavailable(error.error.message());
  }
  // API servers say no more than "Unauthorized".
  if (error.http_status == 401) {
    const std::string why = WhyUnauthorized();
    if (!why.empty()) error.error.Wrap(why);
  }
  error.error.Wrap(request.method + " " + request.path);
  error.error.Wrap("cluster " + options.cluster);
  return error;
}

std::string Client::Impl::WhyUnauthorized() const {
  std::lock_guard lock(certificate_mutex);
  if (!certificate || SystemClock().Now() < certificate->not_after) return "";
  return "the client certificate (" + certificate->subject + ") expired at " +
         FormatTimestamp(certificate->not_after);
}

net::ClientRequest Client::Impl::MakeRequest(const Request& request,
                                             const CredentialPtr& credential) const {
  net::ClientRequest out;
  out.method = request.method;
  out.target = base_path + request.path;
  if (!request.query.empty()) out.target += "?" + net::EncodeQuery(request.query);
  out.headers = request.headers;
  for (const net::Header& field : impersonation) out.headers.Add(field.name, field.value);
  out.headers.Set("accept", request.accept);
  if (!request.content_type.empty()) out.headers.Set("content-type", request.content_type);
  if (!credential->token.empty()) {
    out.headers.Set("authorization", "Bearer " + credential->token.Reveal());
  }
  out.body = request.body;
  return out;
}

}  // namespace swell::kube
