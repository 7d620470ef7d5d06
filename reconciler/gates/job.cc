#include "reconciler/gates/job.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/core/strings.h"
#include "reconciler/domain/application.h"
#include "reconciler/gates/job_object.h"
#include "reconciler/gates/request.h"
#include "reconciler/health/explain.h"
#include "reconciler/live/task_pool.h"

namespace swell::gates {
namespace {

constexpr std::size_t kMaxPods = 500;
constexpr int kLogBytes = 2000;  // of the last line of a log

// One look at one cluster. Used on the client's loop alone.
class JobTask : public std::enable_shared_from_this<JobTask> {
 public:
  JobTask(kube::ConnectionPtr connection, JobRequest request)
      : connection_(std::move(connection)),
        request_(std::move(request)),
        ref_{.group = "batch",
             .version = "v1",
             .resource = "jobs",
             .ns = JobNamespace(request_),
             .name = JobName(request_)} {}

  void Evaluate(std::move_only_function<void(Answer)> done) {
    done_ = std::move(done);
    Get([](JobTask& self, kube::ApiResult<kube::Response> found) {
      if (found) return self.Look(std::move(found->body));
      // A kind that is not served is 404 as well, but says nothing of a Job.
      if (found.error().code() == ErrorCode::kNotFound && found.error().from_status) {
        return self.Create();
      }
      self.Finish(Verdict::kHold, found.error().ToString());
    });
  }

  void Delete(std::move_only_function<void(Status)> done) {
    deleted_ = std::move(done);
    Get([](JobTask& self, kube::ApiResult<kube::Response> found) {
      if (!found) {
        if (found.error().code() == ErrorCode::kNotFound) return self.deleted_({});
        return self.deleted_(Fail(std::move(found).error()));
      }
      if (OwnerOf(found->body, self.request_) == Whose::kOther) return self.deleted_({});
      self.DeleteFound(found->body,
                       [](JobTask& self, Status deleted) { self.deleted_(std::move(deleted)); });
    });
  }

 private:
  template <class T>
  using Then = std::move_only_function<void(JobTask&, T)>;

  kube::Client& client() { return *connection_->client; }

  template <class T>
  kube::Callback<T> OnLoop(Then<kube::ApiResult<T>> then) {
    return live::OnLoop<T>(
        client().loop(), [self = shared_from_this(), then = std::move(then)](auto result) mutable {
          then(*self, std::move(result));
        });
  }

  void Get(Then<kube::ApiResult<kube::Response>> then) {
    client().Get(ref_, OnLoop<kube::Response>(std::move(then)), {.timeout = request_.timeout});
  }

  std::string Name() const { return "job " + ref_.ns + "/" + ref_.name; }

  void Finish(Verdict verdict, std::string message) { done_({verdict, std::move(message)}); }

  void Create() {
    const auto job = MakeJob(request_);
    if (!job) return Finish(Verdict::kHold, job.error().ToString());
    kube::WriteOptions options;
    options.timeout = request_.timeout;
    options.field_manager = kFieldManager;
    client().Create(ref_, *job, OnLoop<kube::Response>([](JobTask& self, auto created) {
                      if (created) return self.Finish(Verdict::kHold, self.Name() + " is made");
                      // Somebody was faster, perhaps an answer of ours that was lost: whose it is
                      // the next look tells.
                      if (created.error().code() == ErrorCode::kAlreadyExists) {
                        return self.Finish(Verdict::kHold, self.Name() + " was made meanwhile");
                      }
                      self.Finish(Verdict::kHold, created.error().ToString());
                    }),
                    options);
  }

  void Look(Value job) {
    const Whose whose = OwnerOf(job, request_);
    if (whose == Whose::kOther) {
      return Finish(Verdict::kHold, Name() +
                                        " is there already and not this gate's: delete it, or give "
                                        "the gate another name");
    }
    if (!job["metadata"]["deletionTimestamp"].is_null()) {
      return Finish(Verdict::kHold, Name() + " of an earlier run is being deleted");
    }
    if (whose == Whose::kEarlier) {
      return DeleteFound(job, [](JobTask& self, Status deleted) {
        self.Finish(Verdict::kHold,
                    self.Name() + " was for another run of the gate and " +
                        (deleted ? "is deleted" : "is not deleted: " + deleted.error().ToString()));
      });
    }
    job_ = std::move(job);
    report_ = ReadJob(job_);
    if (report_.state == JobState::kSucceeded) {
      return Finish(Verdict::kPass, Name() + " " + report_.message);
    }
    ReadPods();
  }

