#pragma once
// A thin RAII skin over SQLite: errors as Results, statements as objects.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace swell::store {

enum class OpenMode { kReadWrite, kReadOnly };

class Statement;

// One connection. Not thread-safe: whoever shares it holds a mutex.
class Database {
 public:
  static Result<Database> Open(const std::string& path, OpenMode mode);
  Database(Database&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Database& operator=(Database&&) = delete;
  ~Database();

  // One or several statements without parameters.
  Status Execute(const std::string& sql);
  // `sql` is trusted text of ours.
  Result<Statement> Prepare(std::string_view sql);
  // Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t Changes() const;
  std::int64_t LastRow() const;  // the number of the row that was inserted last
  // Of a connection that must not write any more: closing it leaves the log as it is.
  void LeaveLogAlone();
  // Text of the last failure as an Error: a full disk is kResourceExhausted, other storage
  // faults kUnavailable, a malformed file kDataLoss.
  Error LastError(std::string_view doing) const;

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  sqlite3* db_;
};

// A prepared statement; parameters count from 1, columns from 0.
class Statement {
 public:
  Statement(Statement&& other) noexcept : database_(other.database_), stmt_(other.stmt_) {
    other.stmt_ = nullptr;
  }
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Text and blobs are copied. Bind calls chain.
  Statement& Text(int index, std::string_view text);
  Statement& Blob(int index, std::string_view bytes);
  Statement& Int(int index, std::int64_t n);

  // True while there is a row.
  Result<bool> Step();
  // Step for statements that return no row; resets, so that it can be bound again.
  Status Run();

  // As before the first Step; parameters stay.
  void Reset();

  std::string Column(int index) const;  // text or blob, copied
  std::int64_t ColumnInt(int index) const;

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* stmt) : database_(database), stmt_(stmt) {}
  Database* database_;
  sqlite3_stmt* stmt_;
};

}  // namespace swell::store
