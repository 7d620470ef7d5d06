// merge and mergeOverwrite, by the rules of the Go library mergo (facts C3): what counts as
// empty is filled, maps are merged in place, and what is taken over is shared, not copied.

#include "renderer/funcs/cast.h"
#include "renderer/funcs/data_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
using gotemplate::Map;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

enum class Mode { kFill, kOverwrite };

class Merger {
 public:
  Merger(Context& context, Mode mode) : context_(context), mode_(mode) {}

  // Merges the map `source` into the map `target`.
  Status Merge(const Any& target, const Any& source, int depth) {
    if (target.SameAs(source)) return {};
    const gotemplate::Type* slot = target.type()->elem;
    const gotemplate::Type* elem = source.type()->elem;
    if (slot != types::kAny && slot != elem) {
      return Fail(InvalidArgument("reflect.Value.SetMapIndex: value of type " +
                                  std::string(elem->name) + " is not assignable to type " +
                                  std::string(slot->name)));
    }
    TRY(context_.budget().CheckDepth(depth));
    // The target may be reachable from the source: go over the source as it is now.
    const auto entries = source.as_map()->Snapshot();
    for (const Map::Entry& entry : *entries) {
      TRY(context_.budget().Spend(1 + target.as_map()->size() / 64));
      TRY(MergeEntry(target, entry, depth));
    }
    return {};
  }

 private:
  Status MergeEntry(const Any& target, const Map::Entry& entry, int depth) {
    const Any* found = target.as_map()->Find(entry.name());
    const Any old = found == nullptr ? Any() : *found;
    if (entry.value.is_nil()) {
      if (mode_ == Mode::kOverwrite) Store(target, entry);
      return {};
    }
    if (entry.value.is_map() && old.is_map()) TRY(Merge(old, entry.value, depth + 1));
    const bool keep = !IsEmpty(old);
    if (keep && entry.value.is_map() && old.is_map()) return {};
    if (mode_ == Mode::kOverwrite || !keep) Store(target, entry);
    return {};
  }

  void Store(const Any& target, const Map::Entry& entry) {
    context_.cycles().Note(target, entry.value);
    target.as_map()->Set(entry.name(), entry.value);
  }

  Context& context_;
  Mode mode_;
};

Result<Any> MergeAll(Context& context, Args args, Mode mode) {
  // A nil dictionary becomes a new one, as Go's reflection makes it.
  const Any target = args[0].is_nil() ? Any::NewMap() : args[0];
  Merger merger(context, mode);
  for (const Any& source : args.subspan(1)) {
    if (!source.is_nil()) TRY(merger.Merge(target, source, 0));
  }
  return target;
}

Result<Any> Merge(Context& context, Args args) { return MergeAll(context, args, Mode::kFill); }
Result<Any> MergeOverwrite(Context& context, Args args) {
  return MergeAll(context, args, Mode::kOverwrite);
}

}  // namespace

void RegisterMerge(FunctionMap& functions) {
  using namespace types;
  for (const char* name : {"merge", "mustMerge"}) {
    functions.AddVariadic(name, {kAnyMap}, kAnyMap, &Merge);
  }
  for (const char* name : {"mergeOverwrite", "mustMergeOverwrite"}) {
    functions.AddVariadic(name, {kAnyMap}, kAnyMap, &MergeOverwrite);
  }
}

}  // namespace swell::funcs
