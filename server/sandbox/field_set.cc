#include "server/sandbox/field_set.h"

#include <algorithm>
#include <optional>

#include "base/value/json.h"

namespace swell::sandbox::fields {
namespace {

// A node taken apart; `present` false means that the tree has no such node.
struct View {
  const Value* node = nullptr;
  bool member() const { return node != nullptr && (node->empty() || node->Has(".")); }
};

View ChildOf(const View& view, std::string_view key) {
  return {view.node == nullptr ? nullptr : view.node->Find(key)};
}

using Keep = bool (*)(bool in_a, bool in_b);

// Combines two nodes; nothing where the result holds no member. `root` is no member itself.
std::optional<Value> Combine(const View& a, const View& b, Keep keep, bool root) {
  std::vector<Member> children;
  const auto add = [&](std::string_view key) {
    auto child = Combine(ChildOf(a, key), ChildOf(b, key), keep, false);
    if (child) children.emplace_back(key, std::move(*child));
  };
  if (a.node != nullptr) {
    for (const Member& member : a.node->members()) {
      if (member.name() != ".") add(member.name());
    }
  }
  if (b.node != nullptr) {
    for (const Member& member : b.node->members()) {
      const bool seen = a.node != nullptr && a.node->Has(member.name());
      if (member.name() != "." && !seen) add(member.name());
    }
  }
  const bool member = !root && keep(a.member(), b.member());
  if (children.empty()) {
    if (!member) return std::nullopt;
    return Value::EmptyObject();
  }
  if (member) children.emplace_back(".", Value::EmptyObject());
  return Value::Object(std::move(children));
}

Value CombineRoots(const Value& a, const Value& b, Keep keep) {
  return Combine({&a}, {&b}, keep, true).value_or(Value::EmptyObject());
}

// "f:replicas" -> ".replicas"; k:{"name":"a"} -> [name="a"]; v:"x" -> [="x"].
std::string Readable(std::string_view element) {
  const std::string_view rest = element.substr(std::min<std::size_t>(2, element.size()));
  if (element.starts_with("f:")) return "." + std::string(rest);
  if (element.starts_with("v:")) return "[=" + std::string(rest) + "]";
  if (!element.starts_with("k:")) return "[" + std::string(rest) + "]";
  const auto keys = json::Parse(rest);
  if (!keys) return "[" + std::string(rest) + "]";
  std::string text = "[";
  for (const Member& key : keys->members()) {
    if (text.size() > 1) text += ",";
    text += std::string(key.name()) + "=" + json::Write(key.value);
  }
  return text + "]";
}

void Collect(const Value& node, const std::string& path, std::vector<std::string>& out) {
  if (node.empty() || node.Has(".")) {
    if (!path.empty()) out.push_back(path);
  }
  for (const Member& member : node.members()) {
    if (member.name() != ".") Collect(member.value, path + Readable(member.name()), out);
  }
}

}  // namespace

Value Union(const Value& a, const Value& b) {
  if (IsEmpty(a)) return b.is_object() ? b : Value::EmptyObject();
  if (IsEmpty(b) || a.SharesWith(b)) return a;
  return CombineRoots(a, b, [](bool x, bool y) { return x || y; });
}

Value Difference(const Value& a, const Value& b) {
  if (IsEmpty(a) || IsEmpty(b)) return a.is_object() ? a : Value::EmptyObject();
  return CombineRoots(a, b, [](bool x, bool y) { return x && !y; });
}

Value Intersection(const Value& a, const Value& b) {
  if (IsEmpty(a) || IsEmpty(b)) return Value::EmptyObject();
  return CombineRoots(a, b, [](bool x, bool y) { return x && y; });
}

std::vector<std::string> Paths(const Value& set) {
  std::vector<std::string> paths;
  if (!set.empty()) Collect(set, "", paths);
  return paths;
}

struct Builder::Node {
  bool member = false;
  std::vector<std::pair<std::string, Node>> children;

  Value Build() const {
    std::vector<Member> members;
    for (const auto& [key, child] : children) members.emplace_back(key, child.Build());
    if (member && !members.empty()) members.emplace_back(".", Value::EmptyObject());
    return Value::Object(std::move(members));
  }
};

Builder::Builder() : root_(std::make_unique<Node>()) {}
Builder::~Builder() = default;

void Builder::Insert(const std::vector<std::string>& path) {
  Node* node = root_.get();
  for (const std::string& element : path) {
    auto& children = node->children;
    // Paths come in document order, so the wanted child is nearly always the last one.
    const auto found = std::find_if(children.rbegin(), children.rend(),
                                    [&](const auto& child) { return child.first == element; });
    node =
        found != children.rend() ? &found->second : &children.emplace_back(element, Node()).second;
  }
  if (node != root_.get()) node->member = true;
}

Value Builder::Build() const { return root_->Build(); }

}  // namespace swell::sandbox::fields
