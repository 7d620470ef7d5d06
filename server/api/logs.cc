// Logs: lines of containers, as they are written.

#include <google/protobuf/util/time_util.h>

#include "server/api/service.h"

namespace swell::api {
namespace {

using google::protobuf::util::TimeUtil;

void FillLine(live::LogRecord from, v1::LogLine& to) {
  to.set_cluster(std::move(from.cluster));
  to.set_namespace_(std::move(from.ns));
  to.set_pod(std::move(from.pod));
  to.set_container(std::move(from.container));
  if (from.line.nanos != 0) {
    *to.mutable_time() = TimeUtil::NanosecondsToTimestamp(from.line.nanos);
  }
  to.set_text(std::move(from.line.text));
  to.set_left_out(from.line.left_out);
  to.set_note(std::move(from.note));
}

}  // namespace

// One call. Lines are fetched from the session only when the message before has been written, so
// a client that reads slowly slows the containers' streams down.
class LogsReactor final : public grpc::ServerWriteReactor<v1::LogsResponse>, public Endable {
 public:
  explicit LogsReactor(Service& service) : service_(service) { state_->reactor = this; }

  // Not in the constructor: lines may come at once.
  void Begin(const v1::LogsRequest& request) {
    control::LogsRequest logs{.application = request.application(),
                              .cluster = request.cluster(),
                              .object = request.object(),
                              .pod = request.pod(),
                              .container = request.container(),
                              .follow = request.follow(),
                              .since = Duration(TimeUtil::DurationToMilliseconds(request.since())),
                              .previous = request.previous()};
    if (request.has_since_time()) {
      logs.since_time =
          Timestamp(Duration(TimeUtil::TimestampToMilliseconds(request.since_time())));
    }
    if (request.tail() != 0) logs.tail = std::max<std::int64_t>(0, request.tail());
    auto session = service_.engine_.Logs(logs);
    if (session) {
      session_ = std::move(*session);
      Next();
    } else {
      End(ToStatus(session.error()));
    }
    Begun();
  }
  // The call may end from here on.
  void Begun() {
    {
      const std::lock_guard lock(mutex_);
      begun_ = true;
    }
    FinishIfDue();
  }

  void End(const grpc::Status& status) override {
    {
      const std::lock_guard lock(mutex_);
      if (!end_) end_ = status;
    }
    FinishIfDue();
  }

  void OnWriteDone(bool ok) override {
    bool goes_on = ok;
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      if (end_) goes_on = false;
      if (!ok && !end_) end_ = grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone");
    }
    if (goes_on) Next();
    FinishIfDue();
  }

  void OnCancel() override { End({grpc::StatusCode::CANCELLED, "cancelled"}); }

  void OnDone() override {
    service_.Remove(this);
    {
      // A read that is under way finds nobody any more.
      const std::lock_guard lock(state_->mutex);
      state_->reactor = nullptr;
    }
    delete this;
  }

 private:
  // What lines that come late find of the call.
  struct State {
    std::mutex mutex;
    LogsReactor* reactor = nullptr;
  };

  void Next() {
    session_->Read([state = state_](Result<std::vector<live::LogRecord>> records) {
      const std::lock_guard lock(state->mutex);
      if (state->reactor) state->reactor->OnRecords(std::move(records));
    });
  }

  void OnRecords(Result<std::vector<live::LogRecord>> records) {
    if (!records) return End(ToStatus(records.error()));
    if (records->empty()) return End(grpc::Status::OK);
    {
      const std::lock_guard lock(mutex_);
      if (end_) return;
      writing_ = true;
    }
    response_.Clear();
    for (live::LogRecord& record : *records) FillLine(std::move(record), *response_.add_lines());
    StartWrite(&response_);
  }

  // Once, when nothing is under way. OnDone may follow at once, on another thread.
  void FinishIfDue() {
    grpc::Status status;
    {
      const std::lock_guard lock(mutex_);
      if (!end_ || !begun_ || writing_ || finished_) return;
      finished_ = true;
      status = *end_;
    }
    Finish(status);
  }

  Service& service_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::unique_ptr<control::LogSession> session_;  // from Begin on
  v1::LogsResponse response_;

  std::mutex mutex_;  // guards everything below
  bool begun_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> end_;
};

grpc::ServerWriteReactor<v1::LogsResponse>* Service::Logs(grpc::CallbackServerContext*,
                                                          const v1::LogsRequest* request) {
  auto* logs = new LogsReactor(*this);  // deletes itself in OnDone
  if (!Add(logs)) {
    logs->Begun();
    logs->End(TooManyStreams());
    return logs;
  }
  auto begin = [logs, request = *request] { logs->Begin(request); };
  if (const Status posted = executor_.Post(begin); !posted) {
    logs->Begun();
    logs->End(ToStatus(posted.error()));
  }
  return logs;
}

}  // namespace swell::api
