#include "reconciler/kube/informer.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/telemetry/log.h"
#include "reconciler/kube/client_impl.h"

namespace swell::kube {
namespace {

// A watch that lasted this long was a success: the next reading begins with short pauses.
constexpr std::chrono::seconds kHealthy{60};

// What no waiting mends.
bool IsFinal(const ApiError& error) {
  switch (error.code()) {
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kNotFound:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnimplemented:
    case ErrorCode::kFailedPrecondition:
    case ErrorCode::kCancelled:
      return true;
    case ErrorCode::kResourceExhausted:
      return error.http_status != 429;
    default:
      return false;
  }
}

// Whether the server's word means that it does not do WatchList, rather than that it does not
// do anything (for us, now). client-go falls back on any error; a server that is down would
// then be asked for lists ever after.
bool RefusesWatchList(const ApiError& error) {
  switch (error.http_status) {
    case 0:
      // Asked for something unknown, a server may send events and never say that it is done.
      return error.code() == ErrorCode::kDeadlineExceeded;
    case 401:
    case 403:
    case 404:
    case 429:
    case 502:
    case 503:
    case 504:
      return false;
    default:
      return true;
  }
}

std::string KeyOf(const Value& object) {
  const Value& metadata = object["metadata"];
  return metadata["namespace"].str() + "/" + metadata["name"].str();
}

}  // namespace

// Of the loop's thread.
struct InformerState : std::enable_shared_from_this<InformerState> {
  InformerState(const std::shared_ptr<Client::Impl>& c, ResourceRef r, InformerOptions o,
                InformerHandler h)
      : client(c),
        loop(c->loop_ref),
        collection(std::move(r)),
        options(std::move(o)),
        handler(std::move(h)),
        backoff(options.backoff, c->options.random) {}

  // Reads everything.
  void Read() {
    const auto c = client.lock();
    if (!c || ended) return;
    version.clear();
    if (watch_list) return OpenWatch(c);
    ListOptions list;
    list.label_selector = options.label_selector;
    list.field_selector = options.field_selector;
    list.page_size = options.page_size;
    list.max_items = options.max_items;
    list.max_bytes = options.max_bytes;
    list.form = options.form;
    call = StartList(
        c, collection, std::move(list), [self = shared_from_this()](ApiResult<ListResult> result) {
          self->loop.Post(
              [self, result = std::move(result)]() mutable { self->OnListed(std::move(result)); });
        });
  }

  void OnListed(ApiResult<ListResult> result) {
    const auto c = client.lock();
    if (!c || ended) return;
    if (!result) return Failed(std::move(result.error()));
    version = result->resource_version;
    if (version.empty()) {
      return Failed(ApiError{
          .error = Error(ErrorCode::kDataLoss, "cluster " + c->options.cluster + ": list of " +
                                                   collection.ToString() +
                                                   ": the answer has no resourceVersion")});
    }
    handler.on_replace(std::move(result->items), version);
    if (!ended) OpenWatch(c);
  }

  // From `version`, or from nothing by WatchList.
  void OpenWatch(const std::shared_ptr<Client::Impl>& c) {
    WatchOptions watch;
    watch.label_selector = options.label_selector;
    watch.field_selector = options.field_selector;
    watch.resource_version = version;
    watch.max_event_bytes = options.max_event_bytes;
    watch.form = options.form;
    initial.reset();
    if (version.empty()) initial.emplace();
    // Of an earlier watch nothing may arrive any more.
    const std::uint64_t number = ++watch_number;
    const auto current = [self = shared_from_this(), number] {
      return !self->ended && self->watch_number == number;
    };
    const auto self = shared_from_this();
    call = StartWatch(c, collection, std::move(watch),
                      {.on_event =
                           [self, current](WatchEvent event) {
                             if (current()) self->OnEvent(std::move(event));
                           },
                       .on_end =
                           [self, current](ApiError error) {
                             if (current()) self->OnWatchEnd(std::move(error));
                           },
                       .on_interrupted =
                           [self, current](const ApiError& error) {
                             if (current()) self->Stale(error);
                           },
                       .on_connected =
                           [self, current] {
                             if (current()) self->OnConnected();
                           }},
                      {.initial_events = initial.has_value(),
                       .initial_silence = options.watch_list_silence,
                       .tell_first_connect = true});
  }

  void OnConnected() {
    connected_at = Steady::now();
    handler.on_current();
  }

  void OnEvent(WatchEvent event) {
    const Value& seen = event.object["metadata"]["resourceVersion"];
    if (!seen.as_string().empty()) version = seen.str();
    if (initial) return OnInitialEvent(std::move(event));
    if (event.type != WatchEventType::kBookmark) handler.on_event(std::move(event));
  }