  // Why it fails, or why it does not get on.
  void ReadPods() {
    kube::ListOptions options;
    options.timeout = request_.timeout;
    options.label_selector = "job-name=" + ref_.name;
    options.max_items = kMaxPods;
    client().List(
        {.group = "", .version = "v1", .resource = "pods", .ns = ref_.ns, .name = ""},
        OnLoop<kube::ListResult>([](JobTask& self, auto list) {
          // What cannot be read is left out: an explanation is no evidence.
          self.Explain(list ? PodsOf(self.job_, std::move(list->items)) : std::vector<Value>());
        }),
        options);
  }

  void Explain(const std::vector<Value>& pods) {
    const health::Trouble trouble = health::WorstPod(pods);
    std::string message = Name() + " " + report_.message;
    if (!trouble.text.empty()) message += "; " + Foreign(trouble.text);
    if (report_.state == JobState::kRunning) return Finish(Verdict::kHold, std::move(message));
    for (const Value& pod : pods) {
      const std::string container = FailedContainer(pod);
      const bool worst = trouble.uid.empty() || pod["metadata"]["uid"].as_string() == trouble.uid;
      if (worst && !container.empty()) {
        return ReadLog(pod["metadata"]["name"].str(), container, std::move(message));
      }
    }
    Finish(Verdict::kFail, std::move(message));
  }

  void ReadLog(const std::string& pod, const std::string& container, std::string message) {
    kube::Request request;
    request.path =
        kube::ResourceRef{
            .group = "", .version = "v1", .resource = "pods/log", .ns = ref_.ns, .name = pod}
            .Path();
    request.accept = "*/*";
    request.query = {
        {"container", container}, {"tailLines", "1"}, {"limitBytes", std::to_string(kLogBytes)}};
    request.json = false;
    request.timeout = request_.timeout;
    client().Do(std::move(request), OnLoop<kube::Response>([message = std::move(message)](
                                                               JobTask& self, auto log) mutable {
                  const std::string line = log ? Foreign(log->body.as_string()) : "";
                  if (!line.empty()) message += "; its log ends with: " + line;
                  self.Finish(Verdict::kFail, std::move(message));
                }));
  }

  void DeleteFound(const Value& job, Then<Status> then) {
    kube::DeleteOptions options;
    options.timeout = request_.timeout;
    options.uid = job["metadata"]["uid"].str();
    client().Delete(
        ref_, OnLoop<kube::Response>([then = std::move(then)](JobTask& self, auto deleted) mutable {
          if (deleted || deleted.error().code() == ErrorCode::kNotFound) {
            return then(self, {});
          }
          then(self, Fail(std::move(deleted).error()));
        }),
        options);
  }

  const kube::ConnectionPtr connection_;
  const JobRequest request_;
  const kube::ResourceRef ref_;
  std::move_only_function<void(Answer)> done_;
  std::move_only_function<void(Status)> deleted_;
  Value job_;
  JobReport report_;
};

}  // namespace

void EvaluateJob(kube::ConnectionPtr connection, JobRequest request,
                 std::move_only_function<void(Answer)> done) {
  net::Loop& loop = connection->client->loop();
  auto task = std::make_shared<JobTask>(std::move(connection), std::move(request));
  loop.Post([task = std::move(task), done = std::move(done)]() mutable {
    task->Evaluate(std::move(done));
  });
}

void DeleteJob(kube::ConnectionPtr connection, JobRequest request,
               std::move_only_function<void(Status)> done) {
  net::Loop& loop = connection->client->loop();
  auto task = std::make_shared<JobTask>(std::move(connection), std::move(request));
  loop.Post([task = std::move(task), done = std::move(done)]() mutable {
    task->Delete(std::move(done));
  });
}

}  // namespace swell::gates
