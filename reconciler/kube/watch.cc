// A watch that goes on over lost connections and the server's time limit.

#include <charconv>

#include "base/core/strings.h"
#include "base/net/shared_moment.h"
#include "base/value/json.h"
#include "reconciler/kube/client_impl.h"
#include "reconciler/kube/text.h"

namespace swell::kube {
namespace {

// Errors of a watch's start are this long at most.
constexpr std::size_t kMaxErrorBody = 64 * 1024;
// client-go's pauses for watches (facts/engine, C "Reading").
constexpr BackoffOptions kWatchBackoff{.initial = std::chrono::milliseconds(800),
                                       .max = std::chrono::seconds(30)};
// A watch that lasted less than this was no success.
constexpr std::chrono::seconds kShort{2};

// Where to go on from: never back, should the server repeat itself. Versions are numbers
// (KEP-5504); ones that are not are taken as they come.
bool IsOlder(std::string_view a, std::string_view b) {
  std::uint64_t x = 0, y = 0;
  const auto number = [](std::string_view text, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
  };
  return number(a, x) && number(b, y) && x < y;
}

}  // namespace

bool IsInitialEventsEnd(const WatchEvent& event) {
  return event.type == WatchEventType::kBookmark &&
         event.object["metadata"]["annotations"]["k8s.io/initial-events-end"].as_string() == "true";
}

// Of the loop's thread but for Cancel, Pause and Resume.
struct WatchCall final : Call::State, std::enable_shared_from_this<WatchCall> {
  WatchCall(std::shared_ptr<Client::Impl> c, const ResourceRef& r, WatchOptions o, WatchHandler h,
            WatchStart s)
      : client(c),
        loop(c->loop_ref),
        ref(r),
        options(std::move(o)),
        handler(std::move(h)),
        backoff(kWatchBackoff, c->options.random),
        version(options.resource_version),
        start(s),
        initial(start.initial_events),
        interrupted(start.tell_first_connect) {
    request.path = ref.Path();
    request.sensitive = ref.IsSecret();
  }

  void Cancel() override {
    loop.Post([self = shared_from_this()] { self->End(CancelledError()); });
  }
  void Pause() override {
    loop.Post([self = shared_from_this()] {
      self->paused = true;
      self->http_call.Pause();
    });
  }
  void Resume() override {
    loop.Post([self = shared_from_this()] {
      self->paused = false;
      self->last_data = Steady::now();
      self->http_call.Resume();
    });
  }

  void Connect() {
    const auto c = client.lock();
    if (!c || ended) return;
    c->credentials->Get([self = shared_from_this(), c](Result<CredentialPtr> credential) {
      if (self->ended) return;
      if (!credential) {
        return self->Interrupted(ApiError{.error = std::move(credential.error())}, c);
      }
      auto connection = c->HttpForWatch(*credential);
      if (!connection) return self->End(ApiError{.error = std::move(connection.error())});
      self->credential = *credential;
      self->Open(c, *connection);
    });
  }

