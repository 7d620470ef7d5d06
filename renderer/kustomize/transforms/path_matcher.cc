#include "renderer/kustomize/transforms/path_matcher.h"

#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "base/core/strings.h"
#include "renderer/kustomize/transforms/field_spec.h"
#include "renderer/kustomize/transforms/resource.h"
#include "renderer/kustomize/transforms/selector.h"

namespace swell::kustomize {
namespace {

std::optional<std::size_t> Index(std::string_view step) {
  std::size_t index = 0;
  auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc() || end != step.data() + step.size()) return std::nullopt;
  return index;
}

bool IsListStep(std::string_view step) { return step.starts_with('[') && step.ends_with(']'); }

// "[name=web]" -> name, web; "[=web]" -> "", web.
struct ListStep {
  std::string key;
  std::string expression;
};

Result<ListStep> ParseListStep(std::string_view step) {
  const std::string_view inside = step.substr(1, step.size() - 2);
  const std::size_t equals = inside.find('=');
  if (equals == inside.npos) {
    return Fail(InvalidArgument("list step " + Quote(step) + " is not of the form [key=value]"));
  }
  return ListStep{std::string(inside.substr(0, equals)), std::string(inside.substr(equals + 1))};
}

Value MadeFor(std::string_view next_step, MakeEnd end) {
  if (next_step.empty()) {
    switch (end) {
      case MakeEnd::kMap:
        return Value::EmptyObject();
      case MakeEnd::kList:
        return Value::EmptyArray();
      default:
        return Value();  // a scalar without a type
    }
  }
  if (IsListStep(next_step) || next_step == "-" || next_step == "*" || Index(next_step)) {
    return Value::EmptyArray();
  }
  return Value::EmptyObject();
}

struct Editor {
  MakeEnd make;
  const std::function<Result<Value>(const Value&)>& set;
  Budget& budget;
  int matches = 0;

  Result<Value> Edit(const Value& node, std::span<const std::string> path) {
    TRY(budget.Spend(1 + node.size()));
    if (path.empty()) {
      ++matches;
      Value value = TRY(set(node));
      TRY(budget.AllowChange(node, value));
      return value;
    }
    const std::string& step = path[0];
    if (Index(step) && !node.is_object()) return EditIndex(node, path);
    if (IsListStep(step)) return EditItems(node, path);
    if (step == "*") return EditEvery(node, path);
    return EditField(node, path);
  }

 private:
  Status NeedsList(const Value& node) {
    if (node.is_array()) return {};
    return Fail(InvalidArgument("wrong node kind: expected SequenceNode"));
  }

  Result<Value> EditField(const Value& node, std::span<const std::string> path) {
    if (node.is_null()) return node;
    if (!node.is_object()) {
      return Fail(InvalidArgument("wrong node kind: expected MappingNode at " + Quote(path[0])));
    }
    const Value* field = node.Find(path[0]);
    if (!field && make == MakeEnd::kNever) return node;
    const std::string_view next = path.size() > 1 ? std::string_view(path[1]) : "";
    const Value made = field ? Value() : MadeFor(next, make);
    Value edited = TRY(Edit(field ? *field : made, path.subspan(1)));
    return field && edited == *field ? node : node.With(path[0], std::move(edited));
  }

  Result<Value> EditIndex(const Value& node, std::span<const std::string> path) {
    TRY(NeedsList(node));
    const std::size_t index = *Index(path[0]);
    const bool appends = index == node.size() && make != MakeEnd::kNever;
    if (index >= node.size() && !appends) {
      return Fail(InvalidArgument("index " + path[0] + " specified but only " +
                                  std::to_string(node.size()) + " elements found"));
    }
    const std::string_view next = path.size() > 1 ? std::string_view(path[1]) : "";
    const Value item = appends ? MadeFor(next, make) : node[index];
    return node.WithItem(index, TRY(Edit(item, path.subspan(1))));
  }

