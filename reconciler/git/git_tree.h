#pragma once
// One commit as a FileTree.

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "reconciler/git/git.h"
#include "reconciler/git/handles.h"

namespace swell::git {

// A handle on the object database that several trees share; libgit2's handles want one thread
// at a time.
struct ObjectStore {
  std::mutex mutex;  // guards what follows
  RepositoryPtr repository;
  // By tree id: whether a link lies below.
  std::map<std::string, bool> holds_links;
  // Folders that were looked into last, the newest first: libgit2 inflates a folder of more than
  // 4 KiB for each file in it that is asked for.
  std::list<std::pair<git_oid, std::shared_ptr<git_tree>>> folders;
};

// `name` is for messages: "https://…/deploy.git@1a2b3c4".
Result<FileTreePtr> OpenTree(std::shared_ptr<ObjectStore> store, const std::string& commit,
                             std::string name, const Limits& limits);

}  // namespace swell::git
