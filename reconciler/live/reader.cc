#include "reconciler/live/reader.h"

#include <utility>

#include "reconciler/live/task_pool.h"

namespace swell::live {
namespace {

using Done = std::move_only_function<void(Result<Objects>)>;

// All members are used on the client's loop alone.
class Reader : public std::enable_shared_from_this<Reader> {
 public:
  Reader(kube::ConnectionPtr connection, std::vector<Wanted> wanted, ReadOptions options, Done done)
      : connection_(std::move(connection)),
        wanted_(std::move(wanted)),
        options_(options),
        done_(std::move(done)) {}

  void Start() {
    for (const Wanted& wanted : wanted_) {
      kinds_[{{wanted.id.group, wanted.id.kind}, wanted.version}].push_back(&wanted);
    }
    std::vector<TaskPool::Task> tasks;
    for (const auto& [kind, wanted] : kinds_) {
      tasks.push_back([this, self = shared_from_this(), &kind](TaskPool::Finished finished) {
        Resolve(kind.first, kind.second, std::move(finished));
      });
    }
    TaskPool::Run(std::move(tasks), options_.max_parallel,
                  [this, self = shared_from_this()] { ReadAll(); });
  }

 private:
  using Kind = std::pair<GroupKind, std::string>;

  void Resolve(const GroupKind& kind, const std::string& version, TaskPool::Finished finished) {
    if (error_) return finished();
    connection_->discovery->Resolve(
        kind, version,
        OnLoop<kube::ApiResource>(loop(), [this, self = shared_from_this(), kind, version,
                                           finished = std::move(finished)](auto result) mutable {
          if (result) {
            resources_.emplace(Kind(kind, version), *std::move(result));
          } else if (result.error().code() != ErrorCode::kNotFound) {
            KeepError(std::move(result).error());
          } else if (!version.empty()) {
            // The version may be retired and the kind still served.
            return ResolvePreferred(kind, version, std::move(finished));
          }
          finished();
        }));
  }

  void ResolvePreferred(const GroupKind& kind, const std::string& version,
                        TaskPool::Finished finished) {
    connection_->discovery->Resolve(
        kind, "",
        OnLoop<kube::ApiResource>(loop(), [this, self = shared_from_this(), kind, version,
                                           finished = std::move(finished)](auto result) mutable {
          if (result) {
            resources_.emplace(Kind(kind, version), *std::move(result));
          } else if (result.error().code() != ErrorCode::kNotFound) {
            KeepError(std::move(result).error());
          }
          finished();
        }));
  }

  void ReadAll() {
    if (error_) return Finish();
    pool_ = TaskPool::Make(options_.max_parallel, [this, self = shared_from_this()] { Finish(); });
    for (const auto& [kind, wanted] : kinds_) {
      const auto resource = resources_.find(kind);
      if (resource == resources_.end()) {
        for (const Wanted* object : wanted) objects_[object->id] = std::nullopt;
      } else {
        AddReads(resource->second, wanted);
      }
    }
    pool_->Pump();
  }

  void AddReads(const kube::ApiResource& resource, const std::vector<const Wanted*>& wanted) {
    std::map<std::string, std::vector<ObjectId>> by_namespace;
    for (const Wanted* object : wanted) by_namespace[object->id.ns].push_back(object->id);
    for (auto& [ns, ids] : by_namespace) {
      // Lists of cluster-scoped kinds hold everybody's (and CRDs are large).
      if (resource.namespaced && !ns.empty() && ids.size() >= options_.list_from) {
        AddList(resource, ns, std::move(ids));
      } else {
        for (ObjectId& id : ids) AddGet(resource, std::move(id));
      }
    }
  }

  void AddGet(const kube::ApiResource& resource, ObjectId id) {
    pool_->Add([this, self = shared_from_this(), &resource,
                id = std::move(id)](TaskPool::Finished finished) mutable {
      if (error_) return finished();
      const kube::ResourceRef ref = resource.Ref(id.ns, id.name);
      connection_->client->Get(
          ref,
          OnLoop<kube::Response>(loop(), [this, self, id = std::move(id),
                                          finished = std::move(finished)](auto result) mutable {
            if (result) {
              Keep(id, result->body);
            } else if (result.error().code() == ErrorCode::kNotFound &&
                       result.error().from_status) {
              objects_[id] = std::nullopt;
            } else {
              KeepError(std::move(result).error());
            }
            finished();
          }));
    });
  }

  void AddList(const kube::ApiResource& resource, const std::string& ns,
               std::vector<ObjectId> ids) {
    pool_->Add([this, self = shared_from_this(), &resource, ns,
                ids = std::move(ids)](TaskPool::Finished finished) mutable {
      if (error_) return finished();
      kube::ListOptions options;
      options.max_items = options_.max_listed;
      connection_->client->List(
          resource.Ref(ns, ""),
          OnLoop<kube::ListResult>(loop(),
                                   [this, self, &resource, ids = std::move(ids),
                                    finished = std::move(finished)](auto result) mutable {
                                     if (result) {
                                       KeepListed(ids, *result);
                                     } else if (result.error().code() ==
                                                ErrorCode::kResourceExhausted) {
                                       for (ObjectId& id : ids) AddGet(resource, std::move(id));
                                     } else {
                                       KeepError(std::move(result).error());
                                     }
                                     finished();
                                   }),
          options);
    });
  }

  void KeepListed(const std::vector<ObjectId>& ids, const kube::ListResult& list) {
    std::map<std::string_view, const Value*> by_name;
    for (const Value& item : list.items) by_name[item["metadata"]["name"].as_string()] = &item;
    for (const ObjectId& id : ids) {
      const auto found = by_name.find(id.name);
      if (found == by_name.end()) {
        objects_[id] = std::nullopt;
      } else {
        Keep(id, *found->second);
      }
    }
  }

  void Keep(const ObjectId& id, const Value& object) {
    objects_[id] = options_.managed_fields == ManagedFields::kStrip
                       ? object.WithoutAt({"metadata", "managedFields"})
                       : object;
  }

  void KeepError(Error error) {
    if (!error_) error_ = std::move(error).Wrap("read live objects");
  }

  void Finish() {
    pool_.reset();
    if (error_) {
      done_(Fail(*std::move(error_)));
    } else {
      done_(std::move(objects_));
    }
  }

  net::Loop& loop() { return connection_->client->loop(); }

  kube::ConnectionPtr connection_;
  std::vector<Wanted> wanted_;
  ReadOptions options_;
  Done done_;
  std::map<Kind, std::vector<const Wanted*>> kinds_;
  std::map<Kind, kube::ApiResource> resources_;  // kinds that are not served have none
  std::shared_ptr<TaskPool> pool_;
  Objects objects_;
  std::optional<Error> error_;
};

}  // namespace

void Read(kube::ConnectionPtr connection, std::vector<Wanted> wanted, Done done,
          ReadOptions options) {
  net::Loop& loop = connection->client->loop();
  auto reader =
      std::make_shared<Reader>(std::move(connection), std::move(wanted), options, std::move(done));
  loop.Post([reader = std::move(reader)] { reader->Start(); });
}

}  // namespace swell::live
