#include "reconciler/domain/convert.h"

#include "reconciler/domain/names.h"

namespace swell {

Value ToValue(const ObjectId& id) {
  return Value::Object({{"group", Value(id.group)},
                        {"kind", Value(id.kind)},
                        {"namespace", Value(id.ns)},
                        {"name", Value(id.name)}});
}

ObjectId ObjectIdFromValue(const Value& v) {
  return {v["group"].str(), v["kind"].str(), v["namespace"].str(), v["name"].str()};
}

Value ToValue(const Revision& r) {
  return Value::Object({{"repository", Value(r.repository)},
                        {"ref", Value(r.ref)},
                        {"commit", Value(r.commit)},
                        {"author", Value(r.author)},
                        {"message", Value(r.message)},
                        {"time", TimeToValue(r.time)}});
}

Result<Revision> RevisionFromValue(const Value& v) {
  return Revision{v["repository"].str(), v["ref"].str(),     v["commit"].str(),
                  v["author"].str(),     v["message"].str(), TRY(TimeFromValue(v["time"]))};
}

Value ToValue(const Health& health) {
  return Value::Object(
      {{"status", Value(HealthStatusName(health.status))}, {"message", Value(health.message)}});
}

Result<Health> HealthFromValue(const Value& v) {
  return Health{TRY(ParseHealthStatus(v["status"].as_string())), v["message"].str()};
}

Value TimeToValue(Timestamp t) {
  return Value(t == Timestamp{} ? std::string() : FormatTimestamp(t));
}

Result<Timestamp> TimeFromValue(const Value& v) {
  if (v.as_string().empty()) return Timestamp{};
  return ParseTimestamp(v.as_string());
}

}  // namespace swell
