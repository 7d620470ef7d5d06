#include "server/store/sqlite.h"

#include <sqlite3.h>

namespace swell::store {

Result<Database> Database::Open(const std::string& path, OpenMode mode) {
  sqlite3* db = nullptr;
  const int flags = mode == OpenMode::kReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                 : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(db);
  if (code != SQLITE_OK) return Fail(database.LastError("open the database " + path));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, 5000);
  return database;
}

Database::~Database() { sqlite3_close(db_); }

Status Database::Execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Fail(LastError("run " + sql.substr(0, 40)));
  }
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* stmt = nullptr;
  if (sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &stmt, nullptr) !=
      SQLITE_OK) {
    return Fail(LastError("prepare a statement"));
  }
  return Statement(this, stmt);
}

std::int64_t Database::Changes() const { return sqlite3_changes64(db_); }

std::int64_t Database::LastRow() const { return sqlite3_last_insert_rowid(db_); }

void Database::LeaveLogAlone() {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Error Database::LastError(std::string_view doing) const {
  // The primary code: extended ones only tell which call failed.
  const int code = db_ ? sqlite3_errcode(db_) & 0xff : SQLITE_NOMEM;
  const std::string text = db_ ? sqlite3_errmsg(db_) : "out of memory";
  const bool full = code == SQLITE_FULL;
  ErrorCode kind = ErrorCode::kUnavailable;
  if (full) kind = ErrorCode::kResourceExhausted;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) kind = ErrorCode::kDataLoss;
  return Error(kind, full ? text + ": free space where the database lies" : text)
      .Wrap(std::string(doing));
}

Statement::~Statement() { sqlite3_finalize(stmt_); }

Statement& Statement::Text(int index, std::string_view text) {
  sqlite3_bind_text64(stmt_, index, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::Blob(int index, std::string_view bytes) {
  sqlite3_bind_blob64(stmt_, index, bytes.data() ? bytes.data() : "", bytes.size(),
                      SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::Int(int index, std::int64_t n) {
  sqlite3_bind_int64(stmt_, index, n);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = database_->LastError("use the database");
  sqlite3_reset(stmt_);
  return Fail(std::move(error));
}

Status Statement::Run() {
  const auto row = Step();
  if (!row) return Fail(row.error());
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
  return {};
}

void Statement::Reset() { sqlite3_reset(stmt_); }

std::string Statement::Column(int index) const {
  const void* bytes = sqlite3_column_blob(stmt_, index);
  const int size = sqlite3_column_bytes(stmt_, index);
  return bytes ? std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size)) : "";
}

std::int64_t Statement::ColumnInt(int index) const { return sqlite3_column_int64(stmt_, index); }

}  // namespace swell::store
