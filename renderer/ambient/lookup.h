#pragma once
// Lookups of a chart (`lookup "v1" "Secret" "web" "db"`), answered from a snapshot: a render
// asks no cluster. What the snapshot lacks is noted, so that whoever renders can fetch it and
// render again.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell {

// An object, or with an empty name the list of all.
struct LookupKey {
  std::string api_version;
  std::string kind;
  std::string ns;
  std::string name;
  // "Secret web/db", for messages.
  std::string ToString() const;
  friend auto operator<=>(const LookupKey&, const LookupKey&) = default;
};

// What a cluster answered; null: there is no such object, or the kind is not served.
using LookupSnapshot = std::map<LookupKey, Value>;
// What was asked, and the template that asked first.
using LookupsAsked = std::map<LookupKey, std::string>;

std::vector<LookupKey> Unanswered(const LookupsAsked& asked, const LookupSnapshot& snapshot);

// The snapshot as one render uses it. One thread at a time.
class LookupSource {
 public:
  static constexpr std::size_t kMaxKeys = 1'000;

  // `snapshot` null: nothing is ever found, as with `helm template`.
  explicit LookupSource(std::shared_ptr<const LookupSnapshot> snapshot)
      : snapshot_(std::move(snapshot)) {}

  // Null where there is no such object, or no answer yet. kResourceExhausted beyond kMaxKeys.
  Result<Value> Find(const LookupKey& key, std::string_view asked_by);
  const LookupsAsked& asked() const { return asked_; }

 private:
  const std::shared_ptr<const LookupSnapshot> snapshot_;
  LookupsAsked asked_;
};

}  // namespace swell