  void Open(const std::shared_ptr<Client::Impl>& c, const WatchConnectionPtr& connection) {
    const double spread = 1.0 + 0.2 * c->options.random();
    const auto seconds =
        static_cast<long>(static_cast<double>(options.server_timeout.count()) / 1000.0 * spread);
    request.query = {{"watch", "true"},
                     {"allowWatchBookmarks", "true"},
                     {"timeoutSeconds", std::to_string(std::max(1L, seconds))}};
    if (initial) {
      request.query.emplace_back("sendInitialEvents", "true");
      request.query.emplace_back("resourceVersionMatch", "NotOlderThan");
    } else {
      request.query.emplace_back("resourceVersion", version);
    }
    if (options.form == ObjectForm::kMetadata) {
      request.accept =
          "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    }
    if (!options.label_selector.empty()) {
      request.query.emplace_back("labelSelector", options.label_selector);
    }
    if (!options.field_selector.empty()) {
      request.query.emplace_back("fieldSelector", options.field_selector);
    }
    net::ClientRequest wire = c->MakeRequest(request, credential);
    // Also where the server allows fewer streams than were counted on: then another connection is
    // next.
    wire.timeout = c->options.default_timeout;
    // The server ends the watch before that; a frozen one is found by PING.
    wire.idle_timeout = std::chrono::seconds(seconds + 30);
    line.clear();
    status = 0;
    bookmarked = false;
    pending_end.reset();
    opened = Steady::now();
    ++c->requests;
    const auto self = shared_from_this();
    ++connection->watches;
    http_call = connection->http->Stream(
        std::move(wire),
        {.on_headers = [self](int code, const net::Headers& h) { self->OnHead(code, h); },
         .on_data = [self](std::string_view data) { self->OnData(data); },
         .on_end =
             [self, connection](Status why) {
               --connection->watches;
               self->OnStreamEnd(std::move(why));
             }});
    if (paused) http_call.Pause();
  }

  void OnHead(int code, const net::Headers& h) {
    if (ended) return;
    status = code;
    headers = h;
    if (status != 200) return;
    last_data = Steady::now();
    CheckSilence();
    if (!initial) Connected();
  }

  void Connected() {
    if (std::exchange(interrupted, false) && handler.on_connected) handler.on_connected();
  }

  // What may pass without a word, or zero for any time.
  Duration AllowedSilence() const {
    if (initial) return start.initial_silence;
    return bookmarked ? options.bookmark_silence : Duration(0);
  }

  void CheckSilence() {
    const auto c = client.lock();
    if (!c || ended || pending_end || status != 200) return;
    const auto allowed = AllowedSilence();
    const auto silent = Steady::now() - last_data;
    if (allowed.count() > 0 && silent >= allowed && !paused) {
      const char* what = initial ? "the initial events did not end: nothing received for "
                                 : "the watch is dead: nothing, not even a bookmark, for ";
      return Stop(
          ApiError{.error = Error(ErrorCode::kDeadlineExceeded, what + FormatDuration(allowed))});
    }
    silence_timer.Cancel();
    const auto next = (initial ? start.initial_silence : options.bookmark_silence) / 3;
    silence_timer = c->loop.PostAfter(net::UntilSharedMoment(next),
                                      [self = shared_from_this()] { self->CheckSilence(); });
  }

  void OnData(std::string_view data) {
    if (ended || pending_end) return;
    last_data = Steady::now();
    if (status != 200) {
      line.append(data.substr(0, kMaxErrorBody - std::min(kMaxErrorBody, line.size())));
      return;
    }
    while (!data.empty() && !ended && !pending_end) {
      const auto end = data.find('\n');
      line += data.substr(0, end);
      if (line.size() > options.max_event_bytes) {
        return Stop(ApiError{.error = ResourceExhausted("a watch event is larger than " +
                                                        std::to_string(options.max_event_bytes) +
                                                        " bytes (max_event_bytes)")});
      }
      if (end == data.npos) return;
      data.remove_prefix(end + 1);
      OnLine();
      line.clear();
    }
  }

  void OnLine() {
    if (Trim(line).empty()) return;
    auto parsed = json::Parse(line);
    const Value object = parsed ? (*parsed)["object"] : Value();
    const std::string type = parsed ? (*parsed)["type"].str() : "";
    if (type == "ERROR") {
      return Stop(ErrorOfStatus(object, ref.IsSecret() ? Content::kSecret : Content::kPlain));
    }
    WatchEvent event{.type = WatchEventType::kBookmark, .object = object, .bytes = line.size()};
    if (type == "ADDED") {
      event.type = WatchEventType::kAdded;
    } else if (type == "MODIFIED") {
      event.type = WatchEventType::kModified;
    } else if (type == "DELETED") {
      event.type = WatchEventType::kDeleted;
    } else if (type != "BOOKMARK") {
      const std::string shown = ref.IsSecret() ? "" : ": " + Printable(line, 200);
      return Stop(ApiError{.error = Error(ErrorCode::kDataLoss, "not a watch event" + shown)});
    }
    if (!object.is_object()) {
      return Stop(ApiError{.error = Error(ErrorCode::kDataLoss, "a watch event has no object")});
    }
    const auto seen = object["metadata"]["resourceVersion"].as_string();
    if (!seen.empty() && !IsOlder(seen, version)) version = seen;
    bookmarked |= event.type == WatchEventType::kBookmark;
    if (initial && IsInitialEventsEnd(event)) {
      initial = false;
      handler.on_event(std::move(event));
      if (!ended) Connected();
      return;
    }
    handler.on_event(std::move(event));
  }

  // Ends the stream; OnStreamEnd decides what follows from `why`.
  void Stop(ApiError why) {
    pending_end = std::move(why);
    http_call.Cancel();
  }

  void OnStreamEnd(Status why) {
    const auto c = client.lock();
    silence_timer.Cancel();
    if (!c || ended) return;
    if (pending_end) return Interrupted(*std::exchange(pending_end, std::nullopt), c);
    if (why && status == 200) {
      // The server's time limit: goes on at once, unless it keeps happening.
      if (Steady::now() - opened >= kShort) backoff.Reset();
      if (!initial && backoff.attempts() == 0 && Steady::now() - opened >= kShort) return Connect();
      return Retry(c, ApiError{.error = Unavailable("the watch ended at once")});
    }
    if (why) {
      net::ClientResponse answer{.status = status, .headers = headers, .body = line};
      if (status == 401 && !refreshed && c->credentials->Reject(credential)) {
        refreshed = true;
        return Connect();
      }
      return Interrupted(ErrorOfAnswer(answer, ref.IsSecret() ? Content::kSecret : Content::kPlain),
                         c);
    }
    if (status == 200 && Steady::now() - opened >= kShort) backoff.Reset();
    Interrupted(ApiError{.error = Error(why.error().code(), why.error().message())}, c);
  }

  void Interrupted(ApiError error, const std::shared_ptr<Client::Impl>& c) {
    switch (error.code()) {
      case ErrorCode::kUnavailable:
      case ErrorCode::kAborted:
      case ErrorCode::kDeadlineExceeded:
        break;
      case ErrorCode::kResourceExhausted:
        if (error.http_status == 429) break;
        [[fallthrough]];
      default:
        return End(std::move(error));
    }
    Retry(c, std::move(error));
  }

  void Retry(const std::shared_ptr<Client::Impl>& c, ApiError error) {
    // What came so far is no state, and cannot be gone on from.
    if (initial) return End(std::move(error));
    Duration pause = backoff.Next();
    if (error.retry_after) {
      pause = std::max(pause, std::min(*error.retry_after, c->options.max_retry_after));
    }
    interrupted = true;
    ++c->retries;
    if (handler.on_interrupted) handler.on_interrupted(c->Describe(std::move(error), request));
    if (ended) return;
    refreshed = false;
    timer = c->loop.PostAfter(pause, [self = shared_from_this()] { self->Connect(); });
  }

  void End(ApiError error) {
    if (std::exchange(ended, true)) return;
    timer.Cancel();
    silence_timer.Cancel();
    http_call.Cancel();
    const auto c = client.lock();
    if (c) {
      error = c->Describe(std::move(error), request);
      c->watches.erase(shared_from_this());
    }
    // The handler may be what is running: it is let go on a later turn.
    loop.Post([self = shared_from_this(), error = std::move(error)]() mutable {
      auto on_end = std::move(self->handler.on_end);
      on_end(std::move(error));
      self->handler = {};
    });
  }

  const std::weak_ptr<Client::Impl> client;
  const net::Loop::Ref loop;
  const ResourceRef ref;
  const WatchOptions options;
  WatchHandler handler;
  Backoff backoff;
  std::string version;  // the last that was seen
  const WatchStart start;
  bool initial;  // the initial events are not complete yet
  Request request;
  CredentialPtr credential;
  net::ClientCall http_call;
  net::TimerHandle timer;
  Steady::time_point opened{};
  std::string line;  // of the event that is arriving, or an error's body
  int status = 0;
  net::Headers headers;
  std::optional<ApiError> pending_end;
  Steady::time_point last_data{};
  net::TimerHandle silence_timer;
  bool bookmarked = false;  // on this connection
  bool refreshed = false;
  bool interrupted;
  bool paused = false;
  bool ended = false;
};

Call StartWatch(const std::shared_ptr<Client::Impl>& client, const ResourceRef& ref,
                WatchOptions options, WatchHandler handler, WatchStart start) {
  auto watch =
      std::make_shared<WatchCall>(client, ref, std::move(options), std::move(handler), start);
  client->loop_ref.Post([client, watch] {
    client->watches.insert(watch);
    if (client->closed) return watch->End(ClosedError());
    if (!watch->initial && watch->options.resource_version.empty()) {
      return watch->End(ApiError{.error = InvalidArgument("a watch needs a resourceVersion")});
    }
    watch->Connect();
  });
  return Call(watch);
}

void CloseWatch(const WatchCallPtr& watch) { watch->End(ClosedError()); }

}  // namespace swell::kube
