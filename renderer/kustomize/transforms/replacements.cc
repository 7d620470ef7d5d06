#include "renderer/kustomize/transforms/replacements.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "base/value/yaml_tree.h"
#include "renderer/kustomize/transforms/go_json.h"
#include "renderer/kustomize/transforms/path_matcher.h"

namespace swell::kustomize {
namespace {

// Of a YAML or JSON document that stands in a text.
constexpr std::size_t kMaxNodesInText = 1'000'000;
constexpr std::size_t kMaxAliasBytesInText = 1u << 20;

// The value to copy. A source value has no type of its own: it becomes what its text says.
struct Source {
  Value value;
  bool typed = true;
};

bool IsScalar(const Value& value) { return !value.is_array() && !value.is_object(); }

// What an untyped text is in YAML: a number, a boolean or else a string.
Value FromPlainText(const std::string& text) {
  if (text.empty()) return Value("");
  yaml::ParseOptions options;
  options.schema = yaml::Schema::kYaml12;
  auto parsed = yaml::Parse(text, options);
  if (parsed && (parsed->is_number() || parsed->is_bool() || parsed->is_null())) return *parsed;
  return Value(text);
}

// A text put where a value of another type was keeps that type.
Value AsTypeOf(const Value& target, const std::string& text) {
  if (target.is_string()) return Value(text);
  Value value = FromPlainText(text);
  if (target.is_float() && value.is_int()) return Value(value.as_float());
  return value;
}

bool MatchesExactly(const ResourceId& id, const Selector& selector) {
  const ResourceId wanted{selector.gvk, selector.name, selector.ns};
  return IsSelected(id.gvk, selector.gvk) && (selector.name.empty() || selector.name == id.name) &&
         (selector.ns.empty() || wanted.EffectiveNamespace() == id.EffectiveNamespace());
}

Result<const Resource*> FindSource(const ResourceMap& map, const Selector& selector) {
  const Resource* found = nullptr;
  auto fits = [&](const ResourceId& id) { return MatchesExactly(id, selector); };
  for (const auto& resource : map.all()) {
    TRY(map.budget().Spend(1 + resource->previous_ids().size()));
    if (!fits(resource->id()) && std::ranges::none_of(resource->previous_ids(), fits)) continue;
    if (found) {
      return Fail(InvalidArgument("multiple matches for selector " +
                                  ResourceId{selector.gvk, selector.name, selector.ns}.ToString()));
    }
    found = resource.get();
  }
  if (found) return found;
  return Fail(InvalidArgument("nothing selected by " +
                              ResourceId{selector.gvk, selector.name, selector.ns}.ToString()));
}

std::vector<std::string> SplitBy(const std::string& text, const std::string& delimiter) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t at = 0; (at = text.find(delimiter, start)) != text.npos;) {
    parts.push_back(text.substr(start, at - start));
    start = at + delimiter.size();
  }
  parts.push_back(text.substr(start));
  return parts;
}

Result<Source> FindValue(const ResourceMap& map, const Replacement& replacement) {
  if (replacement.source && replacement.source_value) {
    return Fail(InvalidArgument("value and resource selectors are mutually exclusive"));
  }
  if (replacement.source_value) return Source{Value(*replacement.source_value), false};
  if (!replacement.source) {
    return Fail(InvalidArgument("replacements must specify a source or a sourceValue"));
  }
  const ReplacementSource& source = *replacement.source;
  const Resource* resource = TRY(FindSource(map, source.selector));
  const Value* field =
      TRY_WRAP(FindPath(resource->value(), SplitReplacementPath(source.field_path), map.budget()),
               "error looking up replacement source");
  const bool empty = !field || field->is_null() || (!IsScalar(*field) && field->empty());
  if (empty) {
    return Fail(InvalidArgument(
        "fieldPath `" + source.field_path + "` is missing for replacement source " +
        ResourceId{source.selector.gvk, source.selector.name, source.selector.ns}.ToString()));
  }
  if (source.options.delimiter.empty()) return Source{*field};
  if (!IsScalar(*field)) {
    return Fail(InvalidArgument("delimiter option can only be used with scalar nodes"));
  }
  const std::vector<std::string> parts = SplitBy(ScalarText(*field), source.options.delimiter);
  if (source.options.index < 0 || static_cast<std::size_t>(source.options.index) >= parts.size()) {
    return Fail(InvalidArgument("options.index " + std::to_string(source.options.index) +
                                " is out of bounds for value " + ScalarText(*field)));
  }
  return Source{AsTypeOf(*field, parts[static_cast<std::size_t>(source.options.index)])};
}

