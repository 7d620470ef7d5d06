#include "renderer/helm/table.h"

#include <vector>

namespace swell::helm {

Node::Node(const Value& value) {
  if (value.is_object()) {
    table = std::make_shared<Table>(value);
  } else {
    leaf = value;
  }
}

Value Node::ToValue() const { return table ? table->ToValue() : leaf; }

Value Table::ToValue() const {
  if (folded_.is_object()) return folded_;
  std::vector<Member> members;
  members.reserve(entries_.size());
  for (const auto& [key, node] : entries_) members.emplace_back(key, node.ToValue());
  return Value::Object(std::move(members));
}

void Table::Unfold() {
  if (!folded_.is_object()) return;
  for (const Member& m : folded_.members()) {
    entries_.emplace_hint(entries_.end(), std::string(m.name()), Node(m.value));
  }
  folded_ = Value();
}

}  // namespace swell::helm
