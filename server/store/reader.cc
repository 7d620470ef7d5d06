#include "server/store/reader.h"

#include "base/value/config.h"
#include "base/value/json.h"
#include "server/store/records.h"

namespace swell::store {
namespace {

std::string_view Bytes(const Digest& d) {
  return {reinterpret_cast<const char*>(d.bytes().data()), Digest::kBytes};
}

void SetGeneration(Resource& resource, std::int64_t generation) {
  std::visit([generation](auto& r) { r.generation = generation; }, resource);
}

// Every row of a statement through `read`.
template <class T, class Read>
Result<std::vector<T>> Rows(Statement& statement, const Read& read) {
  std::vector<T> out;
  while (TRY(statement.Step())) out.push_back(TRY(read(statement)));
  return out;
}

}  // namespace

Result<std::vector<Resource>> Reader::Resources(std::string_view kind, std::string_view name) {
  const std::lock_guard lock(mutex_);
  Statement s =
      TRY(database_.Prepare("SELECT name, generation, body FROM resources WHERE kind=?1 AND (?2='' "
                            "OR name=?2) ORDER BY name"));
  s.Text(1, kind).Text(2, name);
  return Rows<Resource>(s, [&](Statement& row) -> Result<Resource> {
    const std::string row_id = std::string(kind) + "/" + row.Column(0);
    const std::string body = TRY_WRAP(sealer_.Unseal(row.Column(2), row_id), "read " + row_id);
    config::Document document;
    document.value = TRY_WRAP(json::Parse(body), "read " + row_id);
    Resource resource = TRY_WRAP(ParseResource(document), "read " + row_id);
    SetGeneration(resource, row.ColumnInt(1));
    return resource;
  });
}

Result<std::string> Reader::Blob(BlobKind kind, const Digest& key) {
  std::string content, checksum;
  bool sealed = false;
  {
    const std::lock_guard lock(mutex_);
    Statement s = TRY(
        database_.Prepare("SELECT sealed, checksum, content FROM blobs WHERE kind=? AND key=?"));
    s.Int(1, static_cast<int>(kind)).Blob(2, Bytes(key));
    if (!TRY(s.Step())) {
      return Fail(
          NotFound("no " + std::string(BlobKindName(kind)) + " " + key.Short() + " is recorded"));
    }
    sealed = s.ColumnInt(0) != 0;
    checksum = s.Column(1);
    content = s.Column(2);
  }
  const std::string name = std::string(BlobKindName(kind)) + "/" + key.Hex();
  if (checksum != Bytes(Digest::Of(content))) {
    return Fail(Error(ErrorCode::kDataLoss,
                      "recorded " + name + " is damaged: its checksum does not match"));
  }
  if (sealed) content = TRY_WRAP(sealer_.Unseal(content, name), "read " + name);
  return TRY_WRAP(Decompress(content), "read " + name);
}

Result<bool> Reader::HasBlob(BlobKind kind, const Digest& key) {
  const std::lock_guard lock(mutex_);
  Statement s = TRY(database_.Prepare("SELECT 1 FROM blobs WHERE kind=? AND key=?"));
  return s.Int(1, static_cast<int>(kind)).Blob(2, Bytes(key)).Step();
}

Result<RolloutState> Reader::ReadRollout(std::string_view application, std::int64_t number,
                                         std::string_view body) {
  const Value header = TRY(json::Parse(body));
  Statement s = TRY(database_.Prepare(
      "SELECT body FROM rollout_clusters WHERE application=? AND number=? ORDER BY cluster"));
  s.Text(1, application).Int(2, number);
  auto clusters = TRY(Rows<Value>(s, [](Statement& row) { return json::Parse(row.Column(0)); }));
  return RolloutFromValue(header.With("clusters", Value::Array(std::move(clusters))));
}

Result<std::vector<RolloutState>> Reader::Rollouts(std::string_view application,
                                                   std::int64_t number, std::int64_t before,
                                                   int limit) {
  const std::lock_guard lock(mutex_);
  Statement s = TRY(database_.Prepare(
      "SELECT number, body FROM rollouts WHERE application=?1 AND (?2=0 OR number=?2) AND "
      "(?3=0 OR number<?3) ORDER BY number DESC LIMIT ?4"));
  s.Text(1, application).Int(2, number).Int(3, before).Int(4, limit);
  return Rows<RolloutState>(
      s, [&](Statement& row) { return ReadRollout(application, row.ColumnInt(0), row.Column(1)); });
}

Result<std::vector<RolloutState>> Reader::ActiveRollouts() {
  const std::lock_guard lock(mutex_);
  Statement s =
      TRY(database_.Prepare("SELECT application, number, body FROM rollouts WHERE active=1 ORDER "
                            "BY application, number"));
  return Rows<RolloutState>(s, [&](Statement& row) {
    return ReadRollout(row.Column(0), row.ColumnInt(1), row.Column(2));
  });
}

Result<std::vector<ApplicationState>> Reader::ApplicationStates() {
  const std::lock_guard lock(mutex_);
  Statement s = TRY(database_.Prepare("SELECT body FROM application_states ORDER BY application"));
  return Rows<ApplicationState>(s, [](Statement& row) -> Result<ApplicationState> {
    return ApplicationStateFromValue(TRY(json::Parse(row.Column(0))));
  });
}

Result<std::vector<ClusterRecord>> Reader::ClusterRecords(std::string_view application) {
  const std::lock_guard lock(mutex_);
  Statement s =
      TRY(database_.Prepare("SELECT r.body, i.body FROM cluster_records r LEFT JOIN inventories i "
                            "USING(application, cluster) WHERE application=? ORDER BY cluster"));
  s.Text(1, application);
  return Rows<ClusterRecord>(s, [](Statement& row) -> Result<ClusterRecord> {
    ClusterRecord record = TRY(ClusterRecordFromValue(TRY(json::Parse(row.Column(0)))));
    const auto owned = row.Column(1);  // none beside a record of nothing
    if (!owned.empty()) record.inventory = InventoryFromValue(TRY(json::Parse(owned)));
    return record;
  });
}

Result<std::vector<Quarantine>> Reader::Quarantined(std::string_view application) {
  const std::lock_guard lock(mutex_);
  Statement s = TRY(database_.Prepare(
      "SELECT application, commit_id, rollout, reason, at FROM quarantine WHERE application=? "
      "ORDER BY at"));
  s.Text(1, application);
  return Rows<Quarantine>(s, [](Statement& row) -> Result<Quarantine> {
    return Quarantine{row.Column(0), row.Column(1), row.ColumnInt(2), row.Column(3),
                      TRY(ParseTimestamp(row.Column(4)))};
  });
}

Result<StableRecord> Reader::Stable(std::string_view application, std::string_view cluster) {
  StableRecord out{std::string(application), std::string(cluster), {}};
  std::string sealed;
  {
    const std::lock_guard lock(mutex_);
    if (!stable_) {
      stable_.emplace(TRY(database_.Prepare(
          "SELECT body FROM stable_values WHERE application=? AND cluster=?")));
    }
    stable_->Text(1, application).Text(2, cluster);
    const auto found = stable_->Step();
    if (found && *found) sealed = stable_->Column(0);
    stable_->Reset();  // or the connection would go on seeing what it has seen
    if (!TRY(found)) return out;
  }
  const std::string context = StableRecordContext(application, cluster);
  const std::string doing = "read " + context;
  const std::string text =
      TRY_WRAP(Decompress(TRY_WRAP(sealer_.Unseal(sealed, context), doing)), doing);
  out.entries = TRY_WRAP(StableEntriesFromValue(TRY_WRAP(json::Parse(text), doing)), doing);
  return out;
}

Result<std::vector<LedgerRecord>> Reader::Records(const RecordQuery& query) {
  std::vector<LedgerRecord> out;
  {
    const std::lock_guard lock(mutex_);
    Statement s = TRY(database_.Prepare(
        "SELECT application, key, at, sealed, content FROM records WHERE kind=?1 AND (?2=0 OR "
        "application=?3) AND substr(key,1,length(?4))=?4 AND key>?5 ORDER BY application, key "
        "LIMIT ?6"));
    s.Text(1, RecordKindName(query.kind)).Int(2, query.application ? 1 : 0);
    s.Text(3, query.application.value_or("")).Text(4, query.prefix).Text(5, query.after);
    s.Int(6, query.limit);
    out = TRY(Rows<LedgerRecord>(s, [&](Statement& row) -> Result<LedgerRecord> {
      return LedgerRecord{query.kind,    row.Column(0),
                          row.Column(1), TRY(ParseTimestamp(row.Column(2))),
                          row.Column(4), row.ColumnInt(3) != 0};
    }));
  }
  for (LedgerRecord& record : out) {
    const std::string context = RecordContext(record.kind, record.application, record.key);
    const std::string doing = "read " + context;
    if (record.sensitive) {
      record.content = TRY_WRAP(sealer_.Unseal(record.content, context), doing);
    }
    record.content = TRY_WRAP(Decompress(record.content), doing);
  }
  return out;
}

Result<std::vector<LedgerEvent>> Reader::Events(std::string_view application, std::int64_t after,
                                                int limit) {
  const std::lock_guard lock(mutex_);
  Statement s = TRY(database_.Prepare(
      "SELECT sequence, at, application, rollout, cluster, type, message, actor FROM events "
      "WHERE sequence>?1 AND (?2='' OR application=?2) ORDER BY sequence LIMIT ?3"));
  s.Int(1, after).Text(2, application).Int(3, limit);
  return Rows<LedgerEvent>(s, [](Statement& row) -> Result<LedgerEvent> {
    return LedgerEvent{row.ColumnInt(0), TRY(ParseTimestamp(row.Column(1))),
                       row.Column(2),    row.Column(3),
                       row.Column(4),    row.Column(5),
                       row.Column(6),    row.Column(7)};
  });
}

}  // namespace swell::store
