#pragma once
// Tables that change in place and may be shared, as Go's maps are: what coalescing works on.
// Sharing is part of helm's behaviour: nested tables of `global` are the same table in a parent
// and its subcharts.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/value/value.h"

namespace swell::helm {

class Table;
using TablePtr = std::shared_ptr<Table>;

// A table, or a leaf (scalar, list or null).
struct Node {
  Value leaf;      // null where `table` is set
  TablePtr table;  // shared by copies of the node

  Node() = default;
  explicit Node(const Value& value);
  explicit Node(TablePtr t) : table(std::move(t)) {}
  bool is_table() const { return table != nullptr; }
  bool is_null() const { return table == nullptr && leaf.is_null(); }
  Value ToValue() const;
};

// Not thread-safe. Made from a Value it unfolds one level when first looked into.
class Table {
 public:
  using Entries = std::map<std::string, Node, std::less<>>;

  Table() = default;
  explicit Table(const Value& object) : folded_(object) {}

  Entries& entries() {
    Unfold();
    return entries_;
  }
  Node* Find(std::string_view key) {
    auto it = entries().find(key);
    return it == entries_.end() ? nullptr : &it->second;
  }
  void Set(std::string_view key, Node node) {
    entries().insert_or_assign(std::string(key), std::move(node));
  }
  void Erase(std::string_view key) {
    if (auto it = entries().find(key); it != entries_.end()) entries_.erase(it);
  }
  // A table of its own with the same entries (which stay shared).
  TablePtr ShallowCopy() {
    auto copy = std::make_shared<Table>();
    copy->entries_ = entries();
    return copy;
  }
  // A deep copy.
  Value ToValue() const;

 private:
  void Unfold();

  Value folded_;  // an object whose members are not yet in entries_, else null
  Entries entries_;
};

}  // namespace swell::helm
