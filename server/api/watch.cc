// Watch: a rollout and its events, as they happen.

#include <deque>

#include "server/api/service.h"

namespace swell::api {

// One watch. The engine's listener queues; gRPC writes one message at a time. A client that
// reads slowly is sent the newest state instead of every step: steps are whole states, so
// nothing is lost by leaving some out.
class WatchReactor final : public grpc::ServerWriteReactor<v1::WatchResponse>, public Endable {
 public:
  static constexpr std::size_t kMaxEvents = 1000;

  WatchReactor(Service& service, const v1::WatchRequest& request)
      : service_(service), number_(request.number()), until_finished_(request.until_finished()) {}

  // Not in the constructor: the subscription may call back at once.
  void Begin(const std::string& application) {
    application_ = application;
    subscription_ = service_.engine_.Subscribe(
        application, [this](const control::Update& update) { OnUpdate(update); });
    auto now = service_.engine_.GetRollout(application_, number_);
    const std::lock_guard lock(mutex_);
    subscribed_ = true;
    if (now) {
      Queue(*now);
    } else if (now.error().code() != ErrorCode::kNotFound || number_ != 0) {
      EndLocked(ToStatus(now.error()));
    } else if (const auto known = service_.engine_.GetApplication(application_); !known) {
      EndLocked(ToStatus(known.error()));
    }
    Pump();
  }

  void End(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    EndLocked(status);
    Pump();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok) EndLocked(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"));
    Pump();
  }

  void OnCancel() override { End(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled")); }

  void OnDone() override {
    // Unsubscribe waits for the control loop: not on gRPC's thread.
    auto cleanup = [this] {
      service_.engine_.Unsubscribe(subscription_);
      service_.Remove(this);
      delete this;
    };
    if (!service_.executor_.Post(cleanup)) cleanup();
  }

 private:
  void OnUpdate(const control::Update& update) {
    const std::lock_guard lock(mutex_);
    if (update.rollout && (number_ == 0 || update.rollout->number == number_)) {
      Queue(*update.rollout);
    }
    if (update.event && events_.size() < kMaxEvents) {
      v1::WatchResponse response;
      Fill(*update.event, *response.mutable_event());
      events_.push_back(std::move(response));
    }
    Pump();
  }

  void Queue(const RolloutState& rollout) {
    state_.emplace();
    Fill(rollout, Clusters::kWith, *state_->mutable_rollout());
    if (until_finished_ && IsTerminal(rollout.phase)) EndLocked(grpc::Status::OK);
  }

  // What is queued is written first where the end is a good one.
  void EndLocked(const grpc::Status& status) {
    if (!end_) end_ = status;
    if (!status.ok()) {
      events_.clear();
      state_.reset();
    }
  }

  void Pump() {
    if (writing_ || finished_ || !subscribed_) return;
    if (!events_.empty()) {
      current_ = std::move(events_.front());
      events_.pop_front();
    } else if (state_) {
      current_ = std::move(*state_);
      state_.reset();
    } else if (end_) {
      finished_ = true;
      return Finish(*end_);
    } else {
      return;
    }
    writing_ = true;
    StartWrite(&current_);
  }

  Service& service_;
  std::string application_;
  const std::int64_t number_;
  const bool until_finished_;
  std::uint64_t subscription_ = 0;

  std::mutex mutex_;  // guards everything below
  bool subscribed_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> end_;
  std::deque<v1::WatchResponse> events_;
  std::optional<v1::WatchResponse> state_;
  v1::WatchResponse current_;
};

grpc::ServerWriteReactor<v1::WatchResponse>* Service::Watch(grpc::CallbackServerContext*,
                                                            const v1::WatchRequest* request) {
  auto* watch = new WatchReactor(*this, *request);  // deletes itself in OnDone
  if (!Add(watch)) {
    watch->Finish(TooManyStreams());
    return watch;
  }
  auto begin = [watch, application = request->application()] { watch->Begin(application); };
  if (const Status posted = executor_.Post(begin); !posted) {
    watch->Finish(ToStatus(posted.error()));
  }
  return watch;
}

bool Service::Add(Endable* stream) {
  const std::lock_guard lock(mutex_);
  if (streams_.size() >= max_streams_) return false;
  streams_.insert(stream);
  return true;
}

void Service::Remove(Endable* stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

grpc::Status Service::TooManyStreams() const {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED,
          "more than " + std::to_string(max_streams_) + " watches and logs at a time"};
}

void Service::EndStreams() {
  // Held throughout: a stream leaves the set, under this mutex, before it is deleted.
  const std::lock_guard lock(mutex_);
  for (Endable* stream : streams_) {
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is going down"));
  }
}

}  // namespace swell::api
