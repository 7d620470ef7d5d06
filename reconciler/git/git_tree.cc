#include "reconciler/git/git_tree.h"

#include <algorithm>
#include <optional>

#include "renderer/source/path.h"

namespace swell::git {
namespace {

constexpr int kMaxSymlinks = 40;  // as Linux
constexpr int kMaxDepth = 200;    // of folders that are looked through for links
constexpr std::size_t kMaxKnownFolders = 100'000;
constexpr std::size_t kMaxOpenFolders = 16;

class GitTree final : public FileTree {
 public:
  GitTree(std::shared_ptr<ObjectStore> store, git_oid root, std::string name, Limits limits)
      : store_(std::move(store)), root_(root), name_(std::move(name)), limits_(limits) {}

  Result<std::string> Read(std::string_view path) const override {
    const std::lock_guard lock(store_->mutex);
    const Entry entry = TRY(Find(path));
    if (entry.mode == GIT_FILEMODE_TREE) {
      return Fail(FailedPrecondition(std::string(path) + " is a directory"));
    }
    return ReadBlob(entry.id, path);
  }

  Result<FileEntry> Stat(std::string_view path) const override {
    const std::lock_guard lock(store_->mutex);
    FileEntry out = TRY(Describe(TRY(Find(path))));
    out.name = std::string(BaseName(path));
    return out;
  }

  Result<std::vector<FileEntry>> List(std::string_view path) const override {
    const std::lock_guard lock(store_->mutex);
    const Entry folder = TRY(Find(path));
    if (folder.mode != GIT_FILEMODE_TREE) {
      return Fail(FailedPrecondition(std::string(path) + " is not a directory"));
    }
    const auto tree = TRY(LookupTree(folder.id));
    std::vector<FileEntry> out;
    for (std::size_t i = 0; i < Git().tree_entrycount(tree.get()); ++i) {
      const git_tree_entry* item = Git().tree_entry_byindex(tree.get(), i);
      const std::string name = Git().tree_entry_name(item);
      auto entry = Find(JoinPath(path, name));
      // A link to nowhere is listed as a link: only whoever follows it has a problem.
      if (!entry) {
        out.push_back({.name = name, .kind = FileEntry::Kind::kSymlink});
        continue;
      }
      FileEntry described = TRY(Describe(*entry));
      described.name = name;
      out.push_back(std::move(described));
    }
    std::ranges::sort(out, {}, &FileEntry::name);
    return out;
  }

  std::string Describe() const override { return name_; }

  std::string ContentId(std::string_view path) const override {
    const std::lock_guard lock(store_->mutex);
    const auto entry = Find(path);
    if (!entry) return "";
    std::string id = Hex(entry->id);
    // What a link shows may change while the folder that holds the link does not.
    if (entry->mode == GIT_FILEMODE_TREE && HoldsLinks(entry->id, id, 0)) return "";
    return id;
  }

 private:
  struct Entry {
    git_oid id;
    git_filemode_t mode;
  };

  // Whether a symbolic link or submodule lies anywhere below. Holds the mutex.
  bool HoldsLinks(const git_oid& id, const std::string& hex, int depth) const {
    if (const auto known = store_->holds_links.find(hex); known != store_->holds_links.end()) {
      return known->second;
    }
    const auto tree = LookupTree(id);
    bool links = !tree || depth > kMaxDepth;
    for (std::size_t i = 0; !links && i < Git().tree_entrycount(tree->get()); ++i) {
      const git_tree_entry* item = Git().tree_entry_byindex(tree->get(), i);
      const git_filemode_t mode = Git().tree_entry_filemode(item);
      const git_oid& child = *Git().tree_entry_id(item);
      links = mode == GIT_FILEMODE_LINK || mode == GIT_FILEMODE_COMMIT ||
              (mode == GIT_FILEMODE_TREE && HoldsLinks(child, Hex(child), depth + 1));
    }
    // Forgotten ones are looked at again.
    if (store_->holds_links.size() >= kMaxKnownFolders) store_->holds_links.clear();
    store_->holds_links.emplace(hex, links);
    return links;
  }

  Result<std::shared_ptr<git_tree>> LookupTree(const git_oid& id) const {
    auto& folders = store_->folders;
    const auto known = std::ranges::find_if(
        folders, [&](const auto& folder) { return Git().oid_equal(&folder.first, &id) != 0; });
    if (known != folders.end()) {
      folders.splice(folders.begin(), folders, known);
      return known->second;
    }
    git_tree* raw = nullptr;
    if (Git().tree_lookup(&raw, store_->repository.get(), &id) != 0) {
      return Fail(GitError(ErrorCode::kDataLoss, "read a folder of " + name_));
    }
    std::shared_ptr<git_tree> tree = TreePtr(raw);
    folders.emplace_front(id, tree);
    if (folders.size() > kMaxOpenFolders) folders.pop_back();
    return tree;
  }