class Writer {
 public:
  Writer(const Source& source, const ReplacementField& options, Budget& budget)
      : source_(source), options_(options), budget_(budget) {}

  Result<Value> Write(const Value& object, const std::string& field_path) const {
    const std::vector<std::string> path = SplitReplacementPath(field_path);
    TRY(CheckPathLength(path.size(), field_path));
    TRY(budget_.Spend(1 + field_path.size() / 32));
    if (auto nested = WriteInText(object, path)) return *nested;
    const char* what =
        options_.create ? "unable to find or create field " : "unable to find field ";
    const std::string message = what + Quote(field_path) + " in replacement target";
    PathEdit edit =
        TRY_WRAP(EditPath(
                     object, path, make(), [this](const Value& old) { return Set(old); }, budget_),
                 message);
    if (edit.matches == 0) return Fail(InvalidArgument(message));
    return std::move(edit.value);
  }

 private:
  MakeEnd make() const {
    if (!options_.create) return MakeEnd::kNever;
    if (source_.value.is_object()) return MakeEnd::kMap;
    return source_.value.is_array() ? MakeEnd::kList : MakeEnd::kScalar;
  }

  Result<Value> Set(const Value& old) const {
    if (!options_.delimiter.empty()) {
      if (!IsScalar(old)) {
        return Fail(InvalidArgument("delimiter option can only be used with scalar nodes"));
      }
      return AsTypeOf(old, Spliced(ScalarText(old)));
    }
    return Put(old);
  }

  Result<Value> Put(const Value& old) const {
    if (!IsScalar(old)) {
      return source_.typed ? source_.value : FromPlainText(source_.value.str());
    }
    // A field that was made takes the source's text as YAML reads it.
    return AsTypeOf(old, ScalarText(source_.value));
  }

  std::string Spliced(const std::string& old) const {
    std::vector<std::string> parts = SplitBy(old, options_.delimiter);
    const std::string text = ScalarText(source_.value);
    if (options_.index < 0) {
      parts.insert(parts.begin(), text);
    } else if (static_cast<std::size_t>(options_.index) >= parts.size()) {
      parts.push_back(text);
    } else {
      parts[static_cast<std::size_t>(options_.index)] = text;
    }
    return Join(parts, options_.delimiter);
  }

  // Where the path runs on inside a text that holds JSON or YAML: the edit in there. Nothing
  // where that is not so.
  std::optional<Result<Value>> WriteInText(const Value& object,
                                           const std::vector<std::string>& path) const {
    for (std::size_t n = 1; n < path.size(); ++n) {
      const std::vector<std::string> head(path.begin(), path.begin() + static_cast<long>(n));
      auto found = FindPath(object, head, budget_);
      if (!found && IsOverBudget(found.error())) return Result<Value>(Fail(found.error()));
      if (!found || !*found) continue;
      if (!IsScalar(**found)) continue;
      const std::vector<std::string> tail(path.begin() + static_cast<long>(n), path.end());
      return WriteIn(object, **found, head, tail);
    }
    return std::nullopt;
  }

  // Delimiters do not count inside of texts (kustomize 5.8.1).
  std::optional<Result<Value>> WriteIn(const Value& object, const Value& scalar,
                                       const std::vector<std::string>& head,
                                       const std::vector<std::string>& tail) const {
    const std::string text = ScalarText(scalar);
    yaml::ParseOptions options;
    options.schema = yaml::Schema::kYaml12;
    // It is parsed for every path that leads into it.
    if (Status spent = budget_.Allow(text.size()); !spent) {
      return Result<Value>(Fail(spent.error()));
    }
    options.max_nodes = kMaxNodesInText;
    options.max_alias_bytes = kMaxAliasBytesInText;
    auto parsed = yaml::Parse(text, options);
    if (!parsed) return Refused(parsed.error());
    if (Status spent = budget_.Parsed(*parsed); !spent) {
      return Result<Value>(Fail(spent.error()));
    }
    auto edit =
        EditPath(*parsed, tail, make(), [this](const Value& old) { return Put(old); }, budget_);
    if (!edit) return Refused(edit.error());
    if (edit->matches == 0) return std::nullopt;
    auto written = Rewritten(text, *parsed, edit->value);
    if (!written) {
      return Result<Value>(Fail(std::move(written).error().Wrap(
          "replacing a value inside the text of " + Join(head, "."))));
    }
    const Value changed(*written);
    auto whole = EditPath(
        object, head, MakeEnd::kNever, [&](const Value&) -> Result<Value> { return changed; },
        budget_);
    if (!whole) return Refused(whole.error());
    return Result<Value>(std::move(whole->value));
  }

