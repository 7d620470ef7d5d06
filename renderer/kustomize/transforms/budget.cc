#include "renderer/kustomize/transforms/budget.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/core/strings.h"

namespace swell::kustomize {
namespace {

// Text costs time as well: it is copied, searched and parsed.
constexpr std::uint64_t kBytesPerStep = 32;
// What a field or item takes beside its text, printed and in memory.
constexpr std::uint64_t kNodePrint = 3;
constexpr std::uint64_t kNodeMemory = 32;
// Deeper than this, YAML breaks a long text at every space and indents each line.
constexpr std::uint64_t kFoldIndent = 40;

Error Exhausted(std::string_view what, std::uint64_t limit, std::string_view unit,
                std::string_view budget) {
  return ResourceExhausted("the build " + std::string(what) + " more than " +
                           std::to_string(limit) + " " + std::string(unit) + " (budget " +
                           std::string(budget) + ")");
}

Error TooDeep() {
  return ResourceExhausted("an object is nested deeper than " + std::to_string(kMaxNesting) +
                           " levels");
}

// What printing costs about: every field and item has a line of its own, indented by two more
// than its parent's.
class Measure {
 public:
  explicit Measure(std::uint64_t most) : most_(most) {}

  std::uint64_t printed = 0;
  std::uint64_t nodes = 0;
  bool too_deep = false;

  // Ends early, with more than `most`, where the value prints more.
  void Add(const Value& value, std::size_t depth) {
    ++nodes;
    if (depth > kMaxNesting) too_deep = true;
    if (too_deep || printed > most_) return;
    printed += kNodePrint + 2 * depth;
    if (value.is_string()) printed += TextBytes(value.as_string(), depth);
    for (const Value& item : value.items()) Add(item, depth + 1);
    for (const Member& member : value.members()) {
      printed += member.name().size();
      Add(member.value, depth + 1);
    }
  }

 private:
  static std::uint64_t TextBytes(std::string_view text, std::size_t depth) {
    const std::uint64_t indent = 2 * depth;
    auto lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    if (indent > kFoldIndent) lines += static_cast<std::uint64_t>(std::ranges::count(text, ' '));
    return text.size() + lines * indent;
  }

  std::uint64_t most_;
};

// The difference of two values: parts that they share at the same place are not looked at.
class Difference {
 public:
  explicit Difference(std::uint64_t most) : gone_(most), fresh_(most) {}

  void Compare(const Value& before, const Value& after, std::size_t depth) {
    ++fresh_.nodes;
    if (depth > kMaxNesting) fresh_.too_deep = true;
    if (fresh_.too_deep || before.SharesWith(after)) return;
    if (before.is_object() && after.is_object()) return CompareMaps(before, after, depth);
    if (before.is_array() && after.is_array()) return CompareLists(before, after, depth);
    gone_.Add(before, depth);
    fresh_.Add(after, depth);
  }

  const Measure& gone() const { return gone_; }
  const Measure& fresh() const { return fresh_; }

 private:
  void Gone(const Member& member, std::size_t depth) {
    gone_.printed += member.name().size();
    gone_.Add(member.value, depth);
  }

  void Fresh(const Member& member, std::size_t depth) {
    fresh_.printed += member.name().size();
    fresh_.Add(member.value, depth);
  }

  void CompareMaps(const Value& before, const Value& after, std::size_t depth) {
    const std::span<const Member> a = before.members();
    const std::span<const Member> b = after.members();
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
      const int order = a[i].name().compare(b[j].name());
      if (order == 0) {
        Compare(a[i++].value, b[j++].value, depth + 1);
      } else if (order < 0) {
        Gone(a[i++], depth + 1);
      } else {
        Fresh(b[j++], depth + 1);
      }
    }
    while (i < a.size()) Gone(a[i++], depth + 1);
    while (j < b.size()) Fresh(b[j++], depth + 1);
  }

  void CompareLists(const Value& before, const Value& after, std::size_t depth) {
    const std::span<const Value> a = before.items();
    const std::span<const Value> b = after.items();
    const std::size_t both = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < both; ++i) Compare(a[i], b[i], depth + 1);
    for (const Value& item : a.subspan(both)) gone_.Add(item, depth + 1);
    for (const Value& item : b.subspan(both)) fresh_.Add(item, depth + 1);
  }

  Measure gone_;
  Measure fresh_;
};

std::uint64_t Left(std::uint64_t limit, std::uint64_t used) {
  return limit > used ? limit - used : 0;
}

}  // namespace

