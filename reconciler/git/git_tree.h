#pragma once
// One commit as a FileTree.

#include <map>
#include <mutex>
#include <string>

#include "reconciler/git/git.h"
#include "reconciler/git/handles.h"

namespace swell::git {

// A handle on the object database that several trees share; libgit2's handles want one thread
// at a time.
struct ObjectStore {
  RepositoryPtr repository;  // guarded by mutex
  // By tree id: whether a link lies below. Guarded by mutex.
  std::map<std::string, bool> holds_links;
  std::mutex mutex;
};

// `name` is for messages: "https://…/deploy.git@1a2b3c4".
Result<FileTreePtr> OpenTree(std::shared_ptr<ObjectStore> store, const std::string& commit,
                             std::string name, const Limits& limits);

}  // namespace swell::git
