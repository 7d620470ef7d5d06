#pragma once
// How objects are shown: as they are, as Table rows (kubectl get), or as metadata alone.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/value/value.h"
#include "server/sandbox/resource.h"
#include "server/sandbox/store.h"

namespace swell::sandbox {

enum class Format { kObject, kTable, kPartial };

// What the Accept header asks for first that we can make; nothing where there is no such thing.
std::optional<Format> Negotiate(std::string_view accept);

struct Encoder {
  const Resource& resource;
  std::string version;  // the API version of the URL
  Format format = Format::kObject;
  bool include_object = false;  // Table rows carry the whole object
  Timestamp now{};

  // One object on its own.
  Value One(const Stored& object) const;
  // What a watch event carries.
  Value Event(const Stored& object) const { return One(object); }
  // A list; `metadata` holds resourceVersion, continue and remainingItemCount.
  Value List(const std::vector<ObjectPtr>& objects, const Value& metadata) const;
  // A bookmark of the watch.
  Value Bookmark(std::uint64_t resource_version, bool initial_end) const;

 private:
  Value Whole(const Stored& object) const;
  Value Partial(const Stored& object) const;
  Value Table(const std::vector<const Stored*>& objects, const Value& metadata) const;
};

// table.cc: the columns that kubectl prints for the kind, and an object's cells.
Value TableColumns(const Resource& resource);
Value TableCells(const Resource& resource, const Value& object, Timestamp now);

}  // namespace swell::sandbox
