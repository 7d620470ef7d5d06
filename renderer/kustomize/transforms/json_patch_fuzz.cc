// JSON patches of any kind on any object: the same as a reference that copies everything and
// follows the rules of evanphx/json-patch v4, which kustomize uses, one by one. Never beyond the
// budget.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/core/check.h"
#include "base/value/json.h"
#include "renderer/kustomize/transforms/patches.h"
#include "renderer/kustomize/transforms/testing.h"

namespace {

using namespace swell;
using kustomize::testing::Choices;
using kustomize::testing::Node;

// ---- The input.

Value MakeValue(Choices& in, int depth) {
  static constexpr const char* kKeys[] = {"a", "b", "c", "", "~", "/", "0", "-1", "a/b"};
  static constexpr const char* kTexts[] = {"", "x", "y", "1", "null"};
  const std::size_t kind = in.Of(depth > 0 ? 8 : 5);
  switch (kind) {
    case 0:
      return Value();
    case 1:
      return Value(static_cast<std::int64_t>(in.Of(4)) - 1);
    case 2:
      return Value(in.From(kTexts));
    case 3:
      return in.OneIn(2) ? Value(0.5 * static_cast<double>(in.Of(6)))
                         : Value((std::int64_t{1} << 53) + static_cast<std::int64_t>(in.Of(4)));
    case 4:
      return Value(in.OneIn(2));
    case 5: {
      std::vector<Value> items;
      for (std::size_t n = in.Of(4); n > 0; --n) items.push_back(MakeValue(in, depth - 1));
      return Value::Array(std::move(items));
    }
    default: {
      std::vector<Member> members;
      for (std::size_t n = in.Of(5); n > 0; --n) {
        members.emplace_back(in.From(kKeys), MakeValue(in, depth - 1));
      }
      return Value::Object(std::move(members));
    }
  }
}

std::string MakePointer(Choices& in) {
  static constexpr const char* kTokens[] = {"a",  "b",  "c",  "0",  "1",  "-",    "-1",  "2", "",
                                            "~0", "~1", "-2", "+1", "01", "a~1b", "~01", "~", "3x"};
  std::string pointer = in.OneIn(24) ? "a" : "";
  for (std::size_t n = in.Of(5); n > 0; --n) pointer += std::string("/") + in.From(kTokens);
  return pointer;
}

Value MakeOperations(Choices& in) {
  static constexpr const char* kOps[] = {"add", "remove", "replace", "move", "copy", "test", "bad"};
  std::vector<Value> operations;
  for (std::size_t n = 1 + in.Of(6); n > 0; --n) {
    std::vector<Member> members = {{"op", Value(in.From(kOps))}, {"path", Value(MakePointer(in))}};
    members.emplace_back("from", Value(MakePointer(in)));
    if (!in.OneIn(16)) members.emplace_back("value", MakeValue(in, 2));
    operations.push_back(Value::Object(std::move(members)));
  }
  return Value::Array(std::move(operations));
}

// ---- The reference: a document that is changed in place.

std::vector<std::string> Tokens(const std::string& pointer) {
  std::vector<std::string> tokens;
  std::string token;
  for (std::size_t i = 0; i <= pointer.size(); ++i) {
    if (i == pointer.size() || pointer[i] == '/') {
      tokens.push_back(token);
      token.clear();
    } else if (pointer.compare(i, 2, "~1") == 0 || pointer.compare(i, 2, "~0") == 0) {
      token += pointer[++i] == '1' ? '/' : '~';
    } else {
      token += pointer[i];
    }
  }
  return tokens;
}

// A number as strconv.Atoi reads it, not below -`size` and below `size`.
std::optional<long> IndexOf(const std::string& token, std::size_t size) {
  std::size_t i = token.starts_with('+') || token.starts_with('-') ? 1 : 0;
  if (i == token.size()) return std::nullopt;
  long number = 0;
  for (; i < token.size(); ++i) {
    if (token[i] < '0' || token[i] > '9') return std::nullopt;
    number = number * 10 + (token[i] - '0');
  }
  const long count = static_cast<long>(size);
  if (token[0] == '-') number = -number;
  if (number >= count || number < -count) return std::nullopt;
  return number < 0 ? number + count : number;
}

class Document {
 public:
  explicit Document(Node root) : root_(std::move(root)) {}
  const Node& root() const { return root_; }

