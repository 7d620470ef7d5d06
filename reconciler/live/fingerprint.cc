#include "reconciler/live/fingerprint.h"

#include <array>
#include <string>
#include <vector>

#include "base/value/json.h"

namespace swell::live {
namespace {

Value ReducedManagers(const Value& managed_fields) {
  std::vector<Value> entries;
  for (const Value& entry : managed_fields.items()) {
    if (!entry["subresource"].as_string().empty()) continue;
    entries.push_back(entry.Has("time") ? entry.Without("time") : entry);
  }
  return Value::Array(std::move(entries));
}

Value Reduced(const Value& object) {
  std::vector<Member> metadata;
  for (const Member& member : object["metadata"].members()) {
    const std::string_view name = member.name();
    if (name == "resourceVersion" || name == "generation" || name == "selfLink" ||
        name == "creationTimestamp" || name == "uid") {
      continue;
    }
    metadata.emplace_back(member.key,
                          name == "managedFields" ? ReducedManagers(member.value) : member.value);
  }
  return object.Without("status").With("metadata", Value::Object(std::move(metadata)));
}

}  // namespace

Fingerprint Shorten(const Digest& digest) {
  Fingerprint out;
  for (std::size_t i = 0; i < 8; ++i) {
    out.high = out.high << 8 | digest.bytes()[i];
    out.low = out.low << 8 | digest.bytes()[i + 8];
  }
  return out;
}

Fingerprint FingerprintOf(const ObjectId& id) {
  return Shorten(Hasher().Add(id.group).Add(id.kind).Add(id.ns).Add(id.name).Finish());
}

Fingerprint FingerprintOf(const Value& object) { return Shorten(Digest::Of(json::Write(object))); }

Fingerprint Combine(std::span<const Fingerprint> parts) {
  std::string bytes;
  bytes.reserve(parts.size() * sizeof(Fingerprint));
  for (const Fingerprint& part : parts) {
    for (const std::uint64_t half : {part.high, part.low}) {
      bytes.append(reinterpret_cast<const char*>(&half), sizeof half);
    }
  }
  return Shorten(Digest::Of(bytes));
}

LivePrints PrintsOfLive(const Value& object) {
  LivePrints out;
  out.content = FingerprintOf(Reduced(object));
  const Fingerprint uid = Shorten(Digest::Of(object["metadata"]["uid"].as_string()));
  out.whole = Combine(std::array{out.content, uid});
  return out;
}

Fingerprint FingerprintOfLive(const Value& object) { return PrintsOfLive(object).whole; }

}  // namespace swell::live
