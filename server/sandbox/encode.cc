#include "server/sandbox/encode.h"

#include "base/core/strings.h"

namespace swell::sandbox {
namespace {

constexpr std::string_view kMeta = "meta.k8s.io/v1";

}  // namespace

std::optional<Format> Negotiate(std::string_view accept) {
  if (Trim(accept).empty()) return Format::kObject;
  for (std::string_view option : Split(accept, ',')) {
    const auto parts = Split(option, ';');
    const std::string_view type = Trim(parts.front());
    if (type != "application/json" && type != "*/*" && type != "application/*") continue;
    std::string_view as;
    bool known = true;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::string_view part = Trim(parts[i]);
      if (part.starts_with("as=")) as = part.substr(3);
      if (part.starts_with("v=") && part != "v=v1") known = false;
    }
    if (as.empty()) return Format::kObject;
    if (!known) continue;
    if (as == "Table") return Format::kTable;
    if (as.starts_with("PartialObjectMetadata")) return Format::kPartial;
  }
  return std::nullopt;
}

Value Encoder::Whole(const Stored& object) const {
  Value whole = object.Render();
  if (version != resource.version) {
    whole = whole.With("apiVersion", Value(resource.group + "/" + version));
  }
  return whole;
}

Value Encoder::Partial(const Stored& object) const {
  return Value::Object({{"kind", Value("PartialObjectMetadata")},
                        {"apiVersion", Value(kMeta)},
                        {"metadata", object.Render()["metadata"]}});
}

Value Encoder::Table(const std::vector<const Stored*>& objects, const Value& metadata) const {
  std::vector<Value> rows;
  for (const Stored* object : objects) {
    rows.push_back(Value::Object({{"cells", TableCells(resource, object->value, now)},
                                  {"object", include_object ? Whole(*object) : Partial(*object)}}));
  }
  return Value::Object({{"kind", Value("Table")},
                        {"apiVersion", Value(kMeta)},
                        {"metadata", metadata},
                        {"columnDefinitions", TableColumns(resource)},
                        {"rows", Value::Array(std::move(rows))}});
}

Value Encoder::One(const Stored& object) const {
  switch (format) {
    case Format::kTable:
      return Table({&object},
                   Value::Object({{"resourceVersion", Value(std::to_string(object.version))}}));
    case Format::kPartial:
      return Partial(object);
    case Format::kObject:
      break;
  }
  return Whole(object);
}

Value Encoder::List(const std::vector<ObjectPtr>& objects, const Value& metadata) const {
  if (format == Format::kTable) {
    std::vector<const Stored*> rows;
    for (const ObjectPtr& object : objects) rows.push_back(object.get());
    return Table(rows, metadata);
  }
  std::vector<Value> items;
  items.reserve(objects.size());
  for (const ObjectPtr& object : objects) {
    if (format == Format::kPartial) {
      items.push_back(Partial(*object));
    } else if (resource.custom) {
      items.push_back(Whole(*object));
    } else {
      // Typed lists do not repeat what the list's own kind says.
      items.push_back(object->Render().Without("kind").Without("apiVersion"));
    }
  }
  const bool partial = format == Format::kPartial;
  const std::string group_version =
      resource.group.empty() ? version : resource.group + "/" + version;
  return Value::Object(
      {{"kind", Value(partial ? "PartialObjectMetadataList" : resource.kind + "List")},
       {"apiVersion", Value(partial ? std::string(kMeta) : group_version)},
       {"metadata", metadata},
       {"items", Value::Array(std::move(items))}});
}

Value Encoder::Bookmark(std::uint64_t resource_version, bool initial_end) const {
  Value metadata = Value::Object({{"resourceVersion", Value(std::to_string(resource_version))},
                                  {"creationTimestamp", Value()}});
  if (initial_end) {
    metadata =
        metadata.With("annotations", Value::Object({{"k8s.io/initial-events-end", Value("true")}}));
  }
  const std::string group_version =
      resource.group.empty() ? version : resource.group + "/" + version;
  if (format == Format::kTable) return Table({}, metadata.Without("creationTimestamp"));
  const bool partial = format == Format::kPartial;
  return Value::Object({{"kind", Value(partial ? "PartialObjectMetadata" : resource.kind)},
                        {"apiVersion", Value(partial ? std::string(kMeta) : group_version)},
                        {"metadata", std::move(metadata)}});
}

}  // namespace swell::sandbox