  // The text with the new value in it, in the form that it had.
  static Result<std::string> Rewritten(const std::string& text, const Value& before,
                                       const Value& after) {
    const std::string_view trimmed = Trim(text);
    if (trimmed.starts_with('{') || trimmed.starts_with('[')) {
      const bool pretty = text.contains('\n') && text.contains("  ");
      return pretty ? GoJsonIndented(after) : GoJson(after);
    }
    yaml::Tree tree = TRY(yaml::ReadTree(text));
    yaml::UpdateTree(tree.root, before, after);
    return std::string(Trim(yaml::WriteTree(tree)));
  }

  static bool IsOverBudget(const Error& error) {
    return error.code() == ErrorCode::kResourceExhausted;
  }

  // The text is none that can be changed; but a budget's end is an error.
  static std::optional<Result<Value>> Refused(const Error& error) {
    if (!IsOverBudget(error)) return std::nullopt;
    return Result<Value>(Fail(error));
  }

  const Source& source_;
  const ReplacementField& options_;
  Budget& budget_;
};

struct TargetFilter {
  CompiledSelector select;
  std::vector<std::pair<CompiledSelector, const Selector*>> reject;

  static bool HasId(const Selector& s) {
    return !s.gvk.group.empty() || !s.gvk.version.empty() || !s.gvk.kind.empty() ||
           !s.name.empty() || !s.ns.empty();
  }

  template <class Predicate>
  static bool AnyId(const Resource& resource, Predicate predicate) {
    return predicate(resource.id()) || std::ranges::any_of(resource.previous_ids(), predicate);
  }

  bool Takes(const Resource& resource) const {
    if (!select.MatchesLabels(resource.value())) return false;
    for (const auto& [selector, written] : reject) {
      const bool by_labels =
          !written->label_selector.empty() || !written->annotation_selector.empty();
      if (by_labels && selector.MatchesLabels(resource.value())) return false;
      if (HasId(*written) &&
          AnyId(resource, [&](const ResourceId& id) { return selector.SelectsId(id); })) {
        return false;
      }
    }
    return AnyId(resource, [&](const ResourceId& id) { return select.SelectsId(id); });
  }
};

Result<TargetFilter> CompileFilter(const ReplacementTarget& target, Budget& budget) {
  TargetFilter filter{
      TRY_WRAP(CompiledSelector::Compile(target.select, budget), "error creating target selector"),
      {}};
  for (const Selector& reject : target.reject) {
    filter.reject.emplace_back(
        TRY_WRAP(CompiledSelector::Compile(reject, budget), "error creating target selector"),
        &reject);
  }
  return filter;
}

}  // namespace

Status ApplyReplacement(ResourceMap& map, const Replacement& replacement) {
  const Source source = TRY(FindValue(map, replacement));
  for (const ReplacementTarget& target : replacement.targets) {
    const TargetFilter filter = TRY(CompileFilter(target, map.budget()));
    const Writer writer(source, target.options, map.budget());
    for (std::size_t i = 0; i < map.size(); ++i) {
      TRY(map.budget().Spend(1));
      if (!filter.Takes(map.at(i))) continue;
      Value object = map.at(i).value();
      for (const std::string& path : target.field_paths) {
        Value written = TRY(writer.Write(object, path));
        TRY(map.budget().AllowChange(object, written));
        object = std::move(written);
      }
      TRY(map.SetValue(i, std::move(object)));
    }
  }
  return {};
}

}  // namespace swell::kustomize
