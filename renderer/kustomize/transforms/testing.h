#pragma once
// For the fuzzers of this room: choices from a fuzzer's bytes, and a document as plain as can be,
// for references that are slow and obvious.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/value/value.h"

namespace swell::kustomize::testing {

// The fuzzer's bytes, one choice each; all zero once they have run out.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}

  // 0 … count - 1.
  std::size_t Of(std::size_t count) { return at_ == end_ ? 0 : *at_++ % count; }
  bool OneIn(std::size_t count) { return Of(count) == count - 1; }
  template <class T, std::size_t N>
  const T& From(const T (&options)[N]) {
    return options[Of(N)];
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

// A document with its own copy of everything, to be changed in place. Numbers are doubles.
struct Node {
  enum class Kind : std::uint8_t { kNull, kBool, kNumber, kText, kList, kMap };
  Kind kind = Kind::kNull;
  double number = 0;  // of a bool, too
  std::string text;
  std::vector<Node> items;
  std::map<std::string, Node> fields;

  static Node Of(const Value& value);
  bool is_container() const { return kind == Kind::kList || kind == Kind::kMap; }
  bool is_null() const { return kind == Kind::kNull; }
  friend bool operator==(const Node& a, const Node& b) {
    return a.kind == b.kind && a.number == b.number && a.text == b.text && a.items == b.items &&
           a.fields == b.fields;
  }
};

inline Node Node::Of(const Value& value) {
  Node node;
  if (value.is_bool()) {
    node.kind = Kind::kBool;
    node.number = value.as_bool() ? 1 : 0;
  } else if (value.is_number()) {
    node.kind = Kind::kNumber;
    node.number = value.as_float();
  } else if (value.is_string()) {
    node.kind = Kind::kText;
    node.text = value.str();
  } else if (value.is_array()) {
    node.kind = Kind::kList;
    for (const Value& item : value.items()) node.items.push_back(Of(item));
  } else if (value.is_object()) {
    node.kind = Kind::kMap;
    for (const Member& m : value.members()) node.fields[std::string(m.name())] = Of(m.value);
  }
  return node;
}

}  // namespace swell::kustomize::testing