  void OnInitialEvent(WatchEvent event) {
    if (IsInitialEventsEnd(event)) {
      std::vector<Value> items;
      items.reserve(initial->items.size());
      for (auto& [key, item] : initial->items) items.push_back(std::move(item.first));
      initial.reset();
      return handler.on_replace(std::move(items), version);
    }
    if (event.type == WatchEventType::kBookmark) return;
    const std::string key = KeyOf(event.object);
    if (const auto old = initial->items.find(key); old != initial->items.end()) {
      initial->bytes -= old->second.second;
      initial->items.erase(old);
    }
    if (event.type == WatchEventType::kDeleted) return;
    initial->bytes += event.bytes;
    initial->items.emplace(key, std::pair(std::move(event.object), event.bytes));
    if (initial->items.size() > options.max_items) {
      return TooMuch(std::to_string(options.max_items) + " objects (max_items)");
    }
    if (initial->bytes > options.max_bytes) {
      return TooMuch(std::to_string(options.max_bytes) + " bytes (max_bytes)");
    }
  }

  void TooMuch(const std::string& what) {
    const auto c = client.lock();
    End(ApiError{.error = ResourceExhausted((c ? "cluster " + c->options.cluster + ": " : "") +
                                            collection.ToString() + ": more than " + what)});
  }

  void OnWatchEnd(ApiError error) {
    if (initial && RefusesWatchList(error)) {
      watch_list = false;
      telemetry::LogDebug("no WatchList: lists are used",
                          {{"collection", collection.ToString()}, {"error", error.error}});
      return Read();
    }
    // A watch cannot say that one event is too large but by ending; a list may take it.
    const bool large_event =
        error.code() == ErrorCode::kResourceExhausted && error.http_status == 0 && !initial;
    if (error.code() == ErrorCode::kUnauthenticated && !initial && !version.empty()) {
      return Again(std::move(error), Next::kResume);
    }
    if (large_event) return Again(std::move(error), Next::kRead);
    Failed(std::move(error));
  }

  void Failed(ApiError error) {
    if (IsFinal(error)) return End(std::move(error));
    Again(std::move(error), Next::kRead);
  }

  enum class Next { kRead, kResume };
  void Again(ApiError error, Next next) {
    const auto c = client.lock();
    if (!c) return;
    initial.reset();
    if (connected_at && Steady::now() - *connected_at >= kHealthy) backoff.Reset();
    connected_at.reset();
    Duration pause = backoff.Next();
    if (error.retry_after) {
      pause = std::max(pause, std::min(*error.retry_after, c->options.max_retry_after));
    }
    Stale(error);
    if (ended) return;
    timer = c->loop.PostAfter(pause, [self = shared_from_this(), next] {
      const auto alive = self->client.lock();
      if (!alive || self->ended) return;
      if (next == Next::kRead) return self->Read();
      self->OpenWatch(alive);
    });
  }

  void Stale(const ApiError& error) { handler.on_stale(error); }

  void End(ApiError error) {
    if (std::exchange(ended, true)) return;
    timer.Cancel();
    call.Cancel();
    initial.reset();
    if (const auto c = client.lock()) c->informers.erase(shared_from_this());
    // The handler may be what is running: it is let go on a later turn.
    loop.Post([self = shared_from_this(), error = std::move(error)]() mutable {
      auto on_end = std::move(self->handler.on_end);
      on_end(std::move(error));
      self->handler = {};
    });
  }

  // The state while it arrives as events.
  struct Initial {
    std::map<std::string, std::pair<Value, std::size_t>> items;  // by key; with their bytes
    std::size_t bytes = 0;
  };

  const std::weak_ptr<Client::Impl> client;
  const net::Loop::Ref loop;
  const ResourceRef collection;
  const InformerOptions options;
  InformerHandler handler;
  Backoff backoff;
  bool watch_list = true;  // the server has it, as far as is known
  std::string version;     // the last that was seen
  std::optional<Initial> initial;
  std::optional<Steady::time_point> connected_at;
  std::uint64_t watch_number = 0;
  Call call;
  net::TimerHandle timer;
  bool ended = false;
};

void CloseInformer(const InformerPtr& informer) { informer->End(ClosedError()); }

Informer Informer::Start(Client& client, ResourceRef collection, InformerOptions options,
                         InformerHandler handler) {
  const auto impl = client.impl_;
  auto state = std::make_shared<InformerState>(impl, std::move(collection), std::move(options),
                                               std::move(handler));
  impl->loop_ref.Post([impl, state] {
    if (state->ended) return;
    if (impl->closed) return state->End(ClosedError());
    impl->informers.insert(state);
    state->Read();
  });
  return Informer(std::move(state));
}

Informer::~Informer() { Stop(); }

Informer& Informer::operator=(Informer&& other) noexcept {
  if (this != &other) {
    Stop();
    state_ = std::move(other.state_);
  }
  return *this;
}

void Informer::Stop() {
  if (!state_) return;
  if (state_->loop.InLoopThread()) return state_->End(CancelledError());
  state_->loop.Post([state = state_] { state->End(CancelledError()); });
}

}  // namespace swell::kube