Status CheckPathLength(std::size_t steps, std::string_view path) {
  if (steps <= kMaxNesting) return {};
  return Fail(ResourceExhausted("the field path " + Quote(path.substr(0, 60)) + "… has " +
                                std::to_string(steps) + " steps; at most " +
                                std::to_string(kMaxNesting) + " are followed"));
}

std::uint64_t Budget::steps_left() const { return Left(limits_.max_steps, steps_); }

std::uint64_t Budget::read_bytes_left() const { return Left(limits_.max_read_bytes, read_); }

Status Budget::Check() const {
  if (steps_ > limits_.max_steps) {
    return Fail(Exhausted("takes", limits_.max_steps, "steps", "max_steps"));
  }
  if (allocated_ > limits_.max_allocated_bytes) {
    return Fail(
        Exhausted("makes", limits_.max_allocated_bytes, "bytes in all", "max_allocated_bytes"));
  }
  if (output_ > limits_.max_output_bytes) {
    return Fail(
        Exhausted("gives", limits_.max_output_bytes, "bytes of objects", "max_output_bytes"));
  }
  return {};
}

Status Budget::Allow(std::uint64_t bytes) {
  allocated_ += bytes;
  steps_ += bytes / kBytesPerStep;
  return Check();
}

Status Budget::Read(std::uint64_t bytes, std::string_view path) {
  constexpr std::uint64_t kStepsPerFile = 100;
  read_ += bytes;
  TRY(Spend(kStepsPerFile));
  if (read_ <= limits_.max_read_bytes) return {};
  return Fail(Exhausted("reads", limits_.max_read_bytes, "bytes of files", "max_read_bytes")
                  .Wrap("reading " + std::string(path)));
}

Status Budget::Parsed(const Value& document) {
  Measure measure(limits_.max_allocated_bytes);
  measure.Add(document, 0);
  steps_ += measure.nodes;
  return Allow(measure.nodes * kNodeMemory + measure.printed);
}

Status Budget::EnterKustomization(std::size_t depth) {
  constexpr std::uint64_t kStepsPerKustomization = 1'000;
  if (++kustomizations_ > limits_.max_kustomizations) {
    return Fail(
        Exhausted("loads", limits_.max_kustomizations, "kustomizations", "max_kustomizations"));
  }
  if (depth > limits_.max_depth) {
    return Fail(ResourceExhausted("kustomizations are nested deeper than " +
                                  std::to_string(limits_.max_depth) +
                                  " levels (budget max_depth)"));
  }
  return Spend(kStepsPerKustomization);
}

Status Budget::AddObject() {
  if (++objects_ <= limits_.max_objects) return {};
  return Fail(Exhausted("gives", limits_.max_objects, "objects", "max_objects"));
}

void Budget::RemoveObjects(std::size_t count, std::uint64_t bytes) {
  objects_ -= std::min(count, objects_);
  output_ -= std::min(bytes, output_);
}

struct Budget::Change {
  std::uint64_t gone = 0;   // bytes that are not printed any more
  std::uint64_t fresh = 0;  // bytes that are printed now
};

Result<Budget::Change> Budget::Compare(const Value& before, const Value& after) {
  // Enough to find out that it is too much.
  Difference difference(limits_.max_output_bytes);
  difference.Compare(before, after, 0);
  const Measure& gone = difference.gone();
  const Measure& fresh = difference.fresh();
  if (fresh.too_deep) return Fail(TooDeep());
  steps_ += gone.nodes + fresh.nodes;
  allocated_ += fresh.nodes * kNodeMemory + fresh.printed;
  steps_ += fresh.printed / kBytesPerStep;
  return Change{gone.printed, fresh.printed};
}

Result<std::uint64_t> Budget::Replace(const Value& before, std::uint64_t before_bytes,
                                      const Value& after) {
  const Change change = TRY(Compare(before, after));
  output_ += change.fresh;
  output_ -= std::min(change.gone, output_);
  TRY(Check());
  return before_bytes + change.fresh - std::min(before_bytes, change.gone);
}

Status Budget::AllowChange(const Value& before, const Value& after) {
  const Change change = TRY(Compare(before, after));
  if (output_ + change.fresh > limits_.max_output_bytes + change.gone) {
    return Fail(
        Exhausted("gives", limits_.max_output_bytes, "bytes of objects", "max_output_bytes"));
  }
  return Check();
}

}  // namespace swell::kustomize
