#include "reconciler/diff/list_keys.h"

#include "base/value/json.h"
#include "renderer/object/object.h"
#include "renderer/schema/schema.h"

namespace swell::diff {
namespace {

constexpr int kMaxDepth = 512;

Value Fill(const Value& value, const schema::FieldInfo* info, int depth);

Value FillItem(const Value& item, const schema::FieldInfo& list) {
  Value filled = item;
  const schema::FieldInfo* type = list.Item();
  if (type == nullptr || !item.is_object()) return filled;
  for (const std::string& key : list.list_keys) {
    const schema::FieldInfo* field = type->Descend(key);
    if (field == nullptr || field->default_value.is_null() || !item[key].is_null()) continue;
    filled = filled.With(key, field->default_value);
  }
  return filled;
}

Value FillList(const Value& list, const schema::FieldInfo& info, int depth) {
  Value filled = list;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Value item = Fill(list[i], info.Item(), depth + 1);
    if (info.list_type == schema::ListType::kMap) item = FillItem(item, info);
    if (item != list[i]) filled = filled.WithItem(i, std::move(item));
  }
  return filled;
}

Value Fill(const Value& value, const schema::FieldInfo* info, int depth) {
  if (info == nullptr || depth > kMaxDepth) return value;
  if (value.is_number() && info->scalar == schema::Scalar::kQuantity) {
    return Value(json::Write(value));
  }
  if (value.is_array()) {
    return info->shape == schema::Shape::kList ? FillList(value, *info, depth) : value;
  }
  Value filled = value;
  for (const Member& member : value.members()) {
    Value child = Fill(member.value, info->Descend(member.name()), depth + 1);
    if (child != member.value) filled = filled.With(member.name(), std::move(child));
  }
  return filled;
}

}  // namespace

Value WithListKeys(const Value& object) {
  const schema::TypeSchema* type = schema::FindType(
      ParseGroupVersionKind(object["apiVersion"].as_string(), object["kind"].as_string()));
  return type == nullptr ? object : Fill(object, &type->self(), 0);
}

}  // namespace swell::diff