  // False where the operation does not apply.
  bool Apply(const Value& operation) {
    const std::string op = operation["op"].str();
    const std::string path = operation["path"].str();
    const std::string from = operation["from"].str();
    const Node value = Node::Of(operation["value"]);
    if (op == "add") return Add(path, value);
    if (op == "remove") return Remove(path);
    if (op == "replace") return Replace(path, value);
    if (op == "test") {
      if (path.empty()) return root_ == value;
      const auto found = Get(path);
      return found && *found == value;
    }
    if (op != "move" && op != "copy") return false;
    const auto moved = Get(from);
    if (!moved || (op == "move" && !Remove(from))) return false;
    return Add(path, *moved);
  }

 private:
  // The list or map that holds the pointer's last token.
  Node* Container(const std::string& pointer) {
    const std::vector<std::string> tokens = Tokens(pointer);
    if (tokens.size() < 2) return nullptr;
    Node* at = &root_;
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
      if (at->kind == Node::Kind::kMap) {
        if (!at->fields.contains(tokens[i])) return nullptr;
        at = &at->fields[tokens[i]];
      } else {
        const auto index = IndexOf(tokens[i], at->items.size());
        if (!index) return nullptr;
        at = &at->items[static_cast<std::size_t>(*index)];
      }
      if (!at->is_container()) return nullptr;
    }
    return at;
  }

  // A key that a map does not have is null.
  std::optional<Node> Get(const std::string& pointer) {
    Node* at = Container(pointer);
    if (!at) return std::nullopt;
    const std::string key = Tokens(pointer).back();
    if (at->kind == Node::Kind::kMap) return at->fields.contains(key) ? at->fields[key] : Node();
    const auto index = IndexOf(key, at->items.size());
    if (!index) return std::nullopt;
    return at->items[static_cast<std::size_t>(*index)];
  }

  bool Add(const std::string& pointer, const Node& value) {
    Node* at = Container(pointer);
    if (!at) return false;
    const std::string key = Tokens(pointer).back();
    if (at->kind == Node::Kind::kMap) {
      at->fields[key] = value;
      return true;
    }
    // The list is one longer by then, which is where negative numbers count from.
    const auto index = key == "-" ? static_cast<long>(at->items.size())
                                  : IndexOf(key, at->items.size() + 1).value_or(-1);
    if (index < 0) return false;
    at->items.insert(at->items.begin() + index, value);
    return true;
  }

  bool Remove(const std::string& pointer) {
    Node* at = Container(pointer);
    if (!at) return false;
    const std::string key = Tokens(pointer).back();
    if (at->kind == Node::Kind::kMap) return at->fields.erase(key) > 0;
    const auto index = IndexOf(key, at->items.size());
    if (!index) return false;
    at->items.erase(at->items.begin() + *index);
    return true;
  }

  bool Replace(const std::string& pointer, const Node& value) {
    if (pointer.empty()) {
      if (value.kind != Node::Kind::kMap) return false;
      root_ = value;
      return true;
    }
    Node* at = Container(pointer);
    if (!at) return false;
    const std::string key = Tokens(pointer).back();
    if (at->kind == Node::Kind::kMap) {
      at->fields[key] = value;
      return true;
    }
    const auto index = IndexOf(key, at->items.size());
    if (!index) return false;
    at->items[static_cast<std::size_t>(*index)] = value;
    return true;
  }

  Node root_;
};

std::optional<Node> Reference(const Value& object, const Value& operations) {
  Document document(Node::Of(object));
  for (const Value& operation : operations.items()) {
    if (!document.Apply(operation)) return std::nullopt;
  }
  return document.root();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices in(data, size);
  Value object = MakeValue(in, 4);
  if (!object.is_object()) object = Value::Object({{"a", object}});
  const Value operations = MakeOperations(in);

  kustomize::Budget budget{kustomize::Limits()};
  const auto patched = kustomize::ApplyKustomizeJsonPatch(object, operations, budget);
  const auto expected = Reference(object, operations);
  const bool same =
      patched.has_value() == expected.has_value() && (!patched || Node::Of(*patched) == *expected);
  if (!same) {
    std::fprintf(stderr, "object %s\noperations %s\ngives %s\n", json::Write(object).c_str(),
                 json::Write(operations).c_str(),
                 patched ? json::Write(*patched).c_str() : patched.error().ToString().c_str());
  }
  SWELL_CHECK(same);

  kustomize::Limits small;
  small.max_steps = 20;
  small.max_output_bytes = 100;
  kustomize::Budget tight(small);
  const auto bounded = kustomize::ApplyKustomizeJsonPatch(object, operations, tight);
  SWELL_CHECK(bounded ? patched && *bounded == *patched
                      : !patched || bounded.error().code() == ErrorCode::kResourceExhausted);
  return 0;
}
