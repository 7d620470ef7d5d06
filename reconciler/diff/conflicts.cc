#include "reconciler/diff/conflicts.h"

#include <algorithm>
#include <map>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/diff/ownership.h"

namespace swell::diff {
namespace {

constexpr std::size_t kMaxDepth = 128;

// Walks one manager's field set over both objects.
class Finder {
 public:
  explicit Finder(std::map<std::string, FieldConflict>& found) : found_(found) {}

  void Walk(std::string_view manager, const Value& fields, const Value& desired,
            const Value& live) {
    manager_ = manager;
    Visit(fields, desired, live);
  }

 private:
  void Visit(const Value& node, const Value& desired, const Value& live) {
    if (at_.size() > kMaxDepth || desired == live) return;
    if (IsLeaf(node)) return Report();
    if (desired.is_object() && live.is_object()) return VisitMembers(node, desired, live);
    if (desired.is_array() && live.is_array()) VisitItems(node, desired, live);
  }

  void VisitMembers(const Value& node, const Value& desired, const Value& live) {
    for (const Member& member : desired.members()) {
      const Value* child = FieldNode(&node, member.name());
      const Value* there = live.Find(member.name());
      if (child == nullptr || there == nullptr) continue;
      const std::string name(member.name());
      Descend({name, name, name}, *child, member.value, *there);
    }
  }

  void VisitItems(const Value& node, const Value& desired, const Value& live) {
    const ItemIndex owned(&node);
    for (std::size_t i = 0; i < desired.size(); ++i) {
      const Value& item = desired[i];
      const Value* child = item.is_object() ? owned.Find(item) : nullptr;
      if (child == nullptr) continue;
      for (std::size_t j = 0; j < live.size(); ++j) {
        if (owned.Find(live[j]) != child) continue;
        Descend({std::to_string(i), std::to_string(j), KeyText(item, owned.keys())}, *child, item,
                live[j]);
        break;
      }
    }
  }

  static std::string KeyText(const Value& item, const std::vector<std::string>& keys) {
    std::vector<std::string> parts;
    for (const std::string& key : keys) {
      const Value& value = item[key];
      parts.push_back(key + "=" + (value.is_string() ? value.str() : json::Write(value)));
    }
    return "[" + Join(parts, ",") + "]";
  }

  struct Token {
    std::string desired, live, readable;
  };

  void Descend(Token token, const Value& node, const Value& desired, const Value& live) {
    at_.push_back(std::move(token));
    Visit(node, desired, live);
    at_.pop_back();
  }

  void Report() {
    FieldConflict conflict;
    for (const Token& token : at_) {
      conflict.desired.push_back(token.desired);
      conflict.live.push_back(token.live);
      conflict.path += "/" + EscapePointerToken(token.readable);
    }
    auto& managers = found_.emplace(conflict.path, std::move(conflict)).first->second.managers;
    const auto place = std::ranges::lower_bound(managers, manager_);
    if (place == managers.end() || *place != manager_) managers.emplace(place, manager_);
  }

  std::map<std::string, FieldConflict>& found_;
  std::string manager_;
  std::vector<Token> at_;
};

bool IsWithin(const PointerTokens& field, const PointerTokens& rule) {
  return rule.size() <= field.size() &&
         std::equal(rule.begin(), rule.end(), field.begin(),
                    [](const std::string& a, const std::string& b) { return a == "*" || a == b; });
}

Value Without(const Value& node, const PointerTokens& path, std::size_t depth) {
  const std::string& token = path[depth];
  const bool last = depth + 1 == path.size();
  if (node.is_object()) {
    const Value* child = node.Find(token);
    if (child == nullptr) return node;
    return last ? node.Without(token) : node.With(token, Without(*child, path, depth + 1));
  }
  const std::size_t index = std::strtoul(token.c_str(), nullptr, 10);
  if (!node.is_array() || index >= node.size()) return node;
  std::vector<Value> items(node.items().begin(), node.items().end());
  if (last) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  } else {
    items[index] = Without(items[index], path, depth + 1);
  }
  return Value::Array(std::move(items));
}

// Reads a field path of structured-merge-diff along a document.
class PathReader {
 public:
  std::vector<PointerTokens> Read(const Value& document, std::string_view path) {
    Step(document, path);
    return std::move(found_);
  }

