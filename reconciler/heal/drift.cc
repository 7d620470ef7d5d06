#include "reconciler/heal/drift.h"

#include <algorithm>
#include <array>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/domain/convert.h"

namespace swell::heal {
namespace {

constexpr std::array<std::string_view, 9> kFates = {
    "found", "repairing", "repaired", "failed", "tolerated", "left", "waiting", "stopped", "gone"};

Result<Fate> ParseFate(std::string_view name) {
  const auto found = std::ranges::find(kFates, name);
  if (found == kFates.end()) {
    return Fail(Error(ErrorCode::kDataLoss, Quote(name) + " is no fate of drift"));
  }
  return static_cast<Fate>(found - kFates.begin());
}

Value Write(const Field& field) {
  return Value::Object({{"path", Value(field.path)},
                        {"manager", Value(field.manager)},
                        {"time", Value(field.time)},
                        {"before", Value(field.before)},
                        {"after", Value(field.after)},
                        {"leftAlone", Value(field.left_alone)},
                        {"note", Value(field.note)}});
}

Field ReadField(const Value& v) {
  return {.path = v["path"].str(),
          .manager = v["manager"].str(),
          .time = v["time"].str(),
          .before = v["before"].str(),
          .after = v["after"].str(),
          .left_alone = v["leftAlone"].as_bool(),
          .note = v["note"].str()};
}

Value Write(const Repair& repair) {
  std::vector<Value> fields;
  for (const Repair::What& what : repair.fields) {
    fields.push_back(Value::Object({{"path", Value(what.path)}, {"manager", Value(what.manager)}}));
  }
  return Value::Object(
      {{"at", TimeToValue(repair.at)}, {"fields", Value::Array(std::move(fields))}});
}

Value Write(const Stop& stop) {
  return Value::Object({{"path", Value(stop.path)},
                        {"manager", Value(stop.manager)},
                        {"flips", Value(stop.flips)},
                        {"spanMs", Value(static_cast<std::int64_t>(stop.span.count()))},
                        {"at", TimeToValue(stop.at)}});
}

template <class T>
Value WriteAll(const std::vector<T>& all) {
  std::vector<Value> out;
  for (const T& one : all) out.push_back(Write(one));
  return Value::Array(std::move(out));
}

std::string Writer(const std::string& manager) {
  return manager.empty() ? "somebody who left no name" : manager;
}

// To the second: nobody counts in milliseconds here.
std::string Length(Duration span) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(span);
  return FormatDuration(std::max<Duration>(seconds, std::chrono::seconds(1)));
}

}  // namespace

bool Finding::IsLeftAlone() const { return std::ranges::all_of(fields, &Field::left_alone); }

std::string_view FateName(Fate fate) { return kFates.at(static_cast<std::size_t>(fate)); }

bool IsOpen(Fate fate) { return fate != Fate::kRepaired && fate != Fate::kGone; }

std::string KeyOf(const std::string& cluster, const ObjectId& id) {
  return cluster + "|" + id.group + "|" + id.kind + "|" + id.ns + "|" + id.name;
}

LedgerRecord ToLedger(const std::string& application, const Record& r) {
  const Value content = Value::Object({{"cluster", Value(r.cluster)},
                                       {"object", ToValue(r.id)},
                                       {"fields", WriteAll(r.fields)},
                                       {"firstSeen", TimeToValue(r.first_seen)},
                                       {"lastSeen", TimeToValue(r.last_seen)},
                                       {"fate", Value(FateName(r.fate))},
                                       {"fateAt", TimeToValue(r.fate_at)},
                                       {"rollout", Value(r.rollout)},
                                       {"until", TimeToValue(r.until)},
                                       {"why", Value(r.why)},
                                       {"repairs", WriteAll(r.repairs)},
                                       {"stops", WriteAll(r.stops)}});
  return {.kind = RecordKind::kDrift,
          .application = application,
          .key = KeyOf(r.cluster, r.id),
          .at = r.last_seen,
          .content = json::Write(content)};
}

Result<Record> FromLedger(const LedgerRecord& record) {
  const Value v = TRY(json::Parse(record.content));
  Record r;
  r.cluster = v["cluster"].str();
  r.id = ObjectIdFromValue(v["object"]);
  for (const Value& field : v["fields"].items()) r.fields.push_back(ReadField(field));
  r.first_seen = TRY(TimeFromValue(v["firstSeen"]));
  r.last_seen = TRY(TimeFromValue(v["lastSeen"]));
  r.fate = TRY(ParseFate(v["fate"].as_string()));
  r.fate_at = TRY(TimeFromValue(v["fateAt"]));
  r.rollout = v["rollout"].str();
  r.until = TRY(TimeFromValue(v["until"]));
  r.why = v["why"].str();
  for (const Value& repair : v["repairs"].items()) {
    Repair one{.at = TRY(TimeFromValue(repair["at"])), .fields = {}};
    for (const Value& what : repair["fields"].items()) {
      one.fields.push_back({what["path"].str(), what["manager"].str()});
    }
    r.repairs.push_back(std::move(one));
  }
  for (const Value& stop : v["stops"].items()) {
    r.stops.push_back({.path = stop["path"].str(),
                       .manager = stop["manager"].str(),
                       .flips = static_cast<int>(stop["flips"].as_int()),
                       .span = Duration(stop["spanMs"].as_int()),
                       .at = TRY(TimeFromValue(stop["at"]))});
  }
  return r;
}

std::string Describe(const std::string& application, const Record& record, const Stop& stop) {
  const std::string object = record.cluster + ": " + record.id.ToString();
  const std::string times =
      " (" + std::to_string(stop.flips) + " times in " + Length(stop.span) + ")";
  const std::string who = Writer(stop.manager);
  const std::string what =
      stop.path.empty() ? object + " is created by swell and deleted by " + who + " again and again"
                        : object + ": " + stop.path + " flips between swell and " + who;
  return what + times +
         ": repairing stopped; let it go with ignoreDifferences or `swell tolerate " + application +
         " " + record.id.kind + "/" + record.id.name +
         "`, or remove the other writer and run `swell sync " + application + "`";
}

std::string DescribeWait(const Record& record) {
  const auto second = std::chrono::ceil<std::chrono::seconds>(record.until);
  return record.cluster + ": " + record.id.ToString() + " drifted again and is repaired at " +
         FormatTimestamp(second) + " (" + std::to_string(record.repairs.size()) +
         " repairs so far)";
}

std::vector<IgnoreDifference> RulesOf(const Record& record) {
  std::vector<IgnoreDifference> out;
  for (const Stop& stop : record.stops) {
    IgnoreDifference rule;
    rule.objects = {.group = record.id.group,
                    .kind = record.id.kind,
                    .ns = record.id.ns,
                    .name = record.id.name};
    rule.json_pointers = {stop.path};
    rule.toleration = Toleration{
        .id = "stop " + KeyOf(record.cluster, record.id),
        .cluster = record.cluster,
        .gives_way = Toleration::GivesWay::kToObject,
        .why = "not repaired any more: it flips between swell and " + Writer(stop.manager)};
    out.push_back(std::move(rule));
  }
  return out;
}

}  // namespace swell::heal
