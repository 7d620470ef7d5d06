#include "server/sandbox/store.h"

#include <algorithm>

namespace swell::sandbox {

Value RenderManaged(const std::vector<ManagedEntry>& entries) {
  std::vector<Value> list;
  for (const ManagedEntry& entry : entries) {
    std::vector<Member> members{
        {"manager", Value(entry.manager)},
        {"operation", Value(entry.apply ? "Apply" : "Update")},
        {"apiVersion", Value(entry.api_version)},
        {"time", Value(FormatTimestamp(entry.time))},
        {"fieldsType", Value("FieldsV1")},
        {"fieldsV1", entry.fields},
    };
    if (!entry.subresource.empty()) members.emplace_back("subresource", Value(entry.subresource));
    list.push_back(Value::Object(std::move(members)));
  }
  return Value::Array(std::move(list));
}

std::vector<ManagedEntry> ParseManaged(const Value& list) {
  std::vector<ManagedEntry> entries;
  for (const Value& item : list.items()) {
    ManagedEntry entry;
    entry.manager = item["manager"].str();
    entry.api_version = item["apiVersion"].str();
    entry.subresource = item["subresource"].str();
    entry.apply = item["operation"].as_string() == "Apply";
    if (auto time = ParseTimestamp(item["time"].as_string())) entry.time = *time;
    entry.fields = item["fieldsV1"].is_object() ? item["fieldsV1"] : Value::EmptyObject();
    entries.push_back(std::move(entry));
  }
  return entries;
}

Value Stored::Render() const {
  Value rendered = metadata();
  if (version != 0) rendered = rendered.With("resourceVersion", Value(std::to_string(version)));
  if (!managed.empty()) rendered = rendered.With("managedFields", RenderManaged(managed));
  return value.With("metadata", std::move(rendered));
}

const Store::Objects& Store::All(const Resource& resource) const {
  static const Objects none;
  const auto index = static_cast<std::size_t>(resource.index);
  return index < tables_.size() ? tables_[index] : none;
}

ObjectPtr Store::Find(const Resource& resource, std::string_view ns, std::string_view name) const {
  const Objects& objects = All(resource);
  const auto found = objects.find(Key(ns, name));
  return found == objects.end() ? nullptr : found->second;
}

ObjectPtr Store::Put(const Resource& resource, Value value, std::vector<ManagedEntry> managed) {
  const auto index = static_cast<std::size_t>(resource.index);
  if (index >= tables_.size()) tables_.resize(index + 1);
  auto stored = std::make_shared<Stored>();
  stored->value = std::move(value);
  stored->version = ++version_;
  stored->managed = std::move(managed);
  ObjectPtr& slot = tables_[index][Key(stored->ns(), stored->name())];
  Change change;
  change.type = slot == nullptr ? ChangeType::kAdded : ChangeType::kModified;
  change.previous = slot;
  if (slot == nullptr) ++count_;
  slot = stored;
  change.version = version_;
  change.resource = &resource;
  change.object = stored;
  Publish(std::move(change));
  return stored;
}

ObjectPtr Store::Remove(const Resource& resource, std::string_view ns, std::string_view name) {
  const ObjectPtr last = Find(resource, ns, name);
  if (last == nullptr) return nullptr;
  tables_[static_cast<std::size_t>(resource.index)].erase(Key(ns, name));
  --count_;
  auto gone = std::make_shared<Stored>(*last);
  gone->version = ++version_;
  Publish({version_, ChangeType::kDeleted, &resource, gone, last});
  return gone;
}

void Store::Replay(std::uint64_t version, const Observer& visit) const {
  const auto first = std::upper_bound(
      history_.begin(), history_.end(), version,
      [](std::uint64_t wanted, const Change& change) { return wanted < change.version; });
  for (auto it = first; it != history_.end(); ++it) visit(*it);
}

void Store::Compact() {
  history_.clear();
  counted_ = 0;
  forgotten_ = version_;
}

void Store::Publish(Change change) {
  const auto counts = [](const Change& c) { return c.resource->kind == "Event" ? 0U : 1U; };
  history_.push_back(change);
  counted_ += counts(change);
  while (counted_ > limit_ || history_.size() > 5 * limit_) {
    forgotten_ = history_.front().version;
    counted_ -= counts(history_.front());
    history_.pop_front();
  }
  for (const Observer& observer : observers_) observer(change);
}

}  // namespace swell::sandbox
