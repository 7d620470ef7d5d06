#include "server/store/records.h"

#include "reconciler/domain/convert.h"

namespace swell::store {

Value ToValue(const ApplicationState& s) {
  return Value::Object({{"application", Value(s.application)},
                        {"revision", swell::ToValue(s.revision)},
                        {"sourceError", Value(s.source_error)},
                        {"remotes", swell::ToValue(s.remotes)},
                        {"reconciledCommit", Value(s.reconciled_commit)},
                        {"reconciledGeneration", Value(s.reconciled_generation)},
                        {"error", Value(s.error)},
                        {"hold", Value(s.hold)},
                        {"outOfSync", Value(s.out_of_sync)},
                        {"lastRollout", Value(s.last_rollout)}});
}

Result<ApplicationState> ApplicationStateFromValue(const Value& v) {
  ApplicationState s;
  s.application = v["application"].str();
  s.revision = TRY(RevisionFromValue(v["revision"]));
  s.source_error = v["sourceError"].str();
  s.remotes = TRY(RemotePinsFromValue(v["remotes"]));
  s.reconciled_commit = v["reconciledCommit"].str();
  s.reconciled_generation = v["reconciledGeneration"].as_int();
  s.error = v["error"].str();
  s.hold = v["hold"].str();
  s.out_of_sync = v["outOfSync"].as_bool();
  s.last_rollout = v["lastRollout"].as_int();
  return s;
}

Value ToValue(const ClusterRecord& r) {
  return Value::Object(
      {{"application", Value(r.application)},
       {"cluster", Value(r.cluster)},
       {"manifest", Value(r.manifest.empty() ? "" : r.manifest.Hex())},
       {"goodManifest", Value(r.good_manifest.empty() ? "" : r.good_manifest.Hex())},
       {"goodCommit", Value(r.good_commit)},
       {"goodRollout", Value(r.good_rollout)},
       {"commit", Value(r.commit)},
       {"rollout", Value(r.rollout)},
       {"health", swell::ToValue(r.health)},
       {"updatedAt", TimeToValue(r.updated_at)}});
}

Result<ClusterRecord> ClusterRecordFromValue(const Value& v) {
  ClusterRecord r;
  r.application = v["application"].str();
  r.cluster = v["cluster"].str();
  if (!v["manifest"].as_string().empty())
    r.manifest = TRY(Digest::Parse(v["manifest"].as_string()));
  if (!v["goodManifest"].as_string().empty()) {
    r.good_manifest = TRY(Digest::Parse(v["goodManifest"].as_string()));
  }
  r.good_commit = v["goodCommit"].str();
  r.good_rollout = v["goodRollout"].as_int();
  r.commit = v["commit"].str();
  r.rollout = v["rollout"].as_int();
  r.health = TRY(HealthFromValue(v["health"]));
  r.updated_at = TRY(TimeFromValue(v["updatedAt"]));
  return r;
}

Value ToValue(const Inventory& inventory) {
  std::vector<Value> out;
  for (const InventoryEntry& entry : inventory) {
    out.push_back(swell::ToValue(entry.id)
                      .With("version", Value(entry.version))
                      .With("uid", Value(entry.uid)));
  }
  return Value::Array(std::move(out));
}

Inventory InventoryFromValue(const Value& value) {
  std::vector<InventoryEntry> out;
  for (const Value& entry : value.items()) {
    out.push_back({ObjectIdFromValue(entry), entry["version"].str(), entry["uid"].str()});
  }
  return out;
}

Value ToValue(const StableRecord& record) {
  std::vector<Member> members;
  for (const auto& [site, entry] : record.entries) {
    members.emplace_back(site.Hex(), Value::Object({{"value", Value(entry.value.json.Reveal())},
                                                    {"renewAt", TimeToValue(entry.value.renew_at)},
                                                    {"rollout", Value(entry.rollout)}}));
  }
  return Value::Object(std::move(members));
}

Result<std::map<Digest, StableRecord::Entry>> StableEntriesFromValue(const Value& value) {
  std::map<Digest, StableRecord::Entry> out;
  for (const Member& m : value.members()) {
    StableRecord::Entry entry;
    entry.value.json = Secret(m.value["value"].str());
    entry.value.renew_at = TRY(TimeFromValue(m.value["renewAt"]));
    entry.rollout = m.value["rollout"].as_int();
    out.emplace(TRY(Digest::Parse(m.name())), std::move(entry));
  }
  return out;
}

std::string StableRecordContext(std::string_view application, std::string_view cluster) {
  return "stable/" + std::string(application) + "/" + std::string(cluster);
}

std::string RecordContext(RecordKind kind, std::string_view application, std::string_view key) {
  return "record/" + std::string(RecordKindName(kind)) + "/" + std::string(application) + "/" +
         std::string(key);
}

std::string_view BlobKindName(BlobKind kind) {
  return kind == BlobKind::kManifest ? "manifest" : "plan";
}

}  // namespace swell::store
