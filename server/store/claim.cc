#include "server/store/claim.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>

namespace swell::store {
namespace {

std::string HostName() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

}  // namespace

Result<std::unique_ptr<Claim>> Claim::Take(Database& database, const std::string& path,
                                           Timestamp now) {
  TRY(database.Execute("BEGIN IMMEDIATE"));
  std::int64_t epoch = 1;
  const auto take = [&]() -> Status {
    {
      Statement owner = TRY(database.Prepare(kOwner));
      if (TRY(owner.Step())) epoch = owner.ColumnInt(0) + 1;
    }
    Statement put = TRY(database.Prepare("INSERT OR REPLACE INTO owner VALUES(1,?,?,?,?)"));
    return put.Int(1, epoch)
        .Text(2, HostName())
        .Int(3, ::getpid())
        .Text(4, FormatTimestamp(now))
        .Run();
  };
  Status done = take();
  if (done) done = database.Execute("COMMIT");
  if (!done) {
    (void)database.Execute("ROLLBACK");
    return Fail(std::move(done.error()).Wrap("claim the database"));
  }
  std::unique_ptr<Claim> claim(new Claim(path, epoch));
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    claim->device_ = info.st_dev;
    claim->inode_ = info.st_ino;
  }
  return claim;
}

Status Claim::CheckFile() const {
  struct stat info{};
  if (::stat(path_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_) {
    return {};
  }
  lost_ = true;
  return Fail(Error(ErrorCode::kAborted,
                    "the database " + path_ +
                        " was replaced or removed while this swelld had it open: this one writes "
                        "no more"));
}

Status Claim::Check(Statement& owner) const {
  TRY(CheckFile());
  const auto found = owner.Step();
  Status judged = found ? Status() : Fail(found.error());
  if (found && *found) judged = Judge(owner);
  owner.Reset();  // or the connection would go on seeing what it has seen
  if (!found || *found) return judged;
  lost_ = true;
  return Fail(Error(ErrorCode::kAborted,
                    "the database does not say any more who may write it: "
                    "this swelld writes no more"));
}

Status Claim::Judge(const Statement& owner) const {
  const bool mine = owner.ColumnInt(0) == epoch_;
  if (mine && !lost_) return {};
  if (mine) {
    return Fail(
        Error(ErrorCode::kAborted, "this swelld had lost this database before: it writes no more"));
  }
  lost_ = true;
  return Fail(Error(ErrorCode::kAborted, "another swelld (epoch " + owner.Column(0) + ", process " +
                                             owner.Column(2) + " on " + owner.Column(1) +
                                             ", since " + owner.Column(3) +
                                             ") has taken over this database: this one (epoch " +
                                             std::to_string(epoch_) + ") writes no more"));
}

}  // namespace swell::store
