#include "reconciler/git/git.h"
#include "reconciler/git/git_tree.h"
#include "reconciler/git/handles.h"

namespace swell::git {

Result<FileTreePtr> OpenLocal(const std::string& folder, const std::string& ref,
                              const Limits& limits) {
  TRY(InitLibrary());
  git_repository* raw = nullptr;
  if (Git().repository_open_ext(&raw, folder.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr) !=
      0) {
    return Fail(GitError(ErrorCode::kNotFound, "open the repository " + folder));
  }
  auto store = std::make_shared<ObjectStore>();
  store->repository.reset(raw);
  // Names as `git fetch` takes them; what rev-parse knows beyond is no ref.
  const std::string name = ref.empty() ? "HEAD" : ref;
  git_object* found = nullptr;
  if (name.find_first_of("^~:@{ \\*?[") != name.npos ||
      Git().revparse_single(&found, raw, name.c_str()) != 0) {
    return Fail(NotFound("couldn't find remote ref " + name + " in the repository " + folder));
  }
  const ObjectPtr object(found);
  git_object* peeled = nullptr;
  if (Git().object_peel(&peeled, found, GIT_OBJECT_COMMIT) != 0) {
    return Fail(GitError(ErrorCode::kInvalidArgument, name + " of the repository " + folder));
  }
  const ObjectPtr commit(peeled);
  const std::string id = Hex(*Git().object_id(peeled));
  return OpenTree(std::move(store), id, folder + "@" + id.substr(0, 7), limits);
}

}  // namespace swell::git
