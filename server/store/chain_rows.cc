#include "server/store/chain_rows.h"

#include <algorithm>

#include "base/core/encoding.h"

namespace swell::store {
namespace {

std::string_view Bytes(const Digest& d) {
  return {reinterpret_cast<const char*>(d.bytes().data()), Digest::kBytes};
}

const std::vector<ChainedTable>& Tables() {
  static const std::vector<ChainedTable> tables = {
      {kEventRow,
       1,
       "SELECT at, application, rollout, cluster, type, message, actor FROM events WHERE "
       "sequence=?1",
       "SELECT sequence AS k FROM events ORDER BY sequence",
       {"time", "application", "rollout", "cluster", "type", "message", "actor"}},
      {kResourceRow,
       2,
       "SELECT generation, body FROM resources WHERE kind=?1 AND name=?2",
       "SELECT kind || '/' || name AS k FROM resources",
       {"generation", "content"}},
      {kBlobRow,
       2,
       "SELECT sealed, checksum, content FROM blobs WHERE kind=(CASE ?1 WHEN 'manifest' THEN 0 "
       "ELSE 1 END) AND key=?2",
       "SELECT (CASE kind WHEN 0 THEN 'manifest' ELSE 'plan' END) || '/' || lower(hex(key)) AS k "
       "FROM blobs",
       {"form", "checksum", "content"}},
      {kRolloutRow,
       2,
       "SELECT active, phase, commit_id, created_at, body FROM rollouts WHERE application=?1 AND "
       "number=?2",
       "SELECT application || '/' || number AS k FROM rollouts WHERE active=0",
       {"state", "phase", "commit", "time", "content", "clusters"}},
      {kQuarantineRow,
       2,
       "SELECT rollout, reason, at FROM quarantine WHERE application=?1 AND commit_id=?2",
       "SELECT application || '/' || commit_id AS k FROM quarantine",
       {"rollout", "reason", "time"}},
      {kRecordRow,
       3,
       "SELECT at, sealed, content FROM records WHERE kind=?1 AND application=?2 AND key=?3",
       "SELECT kind || '/' || application || '/' || key AS k FROM records",
       {"time", "form", "content"}},
  };
  return tables;
}

constexpr char kRolloutClusters[] =
    "SELECT cluster, phase, body FROM rollout_clusters WHERE application=?1 AND number=?2 ORDER BY "
    "cluster";

std::vector<std::string_view> PartsOf(std::string_view key, std::size_t count) {
  std::vector<std::string_view> out;
  while (out.size() + 1 < count && key.find('/') != std::string_view::npos) {
    out.push_back(key.substr(0, key.find('/')));
    key.remove_prefix(key.find('/') + 1);
  }
  out.push_back(key);
  return out;
}

}  // namespace

Fingerprint& Fingerprint::Add(const Digest& column) {
  columns_.push_back(column);
  return *this;
}

std::string Fingerprint::Whole() const {
  Hasher hasher;
  for (const Digest& column : columns_) hasher.Add(column);
  return std::string(Bytes(hasher.Finish()));
}

std::string Fingerprint::Marks() const {
  std::string out;
  for (const Digest& column : columns_) out += Bytes(column).substr(0, kMarkBytes);
  return out;
}

std::span<const ChainedTable> ChainedTables() { return Tables(); }

const ChainedTable* FindTable(std::string_view kind) {
  const auto it = std::ranges::find(Tables(), kind, &ChainedTable::kind);
  return it == Tables().end() ? nullptr : &*it;
}

std::string NameOfRow(std::string_view kind, std::string_view key) {
  const ChainedTable* table = FindTable(kind);
  const auto parts = PartsOf(key, table ? table->parts : 1);
  if (!table || parts.size() < table->parts || kind == kEventRow) {
    return std::string(kind) + " " + std::string(key);
  }
  const std::string first(parts[0]), second(parts[1]);
  if (kind == kRolloutRow) return "rollout " + first + "-" + second;
  if (kind == kBlobRow) return first + " " + second.substr(0, 12);
  if (kind == kQuarantineRow) return "the quarantine of " + first + " at " + second.substr(0, 7);
  if (kind == kRecordRow) {
    return first + " " + std::string(parts[2]) + " of " + (second.empty() ? "the fleet" : second);
  }
  return first + " " + second;
}

Result<Statement*> RowReader::Bound(const char* sql, const ChainedTable& table,
                                    std::string_view key) {
  auto it = statements_.find(sql);
  if (it == statements_.end()) it = statements_.emplace(sql, TRY(database_.Prepare(sql))).first;
  Statement& statement = it->second;
  statement.Reset();
  const auto parts = PartsOf(key, table.parts);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int index = static_cast<int>(i) + 1;
    if (table.kind == kBlobRow && i == 1) {
      statement.Blob(index, HexDecode(parts[i]).value_or(std::string()));
    } else {
      statement.Text(index, parts[i]);
    }
  }
  return &statement;
}

Result<std::optional<Fingerprint>> RowReader::Read(const ChainedTable& table,
                                                   std::string_view key) {
  Statement* row = TRY(Bound(table.row, table, key));
  if (!TRY(row->Step())) return std::nullopt;
  const bool rollout = table.kind == kRolloutRow;
  const std::size_t own = table.columns.size() - (rollout ? 1 : 0);
  Fingerprint out;
  for (std::size_t i = 0; i < own; ++i) out.Add(row->Column(static_cast<int>(i)));
  row->Reset();
  if (rollout) {
    Statement* clusters = TRY(Bound(kRolloutClusters, table, key));
    Hasher hasher;
    while (TRY(clusters->Step())) {
      for (int i = 0; i < 3; ++i) hasher.Add(clusters->Column(i));
    }
    clusters->Reset();
    out.Add(hasher.Finish());
  }
  return out;
}

}  // namespace swell::store
