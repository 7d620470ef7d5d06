#include "reconciler/live/lookup.h"

#include <optional>
#include <utility>

#include "base/value/json.h"
#include "reconciler/live/task_pool.h"

namespace swell::live {
namespace {

using Done = std::move_only_function<void(Result<LookupSnapshot>)>;

// All members are used on the client's loop alone.
class Lookups : public std::enable_shared_from_this<Lookups> {
 public:
  Lookups(kube::ConnectionPtr connection, std::vector<LookupKey> keys, LookupOptions options,
          Done done)
      : connection_(std::move(connection)),
        keys_(std::move(keys)),
        options_(options),
        done_(std::move(done)) {}

  void Start() {
    std::vector<TaskPool::Task> tasks;
    for (const LookupKey& key : keys_) {
      tasks.push_back([this, self = shared_from_this(), &key](TaskPool::Finished finished) {
        Resolve(key, std::move(finished));
      });
    }
    TaskPool::Run(std::move(tasks), options_.max_parallel,
                  [this, self = shared_from_this()] { Finish(); });
  }

 private:
  void Resolve(const LookupKey& key, TaskPool::Finished finished) {
    if (error_) return finished();
    const GroupVersionKind gvk = ParseGroupVersionKind(key.api_version, key.kind);
    if (gvk.version.empty() || gvk.kind.empty()) {
      answers_[key] = Value();
      return finished();
    }
    connection_->discovery->Resolve(
        gvk.group_kind(), gvk.version,
        OnLoop<kube::ApiResource>(loop(), [this, self = shared_from_this(), &key,
                                           finished = std::move(finished)](auto result) mutable {
          if (!result) {
            if (result.error().code() == ErrorCode::kNotFound) {
              answers_[key] = Value();
            } else {
              KeepError(key, "get", std::move(result).error());
            }
            return finished();
          }
          if (key.name.empty()) return List(key, *result, std::move(finished));
          Get(key, *result, std::move(finished));
        }));
  }

  void Get(const LookupKey& key, const kube::ApiResource& resource, TaskPool::Finished finished) {
    connection_->client->Get(
        resource.Ref(key.ns, key.name),
        OnLoop<kube::Response>(loop(), [this, self = shared_from_this(), &key,
                                        finished = std::move(finished)](auto result) mutable {
          if (result) {
            Keep(key, result->body.WithoutAt({"metadata", "managedFields"}));
          } else {
            KeepFailure(key, "get", std::move(result).error());
          }
          finished();
        }));
  }

  void List(const LookupKey& key, const kube::ApiResource& resource, TaskPool::Finished finished) {
    kube::ListOptions options;
    options.max_items = options_.max_listed;
    connection_->client->List(
        resource.Ref(key.ns, ""),
        OnLoop<kube::ListResult>(loop(),
                                 [this, self = shared_from_this(), &key,
                                  finished = std::move(finished)](auto result) mutable {
                                   if (result) {
                                     Keep(key, AsList(key, *result));
                                   } else {
                                     KeepFailure(key, "list", std::move(result).error());
                                   }
                                   finished();
                                 }),
        options);
  }

  // Without the list's resourceVersion, which differs in every answer.
  static Value AsList(const LookupKey& key, const kube::ListResult& list) {
    std::vector<Value> items;
    items.reserve(list.items.size());
    for (const Value& item : list.items) {
      items.push_back(item.WithoutAt({"metadata", "managedFields"}));
    }
    return Value::Object({{"apiVersion", Value(key.api_version)},
                          {"kind", Value(key.kind + "List")},
                          {"items", Value::Array(std::move(items))}});
  }

  void Keep(const LookupKey& key, Value answer) {
    bytes_ += json::Write(answer).size();
    if (bytes_ > options_.max_bytes) {
      return KeepError(
          key, "get",
          ResourceExhausted("the chart looks up more than " + std::to_string(options_.max_bytes) +
                            " bytes in all (budget lookup bytes)"));
    }
    answers_[key] = std::move(answer);
  }

  // Absence is an answer where the API server states it; everything else is none.
  void KeepFailure(const LookupKey& key, const std::string& verb, kube::ApiError error) {
    if (error.code() == ErrorCode::kNotFound && error.from_status) {
      answers_[key] = Value();
    } else {
      KeepError(key, verb, std::move(error));
    }
  }

  void KeepError(const LookupKey& key, const std::string& verb, Error error) {
    if (error_) return;
    error_ = std::move(error).Wrap("look up " + key.ToString());
    if (error_->code() != ErrorCode::kPermissionDenied) return;
    error_ = Error(error_->code(), error_->ToString() +
                                       "; lookup reads with the credentials of the cluster: allow "
                                       "them to " +
                                       verb + " " + key.kind +
                                       (key.ns.empty() ? "" : " in namespace " + key.ns) +
                                       ", or set spec.source.helm.lookup: false");
  }

  void Finish() {
    if (error_) return done_(Fail(*std::move(error_)));
    done_(std::move(answers_));
  }

  net::Loop& loop() { return connection_->client->loop(); }

  kube::ConnectionPtr connection_;
  const std::vector<LookupKey> keys_;
  const LookupOptions options_;
  Done done_;
  LookupSnapshot answers_;
  std::size_t bytes_ = 0;
  std::optional<Error> error_;
};

}  // namespace

void LookUp(kube::ConnectionPtr connection, std::vector<LookupKey> keys, Done done,
            LookupOptions options) {
  net::Loop& loop = connection->client->loop();
  auto lookups =
      std::make_shared<Lookups>(std::move(connection), std::move(keys), options, std::move(done));
  loop.Post([lookups = std::move(lookups)] { lookups->Start(); });
}

}  // namespace swell::live