 private:
  void Step(const Value& node, std::string_view rest) {
    if (rest.empty()) return found_.push_back(at_);
    if (at_.size() > kMaxDepth) return;
    if (rest.front() == '.' && node.is_object()) return StepIntoMember(node, rest.substr(1));
    if (rest.front() == '[' && node.is_array()) StepIntoItem(node, rest.substr(1));
  }

  // Names are not quoted, and may hold dots: every member that the text may mean is tried.
  void StepIntoMember(const Value& node, std::string_view rest) {
    for (const Member& member : node.members()) {
      if (!rest.starts_with(member.name())) continue;
      const std::string_view after = rest.substr(member.name().size());
      if (!after.empty() && after.front() != '.' && after.front() != '[') continue;
      Go(std::string(member.name()), member.value, after);
    }
  }

  void StepIntoItem(const Value& node, std::string_view rest) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      for (const std::string& text : {std::to_string(i), "=" + json::Write(node[i])}) {
        if (rest.starts_with(text + "]"))
          Go(std::to_string(i), node[i], rest.substr(text.size() + 1));
      }
      if (const auto length = MatchKeys(node[i], rest)) {
        Go(std::to_string(i), node[i], rest.substr(*length));
      }
    }
  }

  // How much of `containerPort=80,protocol="TCP"].name` names the item, the bracket included.
  static std::optional<std::size_t> MatchKeys(const Value& item, std::string_view rest) {
    std::size_t at = 0;
    while (true) {
      const std::size_t equals = rest.find('=', at);
      if (equals == std::string_view::npos || equals == at) return {};
      const Value* value = item.Find(rest.substr(at, equals - at));
      if (value == nullptr) return {};
      const std::string text = json::Write(*value);
      if (!rest.substr(equals + 1).starts_with(text)) return {};
      at = equals + 1 + text.size();
      if (at >= rest.size()) return {};
      if (rest[at] == ']') return at + 1;
      if (rest[at] != ',') return {};
      ++at;
    }
  }

  void Go(std::string token, const Value& child, std::string_view rest) {
    at_.push_back(std::move(token));
    Step(child, rest);
    at_.pop_back();
  }

  PointerTokens at_;
  std::vector<PointerTokens> found_;
};

}  // namespace

std::vector<FieldConflict> FindConflicts(const Value& desired, const Value& live,
                                         std::string_view manager) {
  std::map<std::string, FieldConflict> found;
  for (const Value& entry : live["metadata"]["managedFields"].items()) {
    const std::string_view owner = entry["manager"].as_string();
    const bool applied = entry["operation"].as_string() == "Apply";
    if (entry["subresource"].as_string() == "status") continue;
    if (applied && owner == manager && entry["subresource"].as_string().empty()) continue;
    Finder(found).Walk(owner, entry["fieldsV1"], desired, live);
  }
  std::vector<FieldConflict> conflicts;
  for (auto& [path, conflict] : found) conflicts.push_back(std::move(conflict));
  return conflicts;
}

ConflictPolicy PolicyOf(const SyncSpec& sync, const ObjectId& id, const PointerTokens& field) {
  for (const ConflictRule& rule : sync.conflict_rules) {
    if (!rule.objects.Matches(id)) continue;
    for (const std::string& text : rule.json_pointers) {
      const auto pointer = ParsePointer(text);  // checked when the application was declared
      if (pointer && IsWithin(field, *pointer)) return rule.policy;
    }
  }
  return sync.conflicts;
}

bool TakesAll(const SyncSpec& sync, const ObjectId& id) {
  return sync.conflicts == ConflictPolicy::kTake &&
         std::ranges::none_of(sync.conflict_rules, [&](const ConflictRule& rule) {
           return rule.policy != ConflictPolicy::kTake && rule.objects.Matches(id);
         });
}

Value WithoutFields(const Value& object, std::vector<PointerTokens> fields) {
  // Later items of a list first, so that the indices of earlier ones stay true.
  std::ranges::sort(fields, [](const PointerTokens& a, const PointerTokens& b) {
    return std::ranges::lexicographical_compare(
        b, a, [](const std::string& x, const std::string& y) {
          return x.size() != y.size() ? x.size() < y.size() : x < y;
        });
  });
  Value out = object;
  for (const PointerTokens& field : fields) {
    if (!field.empty()) out = Without(out, field, 0);
  }
  return out;
}

std::vector<PointerTokens> FindFieldPath(const Value& document, std::string_view path) {
  return PathReader().Read(document, path);
}

}  // namespace swell::diff
