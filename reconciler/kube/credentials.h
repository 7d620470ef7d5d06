#pragma once
// Where a client's credentials come from: fixed, files, or a plugin. For reconciler/kube's own
// sources; of the loop's thread.

#include <functional>
#include <memory>
#include <vector>

#include "base/net/loop.h"
#include "base/runtime/executor.h"
#include "reconciler/kube/exec_plugin.h"

namespace swell::kube {

using CredentialPtr = std::shared_ptr<const Credential>;

class CredentialSource : public std::enable_shared_from_this<CredentialSource> {
 public:
  using Done = std::move_only_function<void(Result<CredentialPtr>)>;

  CredentialSource(net::Loop& loop, Executor* executor, const ClusterAccess& access);

  // The current credential; read first where there is none, or it has expired or was rejected.
  // Files are looked at again, meanwhile, where that was long ago. `done` is called on the loop,
  // perhaps in place. Calls that come while one is being read share it.
  void Get(Done done);
  // The server did not accept it: the next Get reads anew. False where there is nothing to
  // read anew.
  bool Reject(const CredentialPtr& credential);

 private:
  Result<Credential> Load(const CredentialPtr& last) const;  // on any thread; blocks
  // The client's certificate and the CA from their files. A pair that does not fit is half
  // replaced: `last` serves until it does.
  Status LoadFiles(const CredentialPtr& last, Credential& out) const;
  bool changes() const;  // something can be read anew
  bool Usable() const;
  bool Old() const;
  void StartLoading();
  void OnLoaded(Result<Credential> loaded);

  net::Loop::Ref loop_;
  Executor* executor_;
  const ClusterAccess access_;
  CredentialPtr current_;  // what is used
  CredentialPtr last_;     // what was read last, also if it is not used any more
  std::chrono::steady_clock::time_point loaded_at_{};
  bool loading_ = false;
  std::vector<Done> waiting_;
};

}  // namespace swell::kube
