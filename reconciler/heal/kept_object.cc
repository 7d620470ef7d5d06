#include "reconciler/heal/kept_object.h"

#include <algorithm>
#include <array>

#include "base/value/json.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/convert.h"

namespace swell::heal {
namespace {

constexpr std::size_t kTimeDigits = 15;
constexpr std::size_t kIndexDigits = 6;

std::string Padded(std::int64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

constexpr std::array kServerMetadata = {
    "managedFields",  "resourceVersion",   "uid",
    "generation",     "creationTimestamp", "selfLink",
    "generateName",   "deletionTimestamp", "deletionGracePeriodSeconds",
    "ownerReferences"};

constexpr std::array kOwnAnnotations = {
    kOwnerAnnotation,
    "deployment.kubernetes.io/revision",
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
    "volume.beta.kubernetes.io/storage-provisioner",
};

constexpr std::array kJobLabels = {"controller-uid", "batch.kubernetes.io/controller-uid",
                                   "job-name", "batch.kubernetes.io/job-name"};

// Drops the map where nothing is left in it.
Value WithoutEmpty(Value object, std::initializer_list<std::string> path,
                   std::initializer_list<std::string_view> place) {
  const Value& map = object.At(place);
  const bool empty = (map.is_object() || map.is_array()) && map.empty();
  return empty ? object.WithoutAt(path) : object;
}

Value WithoutServersPart(Value object) {
  object = object.Without("status");
  for (const char* field : kServerMetadata) object = object.WithoutAt({"metadata", field});
  for (const char* key : kOwnAnnotations) {
    object = object.WithoutAt({"metadata", "annotations", key});
  }
  object = WithoutEmpty(object, {"metadata", "annotations"}, {"metadata", "annotations"});
  std::vector<Value> finalizers;
  for (const Value& finalizer : object["metadata"]["finalizers"].items()) {
    const std::string_view name = finalizer.as_string();
    if (name != "foregroundDeletion" && name != "orphan") finalizers.push_back(finalizer);
  }
  if (finalizers.empty()) return object.WithoutAt({"metadata", "finalizers"});
  return object.WithAt({"metadata", "finalizers"}, Value::Array(std::move(finalizers)));
}

// Whether somebody's set of fields names the field anywhere below spec.
bool Names(const Value& fields, std::string_view name) {
  return std::ranges::any_of(fields.members(), [&](const Member& member) {
    return member.name() == name || Names(member.value, name);
  });
}

bool IsStated(const Value& live, std::string_view name) {
  const auto entries = live["metadata"]["managedFields"].items();
  return std::ranges::any_of(entries, [&](const Value& entry) {
    return entry["subresource"].as_string().empty() && Names(entry["fieldsV1"]["f:spec"], name);
  });
}

Value Service(Value object, const Value& live) {
  if (live["spec"]["clusterIP"].as_string() != "None") {
    object = object.WithoutAt({"spec", "clusterIP"}).WithoutAt({"spec", "clusterIPs"});
  }
  if (!IsStated(live, "f:healthCheckNodePort")) {
    object = object.WithoutAt({"spec", "healthCheckNodePort"});
  }
  if (IsStated(live, "f:nodePort") || object["spec"]["ports"].empty()) return object;
  std::vector<Value> ports;
  for (const Value& port : object["spec"]["ports"].items()) {
    ports.push_back(port.Without("nodePort"));
  }
  return object.WithAt({"spec", "ports"}, Value::Array(std::move(ports)));
}

Value Claim(Value object, const Value& live, std::vector<std::string>& notes) {
  const std::string volume = live["spec"]["volumeName"].str();
  if (volume.empty()) return object;
  notes.push_back("it gets a new, empty volume: it was bound to PersistentVolume " + volume +
                  ", whose data is left only where its reclaim policy is Retain");
  return object.WithoutAt({"spec", "volumeName"});
}

Value Job(Value object, const Value& live) {
  if (live["spec"]["manualSelector"].as_bool()) return object;
  object = object.WithoutAt({"spec", "selector"});
  for (const char* label : kJobLabels) {
    object = object.WithoutAt({"metadata", "labels", label})
                 .WithoutAt({"spec", "template", "metadata", "labels", label});
  }
  return object;
}

Value WithoutCreationTimes(Value object) {
  const Value& made = object["spec"]["template"]["metadata"]["creationTimestamp"];
  const bool there = object["spec"]["template"]["metadata"].Has("creationTimestamp");
  return there && made.is_null()
             ? object.WithoutAt({"spec", "template", "metadata", "creationTimestamp"})
             : object;
}

}  // namespace

std::string KeptKeyAt(Timestamp at) { return Padded(at.time_since_epoch().count(), kTimeDigits); }

LedgerRecord ToLedger(const std::string& application, const KeptObject& kept, std::size_t index) {
  std::vector<Value> notes;
  for (const std::string& note : kept.notes) notes.emplace_back(note);
  const Value content = Value::Object({{"cluster", Value(kept.cluster)},
                                       {"id", ToValue(kept.id)},
                                       {"version", Value(kept.version)},
                                       {"rollout", Value(kept.rollout)},
                                       {"number", Value(kept.number)},
                                       {"at", TimeToValue(kept.at)},
                                       {"actor", Value(kept.actor)},
                                       {"why", Value(kept.why)},
                                       {"object", kept.object},
                                       {"notes", Value::Array(std::move(notes))}});
  return {.kind = RecordKind::kDeleted,
          .application = application,
          .key = KeptKeyAt(kept.at) + "|" + kept.rollout + "|" +
                 Padded(static_cast<std::int64_t>(index), kIndexDigits),
          .at = kept.at,
          .content = json::Write(content),
          .sensitive = true};
}

Result<KeptObject> FromLedgerKept(const LedgerRecord& record) {
  const Value v = TRY(json::Parse(record.content));
  std::vector<std::string> notes;
  for (const Value& note : v["notes"].items()) notes.push_back(note.str());
  return KeptObject{.cluster = v["cluster"].str(),
                    .id = ObjectIdFromValue(v["id"]),
                    .version = v["version"].str(),
                    .rollout = v["rollout"].str(),
                    .number = v["number"].as_int(),
                    .at = TRY(TimeFromValue(v["at"])),
                    .actor = v["actor"].str(),
                    .why = v["why"].str(),
                    .object = v["object"],
                    .notes = std::move(notes)};
}

Restored Restorable(const Value& live) {
  Restored out{.object = WithoutCreationTimes(WithoutServersPart(live)), .notes = {}};
  const std::string api_version = live["apiVersion"].str();
  const std::string kind = live["kind"].str();
  if (api_version == "batch/v1" && kind == "Job") {
    out.object = Job(out.object, live);
  } else if (api_version == "v1" && kind == "Service") {
    out.object = Service(out.object, live);
  } else if (api_version == "v1" && kind == "PersistentVolumeClaim") {
    out.object = Claim(out.object, live, out.notes);
  } else if (api_version == "v1" && kind == "Pod") {
    out.object = out.object.WithoutAt({"spec", "nodeName"});
  } else if (api_version == "v1" && kind == "Namespace") {
    out.object = out.object.WithoutAt({"spec", "finalizers"});
    out.object = WithoutEmpty(out.object, {"spec"}, {"spec"});
  }
  return out;
}

}  // namespace swell::heal