  Result<Value> EditEvery(const Value& node, std::span<const std::string> path) {
    TRY(NeedsList(node));
    std::vector<Value> items;
    for (const Value& item : node.items()) items.push_back(TRY(Edit(item, path.subspan(1))));
    return Value::Array(std::move(items));
  }

  Result<Value> EditItems(const Value& node, std::span<const std::string> path) {
    TRY(NeedsList(node));
    const ListStep step = TRY(ParseListStep(path[0]));
    const Pattern pattern = TRY(Pattern::Compile(step.expression, Pattern::Anchor::kAnywhere));
    TRY(budget.Spend(pattern.CompileSteps()));
    std::vector<Value> items(node.items().begin(), node.items().end());
    const int before = matches;
    for (Value& item : items) {
      const Value* text = step.key.empty() ? &item : item.Find(step.key);
      if (!text) continue;
      const std::string content = ScalarText(*text);
      budget.Note(pattern.MatchSteps(content));
      if (!pattern.Matches(content)) continue;
      // An item that matched by itself ends the path.
      item = TRY(Edit(item, step.key.empty() ? std::span<const std::string>() : path.subspan(1)));
    }
    if (matches == before && make != MakeEnd::kNever) {
      const Value made = step.key.empty()
                             ? Value(step.expression)
                             : Value::EmptyObject().With(step.key, Value(step.expression));
      items.push_back(
          TRY(Edit(made, step.key.empty() ? std::span<const std::string>() : path.subspan(1))));
    }
    return Value::Array(std::move(items));
  }
};

}  // namespace

std::vector<std::string> SplitReplacementPath(std::string_view path) {
  const std::vector<std::string> parts = SplitFieldPath(path, '.');
  std::vector<std::string> result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string part = parts[i];
    if (!part.starts_with('[') || part.ends_with(']')) {
      result.push_back(std::move(part));
      continue;
    }
    while (i + 1 < parts.size()) {
      part += "." + parts[++i];
      if (parts[i].ends_with(']')) break;
    }
    if (!part.contains('=')) {
      const std::size_t first = part.find_first_not_of("[]");
      const std::size_t last = part.find_last_not_of("[]");
      part = first == part.npos ? "" : part.substr(first, last - first + 1);
    }
    result.push_back(std::move(part));
  }
  return result;
}

Result<PathEdit> EditPath(const Value& root, const std::vector<std::string>& path, MakeEnd make,
                          const std::function<Result<Value>(const Value&)>& set, Budget& budget) {
  TRY(CheckPathLength(path.size(), path.empty() ? "" : path[0]));
  Editor editor{make, set, budget};
  PathEdit edit;
  edit.value = TRY(editor.Edit(root, path));
  edit.matches = editor.matches;
  return edit;
}

Result<const Value*> FindPath(const Value& root, const std::vector<std::string>& path,
                              Budget& budget) {
  const Value* at = &root;
  for (const std::string& raw : path) {
    const std::string_view step = Trim(raw);
    if (step.empty()) continue;
    TRY(budget.Spend(1));
    const Value* next = nullptr;
    if (auto index = Index(step); index && !at->is_object()) {
      if (*index < at->size() && at->is_array()) next = &at->items()[*index];
    } else if (step == "-" && at->is_array()) {
      if (!at->empty()) next = &at->items().back();
    } else if (step == "*") {
      return Fail(InvalidArgument("wildcard is not supported in PathGetter"));
    } else if (IsListStep(step)) {
      const ListStep wanted = TRY(ParseListStep(step));
      TRY(budget.Spend(at->size()));
      for (const Value& item : at->items()) {
        const Value* text = wanted.key.empty() ? &item : item.Find(wanted.key);
        if (text && ScalarText(*text) == wanted.expression) {
          next = &item;
          break;
        }
      }
    } else if (at->is_object()) {
      next = at->Find(step);
    } else {
      return Fail(InvalidArgument("wrong node kind: expected MappingNode at " + Quote(step)));
    }
    if (!next || next->is_null()) return static_cast<const Value*>(nullptr);
    at = next;
  }
  return at;
}

}  // namespace swell::kustomize
