#pragma once
// Kept results of template functions that draw on chance or the clock (randAlphaNum, genCA, now):
// a render that is handed them gets the same results as the render that made them.

#include <functional>
#include <map>
#include <memory>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "base/core/secret.h"
#include "base/value/value.h"

namespace swell {

struct StableValue {
  Secret json;         // the result
  Timestamp renew_at;  // from then on a render makes it anew (certificates); epoch: never
  friend bool operator==(const StableValue&, const StableValue&) = default;
};

// By call site.
using StableValues = std::map<Digest, StableValue>;

bool IsDue(const StableValue& value, Timestamp now);

// Whether a render with `known` would give exactly `used`, or make anew what it does not know.
bool Agree(const StableValues& used, const StableValues& known, Timestamp now);

// A call, told apart from others by what an upgrade of the chart or another switch in its values
// leaves alone: never by line numbers, so that a moved line does not rotate a password. Each part
// but the function may be empty.
struct CallSite {
  std::string_view file;    // the template that is rendered
  std::string_view define;  // the one that makes the call
  std::string_view name;    // what that one was handed as "name" and as "key"
  std::string_view key;
  std::string_view object;    // the name of the object that is being written
  std::string_view field;     // the field that the result becomes
  std::string_view function;  // its name
  Digest arguments;
};

struct StableLimits {
  std::size_t max_values = 5'000;    // of one render
  std::size_t max_bytes = 4u << 20;  // of their results
};

// The kept values as one render uses them. One thread at a time.
class StableSource {
 public:
  // `known` null: nothing is kept, every call gives another result, as with helm.
  StableSource(std::shared_ptr<const StableValues> known, Timestamp now, StableLimits limits = {})
      : known_(std::move(known)), now_(now), limits_(limits) {}

  struct Made {
    Value value;
    Timestamp renew_at;
  };
  // The kept result of the call. Where there is none, or it is due, what `make` gives. Of calls
  // that are equal in everything, the first has the first result, the second the second.
  Result<Value> Get(const CallSite& site, const std::function<Result<Made>()>& make);

  // Whether any call was made, kept or not: the render is one of many possible ones.
  bool drawn() const { return drawn_; }
  // Everything that was given; empty where nothing is kept.
  const StableValues& used() const { return used_; }

 private:
  Digest Key(const CallSite& site);
  Status Keep(const Digest& key, StableValue value);

  const std::shared_ptr<const StableValues> known_;
  const Timestamp now_;
  const StableLimits limits_;
  bool drawn_ = false;
  std::map<Digest, std::int64_t> equal_calls_;
  StableValues used_;
  std::size_t bytes_ = 0;
};

}  // namespace swell
