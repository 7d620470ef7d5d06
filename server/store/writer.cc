#include "server/store/writer.h"

#include "base/value/json.h"
#include "server/store/records.h"

namespace swell::store {

Status Writer::Commit(const std::vector<Mutation>& mutations) {
  pending_.clear();
  finished_.clear();
  TRY(database_.Execute("BEGIN IMMEDIATE"));
  Status done;
  for (const Mutation& mutation : mutations) {
    done = std::visit([this](const auto& m) { return Do(m); }, mutation);
    if (!done) break;
  }
  if (done) done = database_.Execute("COMMIT");
  if (!done) {
    // A full disk may have rolled back already; then this fails and changes nothing.
    (void)database_.Execute("ROLLBACK");
    return Fail(std::move(done.error()).Wrap("record in the ledger"));
  }
  for (auto& [id, clusters] : pending_) {
    for (auto& [name, body] : clusters) written_[id][name] = std::move(body);
  }
  for (const std::string& id : finished_) written_.erase(id);
  return {};
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
  return s->Text(1, kind)
      .Text(2, name)
      .Int(3, generation)
      .Blob(4, sealer_.Seal(body, kind + "/" + name))
      .Run();
}

Status Writer::Do(const DeleteResource& m) {
  Statement* s = TRY(Cached("DELETE FROM resources WHERE kind=? AND name=?"));
  return s->Text(1, m.kind).Text(2, m.name).Run();
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
  return s->Int(1, static_cast<int>(m.kind))
      .Blob(2, bytes(m.key))
      .Int(3, m.sensitive ? 1 : 0)
      .Blob(4, bytes(checksum))
      .Blob(5, content)
      .Run();
}

Status Writer::Do(const PutRollout& m) {
  const RolloutState& state = m.state;
  const Value whole = RolloutToValue(state);
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO rollouts VALUES(?,?,?,?,?,?,?)"));
  const bool active = !IsTerminal(state.phase);
  TRY(s->Text(1, state.application)
          .Int(2, state.number)
          .Int(3, active ? 1 : 0)
          .Text(4, RolloutPhaseName(state.phase))
          .Text(5, state.revision.commit)
          .Text(6, FormatTimestamp(state.created_at))
          .Text(7, json::Write(whole.Without("clusters")))
          .Run());
  const auto known = written_.find(state.id);
  for (const Value& cluster : whole["clusters"].items()) {
    const std::string name = cluster["cluster"].str();
    std::string body = json::Write(cluster);
    if (known != written_.end()) {
      const auto before = known->second.find(name);
      if (before != known->second.end() && before->second == body) continue;
    }
    Statement* row = TRY(Cached("INSERT OR REPLACE INTO rollout_clusters VALUES(?,?,?,?,?)"));
    TRY(row->Text(1, state.application)
            .Int(2, state.number)
            .Text(3, name)
            .Text(4, cluster["phase"].as_string())
            .Text(5, body)
            .Run());
    pending_[state.id][name] = std::move(body);
  }
  if (!active) finished_.push_back(state.id);
  return {};
}

Status Writer::Do(const PutApplicationState& m) {
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO application_states VALUES(?,?)"));
  return s->Text(1, m.state.application).Text(2, json::Write(ToValue(m.state))).Run();
}

Status Writer::Do(const PutClusterRecord& m) {
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO cluster_records VALUES(?,?,?)"));
  return s->Text(1, m.record.application)
      .Text(2, m.record.cluster)
      .Text(3, json::Write(ToValue(m.record)))
      .Run();
}

Status Writer::Do(const DeleteClusterRecord& m) {
  Statement* s = TRY(Cached("DELETE FROM cluster_records WHERE application=? AND cluster=?"));
  return s->Text(1, m.application).Text(2, m.cluster).Run();
}

Status Writer::Do(const PutQuarantine& m) {
  const Quarantine& q = m.quarantine;
  Statement* s = TRY(Cached("INSERT OR REPLACE INTO quarantine VALUES(?,?,?,?,?)"));
  return s->Text(1, q.application)
      .Text(2, q.commit)
      .Int(3, q.rollout)
      .Text(4, q.reason)
      .Text(5, FormatTimestamp(q.at))
      .Run();
}

Status Writer::Do(const DeleteQuarantine& m) {
  Statement* s = TRY(Cached("DELETE FROM quarantine WHERE application=? AND commit_id=?"));
  return s->Text(1, m.application).Text(2, m.commit).Run();
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
  return s->Text(1, RecordKindName(r.kind))
      .Text(2, r.application)
      .Text(3, r.key)
      .Text(4, FormatTimestamp(r.at))
      .Int(5, r.sensitive ? 1 : 0)
      .Blob(6, content)
      .Run();
}

Status Writer::Do(const DeleteRecord& m) {
  Statement* s = TRY(Cached("DELETE FROM records WHERE kind=? AND application=? AND key=?"));
  return s->Text(1, RecordKindName(m.kind)).Text(2, m.application).Text(3, m.key).Run();
}

Status Writer::Do(const AppendEvent& m) {
  const LedgerEvent& e = m.event;
  Statement* s =
      TRY(Cached("INSERT INTO events(at,application,rollout,cluster,type,message,actor) "
                 "VALUES(?,?,?,?,?,?,?)"));
  return s->Text(1, FormatTimestamp(e.at))
      .Text(2, e.application)
      .Text(3, e.rollout)
      .Text(4, e.cluster)
      .Text(5, e.type)
      .Text(6, e.message)
      .Text(7, e.actor)
      .Run();
}

}  // namespace swell::store
