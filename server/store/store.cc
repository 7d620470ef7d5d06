#include "server/store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>

#include "server/store/claim.h"
#include "server/store/reader.h"
#include "server/store/schema.h"
#include "server/store/verify.h"
#include "server/store/writer.h"

namespace swell::store {
namespace {

// An exclusive lock on a file, held while this lives and given up by the kernel when the
// process dies, however it dies.
class FileLock {
 public:
  static Result<FileLock> Take(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return Fail(Unavailable("open " + path + ": " + std::strerror(errno)));
    FileLock lock(fd);
    char pid[32] = {};
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      const ssize_t n = ::pread(fd, pid, sizeof pid - 1, 0);
      return Fail(FailedPrecondition("another swelld (process " +
                                     std::string(pid, n > 0 ? static_cast<std::size_t>(n) : 0) +
                                     ") has this database open; " + path + " is its lock"));
    }
    const std::string mine = std::to_string(::getpid());
    // Only for the message above: a full disk must not keep the server from starting.
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, mine.data(), mine.size(), 0) < 0) errno = 0;
    return lock;
  }
  FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

class SqliteLedger final : public Ledger {
 public:
  struct Connections {
    Database write;
    Database read;
    Database claim;
  };
  SqliteLedger(const Options& options, FileLock lock, Sealer sealer, std::unique_ptr<Claim> claim,
               Connections connections)
      : path_(options.path),
        lock_(std::move(lock)),
        sealer_(std::move(sealer)),
        claim_(std::move(claim)),
        writer_(std::move(connections.write), sealer_, *claim_, options.kill),
        reader_(std::move(connections.read), sealer_),
        claim_database_(std::move(connections.claim)) {}

  Status Commit(std::vector<Mutation> mutations) override {
    const std::lock_guard hold(mutex_);
    return writer_.Commit(mutations);
  }
  Result<std::vector<Resource>> ListResources(std::string_view kind) const override {
    return reader_.Resources(kind, "");
  }
  Result<std::optional<Resource>> GetResource(std::string_view kind,
                                              std::string_view name) const override {
    auto found = TRY(reader_.Resources(kind, name));
    if (name.empty() || found.empty()) return std::nullopt;
    return std::move(found.front());
  }
  Result<std::string> GetBlob(BlobKind kind, const Digest& key) const override {
    return reader_.Blob(kind, key);
  }
  Result<bool> HasBlob(BlobKind kind, const Digest& key) const override {
    return reader_.HasBlob(kind, key);
  }
  Result<std::vector<RolloutState>> ListRollouts(std::string_view application, std::int64_t before,
                                                 int limit) const override {
    return reader_.Rollouts(application, 0, before, limit);
  }
  Result<std::optional<RolloutState>> GetRollout(std::string_view application,
                                                 std::int64_t number) const override {
    if (number <= 0) return std::nullopt;
    auto found = TRY(reader_.Rollouts(application, number, 0, 1));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }
  Result<std::vector<RolloutState>> ActiveRollouts() const override {
    return reader_.ActiveRollouts();
  }
  Result<std::vector<ApplicationState>> ListApplicationStates() const override {
    return reader_.ApplicationStates();
  }
  Result<std::vector<ClusterRecord>> ListClusterRecords(std::string_view app) const override {
    return reader_.ClusterRecords(app);
  }
  Result<std::vector<Quarantine>> ListQuarantine(std::string_view app) const override {
    return reader_.Quarantined(app);
  }
  Result<StableRecord> GetStableRecord(std::string_view application,
                                       std::string_view cluster) const override {
    return reader_.Stable(application, cluster);
  }
  Result<std::vector<LedgerRecord>> ListRecords(const RecordQuery& query) const override {
    return reader_.Records(query);
  }
  Result<std::vector<LedgerEvent>> ListEvents(std::string_view application, std::int64_t after,
                                              int limit) const override {
    return reader_.Events(application, after, limit);
  }
  // On a connection of its own: others do not wait for it.
  Result<VerifyReport> Verify(const VerifyRequest& request) const override {
    Database database = TRY(Database::Open(path_, OpenMode::kReadOnly));
    return store::Verify(database, request);
  }
  Status CheckOwner() const override {
    const std::lock_guard hold(claim_mutex_);
    if (!owner_) owner_.emplace(TRY(claim_database_.Prepare(Claim::kOwner)));
    return claim_->Check(*owner_);
  }

 private:
  const std::string path_;
  FileLock lock_;
  Sealer sealer_;
  const std::unique_ptr<Claim> claim_;
  std::mutex mutex_;
  Writer writer_;  // guarded by mutex_
  mutable Reader reader_;
  mutable std::mutex claim_mutex_;
  mutable Database claim_database_;  // guarded by claim_mutex_; who asks must not wait for readers
  mutable std::optional<Statement> owner_;  // on claim_database_, guarded by claim_mutex_
};

}  // namespace

Result<std::unique_ptr<Ledger>> Open(const Options& options) {
  const std::string doing = "open the ledger " + options.path;
  FileLock lock = TRY_WRAP(FileLock::Take(options.path + ".lock"), doing);
  Sealer sealer = TRY_WRAP(
      Sealer::Open(options.key_file.empty() ? options.path + ".key" : options.key_file), doing);
  // The file holds sealed secrets and history: nobody else's business.
  const mode_t mask = ::umask(0077);
  auto write = Database::Open(options.path, OpenMode::kReadWrite);
  ::umask(mask);
  if (!write) return Fail(std::move(write.error()).Wrap(doing));
  // WAL lets readers go on while the writer commits; FULL makes a commit survive power loss.
  TRY_WRAP(write->Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"), doing);
  TRY_WRAP(Migrate(*write), doing);
  const SystemClock clock;
  auto claim = TRY_WRAP(Claim::Take(*write, options.path, clock.Now()), doing);
  SqliteLedger::Connections connections{
      .write = std::move(*write),
      .read = TRY_WRAP(Database::Open(options.path, OpenMode::kReadOnly), doing),
      .claim = TRY_WRAP(Database::Open(options.path, OpenMode::kReadOnly), doing)};
  return std::make_unique<SqliteLedger>(options, std::move(lock), std::move(sealer),
                                        std::move(claim), std::move(connections));
}

Result<VerifyReport> VerifyFile(const std::string& path, const VerifyRequest& request) {
  const std::string doing = "verify the ledger " + path;
  Database database = TRY_WRAP(Database::Open(path, OpenMode::kReadOnly), doing);
  TRY_WRAP(CheckSchema(database), doing);
  return TRY_WRAP(Verify(database, request), doing);
}

}  // namespace swell::store
