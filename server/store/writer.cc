#include "server/store/writer.h"

#include <unistd.h>

#include <csignal>

#include "base/value/json.h"
#include "server/store/records.h"

namespace swell::store {
namespace {

std::string RecordRowKey(RecordKind kind, const std::string& application, const std::string& key) {
  return std::string(RecordKindName(kind)) + "/" + application + "/" + key;
}

}  // namespace

Status Writer::DoAll(const std::vector<Mutation>& mutations) {
  TRY(claim_.Check(*TRY(Cached(Claim::kOwner))));
  for (const Mutation& mutation : mutations) {
    TRY(std::visit([this](const auto& m) { return Do(m); }, mutation));
  }
  return {};
}

Status Writer::Commit(const std::vector<Mutation>& mutations) {
  pending_ = {};
  TRY(database_.Execute("BEGIN IMMEDIATE"));
  ++commits_;
  Status done = DoAll(mutations);
  if (done) {
    MaybeDie(KillPoint::When::kBefore);
    done = database_.Execute("COMMIT");
  }
  if (!done) {
    // A full disk may have rolled back already; then this fails and changes nothing.
    (void)database_.Execute("ROLLBACK");
    chain_.RolledBack();
    if (done.error().code() == ErrorCode::kAborted) database_.LeaveLogAlone();
    return Fail(std::move(done.error()).Wrap("record in the ledger"));
  }
  MaybeDie(KillPoint::When::kAfter);
  chain_.Committed();
  for (auto& [id, state] : pending_.rollouts) {
    if (IsTerminal(state->phase)) {
      written_.rollouts.erase(id);
    } else {
      written_.rollouts[id] = std::move(state);
    }
  }
  for (auto& [key, inventory] : pending_.inventories) {
    written_.inventories.insert_or_assign(key, std::move(inventory));
  }
  return {};
}

const RolloutState* Writer::LastWritten(const std::string& rollout) const {
  for (const OnDisk* known : {&pending_, &written_}) {
    const auto found = known->rollouts.find(rollout);
    if (found != known->rollouts.end()) return found->second.get();
  }
  return nullptr;
}

bool Writer::IsWritten(const ClusterKey& key, const Inventory& inventory) const {
  for (const OnDisk* known : {&pending_, &written_}) {
    const auto found = known->inventories.find(key);
    if (found != known->inventories.end()) return found->second == inventory;
  }
  return false;
}

void Writer::MaybeDie(KillPoint::When when) const {
  if (kill_.commit == commits_ && kill_.when == when) ::kill(::getpid(), SIGKILL);
}

// What was not there leaves no link.
Status Writer::AppendDeleted(std::string_view kind, const std::string& key) {
  if (database_.Changes() == 0) return {};
  return chain_.Append(kind, key);
}

Result<Statement*> Writer::Cached(std::string_view sql) {
  auto it = statements_.find(sql);
  if (it == statements_.end()) it = statements_.emplace(sql, TRY(database_.Prepare(sql))).first;
  return &it->second;
}

Status Writer::Do(const PutResource& m) {
  const std::string kind(KindOf(m.resource));
  const std::string& name = NameOf(m.resource);
  const std::int64_t generation =
      std::visit([](const auto& r) { return r.generation; }, m.resource);
  const std::string body = json::Write(ToValue(m.resource, SecretFields::kReveal));
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO resources VALUES(?,?,?,?)"));
  TRY(s->Text(1, kind)
          .Text(2, name)
          .Int(3, generation)
          .Blob(4, sealer_.Seal(body, kind + "/" + name))
          .Run());
  return chain_.Append(kResourceRow, kind + "/" + name);
}

Status Writer::Do(const DeleteResource& m) {
  Statement* s = TRY(Cached("DELETE FROM resources WHERE kind=? AND name=?"));
  TRY(s->Text(1, m.kind).Text(2, m.name).Run());
  return AppendDeleted(kResourceRow, m.kind + "/" + m.name);
}

Status Writer::Do(const PutBlob& m) {
  std::string content = Compress(m.content);
  if (m.sensitive) {
    content = sealer_.Seal(content, std::string(BlobKindName(m.kind)) + "/" + m.key.Hex());
  }
  const Digest checksum = Digest::Of(content);
  Statement* s = TRY(Cached("INSERT OR IGNORE INTO blobs VALUES(?,?,?,?,?)"));
  const auto bytes = [](const Digest& d) {
    return std::string_view(reinterpret_cast<const char*>(d.bytes().data()), Digest::kBytes);
  };
  TRY(s->Int(1, static_cast<int>(m.kind))
          .Blob(2, bytes(m.key))
          .Int(3, m.sensitive ? 1 : 0)
          .Blob(4, bytes(checksum))
          .Blob(5, content)
          .Run());
  if (database_.Changes() == 0) return {};  // it is there already
  // As RowReader would, without reading and digesting the content again.
  Fingerprint row;
  row.Add(m.sensitive ? "1" : "0").Add(bytes(checksum)).Add(checksum);
  return chain_.Append(kBlobRow, std::string(BlobKindName(m.kind)) + "/" + m.key.Hex(), row);
}

Status Writer::Do(const PutRollout& m) {
  const RolloutState& state = *m.state;
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO rollouts VALUES(?,?,?,?,?,?,?)"));
  const bool active = !IsTerminal(state.phase);
  TRY(s->Text(1, state.application)
          .Int(2, state.number)
          .Int(3, active ? 1 : 0)
          .Text(4, RolloutPhaseName(state.phase))
          .Text(5, state.revision.commit)
          .Text(6, FormatTimestamp(state.created_at))
          .Text(7, json::Write(RolloutHeaderToValue(state)))
          .Run());
  const RolloutState* before = LastWritten(state.id);
  for (const auto& [name, cluster] : state.clusters) {
    if (before != nullptr) {
      const auto known = before->clusters.find(name);
      if (known != before->clusters.end() && known->second == cluster) continue;
    }
    Statement* row = TRY(Cached("INSERT OR REPLACE INTO rollout_clusters VALUES(?,?,?,?,?)"));
    TRY(row->Text(1, state.application)
            .Int(2, state.number)
            .Text(3, name)
            .Text(4, ClusterPhaseName(cluster.phase))
            .Text(5, json::Write(ClusterProgressToValue(cluster)))
            .Run());
  }
  pending_.rollouts[state.id] = m.state;
  if (active) return {};
  return chain_.Append(kRolloutRow, state.application + "/" + std::to_string(state.number));
}

Status Writer::Do(const PutApplicationState& m) {
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO application_states VALUES(?,?)"));
  return s->Text(1, m.state.application).Text(2, json::Write(ToValue(m.state))).Run();
}

Status Writer::Do(const PutClusterRecord& m) {
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO cluster_records VALUES(?,?,?)"));
  TRY(s->Text(1, m.record.application)
          .Text(2, m.record.cluster)
          .Text(3, json::Write(ToValue(m.record)))
          .Run());
  const ClusterKey key(m.record.application, m.record.cluster);
  if (IsWritten(key, m.record.inventory)) return {};
  Statement* owned = TRY(Cached("INSERT OR REPLACE INTO inventories VALUES(?,?,?)"));
  TRY(owned->Text(1, m.record.application)
          .Text(2, m.record.cluster)
          .Text(3, json::Write(ToValue(m.record.inventory)))
          .Run());
  pending_.inventories.insert_or_assign(key, m.record.inventory);
  return {};
}

Status Writer::Do(const DeleteClusterRecord& m) {
  // An inventory that is written later is written whole.
  pending_.inventories.insert_or_assign(ClusterKey(m.application, m.cluster), Inventory());
  Statement* owned = TRY(Cached("DELETE FROM inventories WHERE application=? AND cluster=?"));
  TRY(owned->Text(1, m.application).Text(2, m.cluster).Run());
  Statement* s = TRY(Cached("DELETE FROM cluster_records WHERE application=? AND cluster=?"));
  return s->Text(1, m.application).Text(2, m.cluster).Run();
}

Status Writer::Do(const PutQuarantine& m) {
  const Quarantine& q = m.quarantine;
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO quarantine VALUES(?,?,?,?,?)"));
  TRY(s->Text(1, q.application)
          .Text(2, q.commit)
          .Int(3, q.rollout)
          .Text(4, q.reason)
          .Text(5, FormatTimestamp(q.at))
          .Run());
  return chain_.Append(kQuarantineRow, q.application + "/" + q.commit);
}

Status Writer::Do(const DeleteQuarantine& m) {
  Statement* s = TRY(Cached("DELETE FROM quarantine WHERE application=? AND commit_id=?"));
  TRY(s->Text(1, m.application).Text(2, m.commit).Run());
  return AppendDeleted(kQuarantineRow, m.application + "/" + m.commit);
}

Status Writer::Do(const PutStableRecord& m) {
  const StableRecord& record = m.record;
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO stable_values VALUES(?,?,?)"));
  return s->Text(1, record.application)
      .Text(2, record.cluster)
      .Blob(3, sealer_.Seal(Compress(json::Write(ToValue(record))),
                            StableRecordContext(record.application, record.cluster)))
      .Run();
}

Status Writer::Do(const PutRecord& m) {
  const LedgerRecord& r = m.record;
  std::string content = Compress(r.content);
  if (r.sensitive) content = sealer_.Seal(content, RecordContext(r.kind, r.application, r.key));
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO records VALUES(?,?,?,?,?,?)"));
  TRY(s->Text(1, RecordKindName(r.kind))
          .Text(2, r.application)
          .Text(3, r.key)
          .Text(4, FormatTimestamp(r.at))
          .Int(5, r.sensitive ? 1 : 0)
          .Blob(6, content)
          .Run());
  return chain_.Append(kRecordRow, RecordRowKey(r.kind, r.application, r.key));
}

Status Writer::Do(const DeleteRecord& m) {
  Statement* s = TRY(Cached("DELETE FROM records WHERE kind=? AND application=? AND key=?"));
  TRY(s->Text(1, RecordKindName(m.kind)).Text(2, m.application).Text(3, m.key).Run());
  return AppendDeleted(kRecordRow, RecordRowKey(m.kind, m.application, m.key));
}

Status Writer::Do(const AppendEvent& m) {
  const LedgerEvent& e = m.event;
  Statement* s =
      TRY(Cached("INSERT INTO events(at,application,rollout,cluster,type,message,actor) "
                 "VALUES(?,?,?,?,?,?,?)"));
  TRY(s->Text(1, FormatTimestamp(e.at))
          .Text(2, e.application)
          .Text(3, e.rollout)
          .Text(4, e.cluster)
          .Text(5, e.type)
          .Text(6, e.message)
          .Text(7, e.actor)
          .Run());
  return chain_.Append(kEventRow, std::to_string(database_.LastRow()));
}

}  // namespace swell::store
