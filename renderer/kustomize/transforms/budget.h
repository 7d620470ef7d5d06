#pragma once
// Budgets of one build: what bounds kustomizations that multiply, objects that grow and patches
// that never end. There is no budget of time: the same input ends the same way on every machine.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::kustomize {

// Of a whole build, with every base and component below it.
struct Limits {
  std::uint64_t max_steps = 50'000'000;            // objects and fields looked at or changed
  std::uint64_t max_output_bytes = 64ull << 20;    // of all objects, about as YAML prints them
  std::uint64_t max_allocated_bytes = 1ull << 30;  // everything that was made, added up
  std::uint64_t max_read_bytes = 100ull << 20;     // of files, counted as often as they are read
  std::size_t max_objects = 20'000;
  std::size_t max_kustomizations = 10'000;  // counted as often as they are named
  std::size_t max_depth = 1'000;            // kustomizations inside each other
  friend bool operator==(const Limits&, const Limits&) = default;
};

// Nesting of a value, and steps of a path: both are walked recursively. Files hold at most 512
// levels; patches and replacements can stack them.
inline constexpr std::size_t kMaxNesting = 1'000;

// kResourceExhausted where a path of that many steps is too long; `path` is shown.
Status CheckPathLength(std::size_t steps, std::string_view path);

// Counts against Limits. One thread at a time. Every error is kResourceExhausted, names the
// budget and its size, and comes back with every later call that can fail; the caller adds the
// place.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t steps_left() const;
  std::uint64_t read_bytes_left() const;

  // Accounts for `steps` units of work; each is some ten nanoseconds.
  Status Spend(std::uint64_t steps) {
    steps_ += steps;
    if (steps_ <= limits_.max_steps) [[likely]]
      return {};
    return Check();
  }
  // The same where the caller cannot fail: the next call that can does.
  void Note(std::uint64_t steps) { steps_ += steps; }
  // To be asked before something of about `bytes` bytes is made.
  Status Allow(std::uint64_t bytes);
  // To be asked before `bytes` bytes of the file `path` are read.
  Status Read(std::uint64_t bytes, std::string_view path);
  // For what a file holds, once it is parsed: aliases can make a short text large.
  Status Parsed(const Value& document);
  Status EnterKustomization(std::size_t depth);
  Status AddObject();
  void RemoveObjects(std::size_t count, std::uint64_t bytes);

  // What all objects print grows by what `after` prints more than `before`. Shared parts cost
  // nothing. The bytes that `after` prints, where `before` prints `before_bytes`.
  Result<std::uint64_t> Replace(const Value& before, std::uint64_t before_bytes,
                                const Value& after);
  // The same for a change on the way to such an `after`: it may be no larger than that.
  Status AllowChange(const Value& before, const Value& after);

 private:
  struct Change;
  Result<Change> Compare(const Value& before, const Value& after);
  Status Check() const;

  Limits limits_;
  std::uint64_t steps_ = 0;
  std::uint64_t allocated_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t output_ = 0;
  std::size_t objects_ = 0;
  std::size_t kustomizations_ = 0;
};

}  // namespace swell::kustomize
