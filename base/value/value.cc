#include "base/value/value.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <new>

#include "base/core/check.h"

namespace swell {

struct Value::Block {
  mutable std::atomic<std::uint32_t> refs{1};
  std::uint32_t size = 0;
};

struct Value::StringBlock : Block {
  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
};

struct Value::ArrayBlock : Block {
  Value* data() { return reinterpret_cast<Value*>(this + 1); }
  const Value* data() const { return reinterpret_cast<const Value*>(this + 1); }
};

struct Value::ObjectBlock : Block {
  Member* data() { return reinterpret_cast<Member*>(this + 1); }
  const Member* data() const { return reinterpret_cast<const Member*>(this + 1); }
};

namespace {

// A block and its elements in one allocation.
template <class BlockType>
BlockType* Allocate(std::size_t count, std::size_t element_size) {
  SWELL_CHECK(count <= UINT32_MAX);
  void* memory = ::operator new(sizeof(BlockType) + count * element_size);
  auto* block = new (memory) BlockType();
  block->size = static_cast<std::uint32_t>(count);
  return block;
}

const Value kNullValue;

// Up to here insertion beats merging, which also needs memory.
constexpr std::size_t kInsertionSortMembers = 24;

}  // namespace

Value::Value(bool b) : bytes_{} {
  bytes_[0] = static_cast<unsigned char>(Type::kBool);
  bytes_[8] = b ? 1 : 0;
}

Value::Value(std::int64_t i) : bytes_{} {
  bytes_[0] = static_cast<unsigned char>(Type::kInt);
  std::memcpy(bytes_ + 8, &i, sizeof i);
}

Value::Value(double d) : bytes_{} {
  bytes_[0] = static_cast<unsigned char>(Type::kFloat);
  std::memcpy(bytes_ + 8, &d, sizeof d);
}

Value Value::Unsigned(std::uint64_t u) {
  if (u <= static_cast<std::uint64_t>(INT64_MAX)) return Value(static_cast<std::int64_t>(u));
  Value value;
  value.bytes_[0] = static_cast<unsigned char>(Type::kFloat);
  value.bytes_[1] = 1;
  std::memcpy(value.bytes_ + 8, &u, sizeof u);
  return value;
}

Value::Value(std::string_view s) : bytes_{} {
  bytes_[0] = static_cast<unsigned char>(Type::kString);
  if (s.size() <= kInlineBytes) {
    bytes_[1] = static_cast<unsigned char>(s.size());
    if (!s.empty()) std::memcpy(bytes_ + 2, s.data(), s.size());
    return;
  }
  auto* block = Allocate<StringBlock>(s.size(), 1);
  std::memcpy(block->data(), s.data(), s.size());
  SetBlock(Type::kString, block);
}

Value Value::Array(std::vector<Value> items) { return ArrayFrom(items); }

Value Value::Object(std::vector<Member> members) { return ObjectFrom(members); }

Value Value::ArrayFrom(std::span<Value> items) {
  Value v;
  v.bytes_[0] = static_cast<unsigned char>(Type::kArray);
  if (items.empty()) return v;
  auto* block = Allocate<ArrayBlock>(items.size(), sizeof(Value));
  for (std::size_t i = 0; i < items.size(); ++i) new (block->data() + i) Value(std::move(items[i]));
  v.SetBlock(Type::kArray, block);
  return v;
}

Value Value::ObjectFrom(std::span<Member> members) {
  Value v;
  v.bytes_[0] = static_cast<unsigned char>(Type::kObject);
  if (members.empty()) return v;
  SortByKey(members);
  // Of equal keys keep the last: move it over the first of its run.
  std::size_t count = 1;
  for (std::size_t i = 1; i < members.size(); ++i) {
    if (members[i].name() != members[count - 1].name()) ++count;
    if (count - 1 != i) members[count - 1] = std::move(members[i]);
  }
  auto* block = Allocate<ObjectBlock>(count, sizeof(Member));
  for (std::size_t i = 0; i < count; ++i) {
    new (block->data() + i) Member(std::move(members[i]));
  }
  v.SetBlock(Type::kObject, block);
  return v;
}

// A string's first eight bytes as a number that orders as they do; shorter ones end in zeros.
std::uint64_t Value::Prefix() const {
  std::uint64_t prefix;
  const void* text = bytes_ + 2;
  if (is_block()) text = static_cast<const StringBlock*>(payload<Block*>())->data();
  std::memcpy(&prefix, text, sizeof prefix);
  if constexpr (std::endian::native == std::endian::little) prefix = __builtin_bswap64(prefix);
  return prefix;
}

bool Value::KeyLess(const Member& a, const Member& b) {
  const std::uint64_t x = a.key.Prefix(), y = b.key.Prefix();
  return x != y ? x < y : a.name() < b.name();
}

// Stable, and fast for what is sorted already.
void Value::SortByKey(std::span<Member> members) {
  if (members.size() > kInsertionSortMembers) {
    if (std::is_sorted(members.begin(), members.end(), KeyLess)) return;
    std::stable_sort(members.begin(), members.end(), KeyLess);
    return;
  }
  for (std::size_t i = 1; i < members.size(); ++i) {
    if (!KeyLess(members[i], members[i - 1])) continue;
    Member moved = std::move(members[i]);
    std::size_t to = i;
    for (; to > 0 && KeyLess(moved, members[to - 1]); --to) {
      members[to] = std::move(members[to - 1]);
    }
    members[to] = std::move(moved);
  }
}

Value Value::EmptyArray() { return Array({}); }
Value Value::EmptyObject() { return Object({}); }

void Value::SetBlock(Type type, Block* block) {
  bytes_[0] = static_cast<unsigned char>(type) | kBlockBit;
  std::memcpy(bytes_ + 8, &block, sizeof block);
}

void Value::AddRef() const noexcept {
  payload<Block*>()->refs.fetch_add(1, std::memory_order_relaxed);
}

void Value::Release() noexcept {
  Block* block = payload<Block*>();
  if (block->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (type() == Type::kArray) {
    auto* array = static_cast<ArrayBlock*>(block);
    std::destroy_n(array->data(), array->size);
  } else if (type() == Type::kObject) {
    auto* object = static_cast<ObjectBlock*>(block);
    std::destroy_n(object->data(), object->size);
  }
  ::operator delete(block);
}

bool Value::as_bool(bool fallback) const { return is_bool() ? bytes_[8] != 0 : fallback; }

std::int64_t Value::as_int(std::int64_t fallback) const {
  if (is_int()) return payload<std::int64_t>();
  if (is_float()) {
    const double d = as_float();
    if (d == std::trunc(d) && d >= -9.2e18 && d <= 9.2e18) return static_cast<std::int64_t>(d);
  }
  return fallback;
}

double Value::as_float(double fallback) const {
  if (const auto exact = exact_unsigned()) return static_cast<double>(*exact);
  if (is_float()) return payload<double>();
  if (is_int()) return static_cast<double>(payload<std::int64_t>());
  return fallback;
}

std::optional<std::uint64_t> Value::exact_unsigned() const {
  if (!is_float() || bytes_[1] == 0) return std::nullopt;
  return payload<std::uint64_t>();
}

std::string_view Value::as_string() const {
  if (!is_string()) return {};
  if (!is_block()) return {reinterpret_cast<const char*>(bytes_ + 2), bytes_[1]};
  const auto* block = static_cast<const StringBlock*>(payload<Block*>());
  return {block->data(), block->size};
}

std::span<const Value> Value::items() const {
  if (!is_array() || !is_block()) return {};
  const auto* block = static_cast<const ArrayBlock*>(payload<Block*>());
  return {block->data(), block->size};
}

std::span<const Member> Value::members() const {
  if (!is_object() || !is_block()) return {};
  const auto* block = static_cast<const ObjectBlock*>(payload<Block*>());
  return {block->data(), block->size};
}

std::size_t Value::size() const {
  return (is_array() || is_object()) && is_block() ? payload<Block*>()->size : 0;
}

const Value* Value::Find(std::string_view key) const {
  const auto all = members();
  const auto it =
      std::lower_bound(all.begin(), all.end(), key,
                       [](const Member& m, std::string_view k) { return m.name() < k; });
  return it != all.end() && it->name() == key ? &it->value : nullptr;
}

const Value& Value::operator[](std::string_view key) const {
  const Value* found = Find(key);
  return found ? *found : kNullValue;
}

const Value& Value::operator[](std::size_t index) const {
  const auto all = items();
  return index < all.size() ? all[index] : kNullValue;
}

const Value& Value::At(std::initializer_list<std::string_view> path) const {
  const Value* at = this;
  for (const auto key : path) at = &(*at)[key];
  return *at;
}

Value Value::With(std::string_view key, Value value) const {
  const auto all = members();
  std::vector<Member> copy;
  copy.reserve(all.size() + 1);
  bool placed = false;
  for (const Member& m : all) {
    if (!placed && m.name() >= key) {
      placed = true;
      copy.emplace_back(m.name() == key ? m.key : Value(key), std::move(value));
      if (m.name() == key) continue;
    }
    copy.push_back(m);
  }
  if (!placed) copy.emplace_back(key, std::move(value));
  return Object(std::move(copy));
}

Value Value::Without(std::string_view key) const {
  if (is_object() && !Has(key)) return *this;
  std::vector<Member> copy;
  for (const Member& m : members()) {
    if (m.name() != key) copy.push_back(m);
  }
  return Object(std::move(copy));
}

Value Value::WithAt(std::span<const std::string> path, Value value) const {
  if (path.empty()) return value;
  return With(path[0], (*this)[path[0]].WithAt(path.subspan(1), std::move(value)));
}

Value Value::WithoutAt(std::span<const std::string> path) const {
  if (path.empty() || !Has(path[0])) return *this;
  if (path.size() == 1) return Without(path[0]);
  return With(path[0], (*this)[path[0]].WithoutAt(path.subspan(1)));
}

Value Value::WithItem(std::size_t index, Value value) const {
  const auto all = items();
  SWELL_CHECK(index <= all.size());
  std::vector<Value> copy(all.begin(), all.end());
  if (index == copy.size()) {
    copy.push_back(std::move(value));
  } else {
    copy[index] = std::move(value);
  }
  return Array(std::move(copy));
}

bool operator==(const Value& a, const Value& b) noexcept {
  if (a.type() != b.type()) return false;
  if (std::memcmp(a.bytes_, b.bytes_, sizeof a.bytes_) == 0) return true;
  switch (a.type()) {
    case Value::Type::kFloat:
      if (a.exact_unsigned() && b.exact_unsigned()) return false;  // of other digits
      return a.as_float() == b.as_float();                         // 0.0 and -0.0
    case Value::Type::kString:
      return a.as_string() == b.as_string();
    case Value::Type::kArray:
      return std::ranges::equal(a.items(), b.items());
    case Value::Type::kObject:
      return std::ranges::equal(a.members(), b.members(), [](const Member& x, const Member& y) {
        return x.key == y.key && x.value == y.value;
      });
    default:
      return false;
  }
}

}  // namespace swell