  Result<std::string> ReadBlob(const git_oid& id, std::string_view path) const {
    git_blob* raw = nullptr;
    if (Git().blob_lookup(&raw, store_->repository.get(), &id) != 0) {
      return Fail(GitError(ErrorCode::kDataLoss, "read " + std::string(path) + " of " + name_));
    }
    const BlobPtr blob(raw);
    const auto size = static_cast<std::uint64_t>(Git().blob_rawsize(blob.get()));
    if (size > limits_.max_file_bytes) {
      return Fail(ResourceExhausted(std::string(path) + " has " + std::to_string(size) +
                                    " bytes, more than the limit of " +
                                    std::to_string(limits_.max_file_bytes) + " for one file"));
    }
    return std::string(static_cast<const char*>(Git().blob_rawcontent(blob.get())),
                       static_cast<std::size_t>(size));
  }

  Result<FileEntry> Describe(const Entry& entry) const {
    FileEntry out;
    if (entry.mode == GIT_FILEMODE_TREE) {
      out.kind = FileEntry::Kind::kDirectory;
      return out;
    }
    out.executable = entry.mode == GIT_FILEMODE_BLOB_EXECUTABLE;
    git_odb* raw = nullptr;
    if (Git().repository_odb(&raw, store_->repository.get()) != 0) {
      return Fail(GitError(ErrorCode::kDataLoss, "read " + name_));
    }
    const std::unique_ptr<git_odb, Freer<&Library::odb_free>> odb(raw);
    std::size_t size = 0;
    git_object_t type{};
    if (Git().odb_read_header(&size, &type, odb.get(), &entry.id) != 0) {
      return Fail(GitError(ErrorCode::kDataLoss, "read " + name_));
    }
    out.size = size;
    return out;
  }

  // Walks the path and follows links as long as they stay inside. Holds the mutex.
  Result<Entry> Find(std::string_view path) const {
    std::string left = TRY(CleanPath(path));
    std::string done;
    Entry at{root_, GIT_FILEMODE_TREE};
    int links = 0;
    while (!left.empty()) {
      const std::size_t slash = left.find('/');
      const std::string name = left.substr(0, slash);
      left = slash == std::string::npos ? "" : left.substr(slash + 1);
      const std::optional<Entry> next = TRY(Child(at, name));
      if (!next) {
        return Fail(NotFound(std::string(path) + " does not exist in " + name_));
      }
      if (next->mode == GIT_FILEMODE_COMMIT) {
        return Fail(Unimplemented(std::string(path) + ": " + JoinPath(done, name) +
                                  " is a Git submodule; submodules are not supported yet"));
      }
      if (next->mode != GIT_FILEMODE_LINK) {
        at = *next;
        done = JoinPath(done, name);
        continue;
      }
      if (++links > kMaxSymlinks) {
        return Fail(InvalidArgument(std::string(path) + ": too many symbolic links"));
      }
      const std::string target = TRY(ReadBlob(next->id, JoinPath(done, name)));
      std::string resolved =
          TRY_WRAP(ResolvePath(done, target), "follow the symbolic link " + JoinPath(done, name));
      left = left.empty() ? resolved : JoinPath(resolved, left);
      at = Entry{root_, GIT_FILEMODE_TREE};
      done.clear();
    }
    return at;
  }

  Result<std::optional<Entry>> Child(const Entry& folder, const std::string& name) const {
    if (folder.mode != GIT_FILEMODE_TREE) return std::nullopt;
    const auto tree = TRY(LookupTree(folder.id));
    const git_tree_entry* item = Git().tree_entry_byname(tree.get(), name.c_str());
    if (!item) return std::nullopt;
    return Entry{*Git().tree_entry_id(item), Git().tree_entry_filemode(item)};
  }

  std::shared_ptr<ObjectStore> store_;
  const git_oid root_;
  const std::string name_;
  const Limits limits_;
};

}  // namespace

Result<FileTreePtr> OpenTree(std::shared_ptr<ObjectStore> store, const std::string& commit,
                             std::string name, const Limits& limits) {
  git_oid root;
  {
    const std::lock_guard lock(store->mutex);
    git_oid id;
    git_commit* raw = nullptr;
    if (Git().oid_fromstr(&id, commit.c_str()) != 0 ||
        Git().commit_lookup(&raw, store->repository.get(), &id) != 0) {
      return Fail(GitError(ErrorCode::kNotFound, "open commit " + commit + " of " + name));
    }
    const CommitPtr owned(raw);
    root = *Git().commit_tree_id(raw);
  }
  return std::make_shared<GitTree>(std::move(store), root, std::move(name), limits);
}

}  // namespace swell::git
