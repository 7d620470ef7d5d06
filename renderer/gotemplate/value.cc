#include "renderer/gotemplate/value.h"

#include <algorithm>
#include <bit>

#include "base/core/check.h"
#include "renderer/gotemplate/values_methods.h"

namespace swell::gotemplate {

namespace types {
namespace {
constexpr Type kAnyType{.name = "interface {}", .kind = "interface"};
constexpr Type kBoolType{.name = "bool", .kind = "bool"};
constexpr Type kIntType{.name = "int", .kind = "int"};
constexpr Type kInt64Type{.name = "int64", .kind = "int64"};
constexpr Type kUint8Type{.name = "uint8", .kind = "uint8"};
constexpr Type kUint64Type{.name = "uint64", .kind = "uint64"};
constexpr Type kFloat64Type{.name = "float64", .kind = "float64"};
constexpr Type kComplex128Type{.name = "complex128", .kind = "complex128"};
constexpr Type kStringType{.name = "string", .kind = "string"};
constexpr Type kAnyListType{.name = "[]interface {}", .kind = "slice", .elem = &kAnyType};
constexpr Type kStringListType{.name = "[]string", .kind = "slice", .elem = &kStringType};
constexpr Type kIntListType{.name = "[]int", .kind = "slice", .elem = &kIntType};
constexpr Type kBytesType{.name = "[]uint8", .kind = "slice", .elem = &kUint8Type};
constexpr Type kListListType{.name = "[][]interface {}", .kind = "slice", .elem = &kAnyListType};
constexpr Type kAnyMapType{.name = "map[string]interface {}", .kind = "map", .elem = &kAnyType};
constexpr Type kMapListType{
    .name = "[]map[string]interface {}", .kind = "slice", .elem = &kAnyMapType};
constexpr Type kStringMapType{.name = "map[string]string", .kind = "map", .elem = &kStringType};
constexpr Type kValuesType{.name = "common.Values",
                           .kind = "map",
                           .elem = &kAnyType,
                           .underlying = &kAnyMapType,
                           .find_method = &FindValuesMethod};
constexpr Type kWriterType{.name = "io.Writer", .kind = "interface"};
}  // namespace

const Type* const kAny = &kAnyType;
const Type* const kBool = &kBoolType;
const Type* const kInt = &kIntType;
const Type* const kInt64 = &kInt64Type;
const Type* const kUint8 = &kUint8Type;
const Type* const kUint64 = &kUint64Type;
const Type* const kFloat64 = &kFloat64Type;
const Type* const kComplex128 = &kComplex128Type;
const Type* const kString = &kStringType;
const Type* const kAnyList = &kAnyListType;
const Type* const kStringList = &kStringListType;
const Type* const kIntList = &kIntListType;
const Type* const kBytes = &kBytesType;
const Type* const kListList = &kListListType;
const Type* const kMapList = &kMapListType;
const Type* const kAnyMap = &kAnyMapType;
const Type* const kStringMap = &kStringMapType;
const Type* const kValues = &kValuesType;
const Type* const kWriter = &kWriterType;
}  // namespace types

namespace {

struct StringBlock final : HeapBlock {
  explicit StringBlock(std::string&& s) : text(std::move(s)) {}
  explicit StringBlock(std::string_view s) : text(s) {}
  std::string text;
};

struct ComplexBlock final : HeapBlock {
  ComplexBlock(double r, double i) : real(r), imaginary(i) {}
  double real;
  double imaginary;
};

// A list in a list in a list … must not be destroyed by recursion: below this depth blocks are
// put aside and destroyed by the outermost Release.
constexpr int kMaxDestroyDepth = 100;
thread_local int destroy_depth = 0;
thread_local std::vector<HeapBlock*> destroy_later;

void Destroy(HeapBlock* block) {
  if (destroy_depth >= kMaxDestroyDepth) {
    destroy_later.push_back(block);
    return;
  }
  ++destroy_depth;
  delete block;
  --destroy_depth;
  if (destroy_depth != 0) return;
  while (!destroy_later.empty()) {
    HeapBlock* next = destroy_later.back();
    destroy_later.pop_back();
    ++destroy_depth;
    delete next;
    --destroy_depth;
  }
}

}  // namespace

Any::Any(Kind kind, std::uint64_t payload) : bytes_{} {
  bytes_[0] = static_cast<unsigned char>(kind);
  std::memcpy(bytes_ + 8, &payload, sizeof payload);
}

Any::Any(Kind kind, HeapBlock* block) : bytes_{} {
  bytes_[0] = static_cast<unsigned char>(kind) | kHeapBit;
  std::memcpy(bytes_ + 8, &block, sizeof block);
  ++block->refs_;
}

void Any::Release() noexcept {
  HeapBlock* b = block();
  if (--b->refs_ != 0) return;
  if (kind() == Kind::kString) {
    delete b;
  } else {
    Destroy(b);
  }
}

Any Any::Bool(bool b) { return {Kind::kBool, static_cast<std::uint64_t>(b ? 1 : 0)}; }
Any Any::Int(std::int64_t i) { return {Kind::kInt, static_cast<std::uint64_t>(i)}; }
Any Any::Int64(std::int64_t i) { return {Kind::kInt64, static_cast<std::uint64_t>(i)}; }
Any Any::Uint8(std::uint8_t i) { return {Kind::kUint8, static_cast<std::uint64_t>(i)}; }
Any Any::Uint64(std::uint64_t i) { return {Kind::kUint64, i}; }

Any Any::Float(double d) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &d, sizeof bits);
  return {Kind::kFloat64, bits};
}

Any Any::Complex(double real, double imaginary) {
  return {Kind::kComplex128, new ComplexBlock(real, imaginary)};
}

Any Any::String(std::string_view s) {
  if (s.size() > kInlineBytes) return {Kind::kString, new StringBlock(s)};
  Any any;
  any.bytes_[0] = static_cast<unsigned char>(Kind::kString);
  any.bytes_[1] = static_cast<unsigned char>(s.size());
  if (!s.empty()) std::memcpy(any.bytes_ + 2, s.data(), s.size());
  return any;
}

Any Any::String(std::string&& s) {
  if (s.size() > kInlineBytes) return {Kind::kString, new StringBlock(std::move(s))};
  return String(std::string_view(s));
}

Any Any::List(std::vector<Any> items, const Type* type) {
  return {Kind::kSlice, new gotemplate::List(std::move(items), type, false)};
}

Any Any::StringList(const std::vector<std::string>& items) {
  std::vector<Any> list;
  list.reserve(items.size());
  for (const std::string& item : items) list.push_back(String(item));
  return List(std::move(list), types::kStringList);
}

Any Any::NilList(const Type* type) { return {Kind::kSlice, new gotemplate::List({}, type, true)}; }

namespace {

class HeldText final : public ByteText {
 public:
  explicit HeldText(std::string_view text) : text_(text) {}
  const std::string& Text() const override { return text_; }

 private:
  const std::string text_;
};

}  // namespace

Any Any::Bytes(std::string_view bytes) { return Bytes(std::make_shared<const HeldText>(bytes)); }

Any Any::Bytes(std::shared_ptr<const ByteText> bytes) {
  return {Kind::kSlice, new gotemplate::List(std::move(bytes))};
}

Any Any::NewMap(const Type* type) {
  if (type == types::kValues) return NewMap(types::kAnyMap).SeenAsValues();
  return {Kind::kMap, new Map(type)};
}

Any Any::SeenAsValues() const {
  SWELL_CHECK(is_map() && as_map()->type() == types::kAnyMap);
  Any out = *this;
  out.bytes_[1] = 1;
  return out;
}

Any Any::SeenAsMap() const {
  SWELL_CHECK(is_map());
  Any out = *this;
  out.bytes_[1] = 0;
  return out;
}

Any Any::Of(Object* object) { return {Kind::kObject, object}; }

std::pair<double, double> Any::as_complex() const {
  const auto* complex = static_cast<const ComplexBlock*>(block());
  return {complex->real, complex->imaginary};
}

std::string_view Any::as_string() const {
  if (kind() != Kind::kString) return {};
  if (on_heap()) return static_cast<const StringBlock*>(block())->text;
  return {reinterpret_cast<const char*>(bytes_ + 2), bytes_[1]};
}

Map* Any::as_map() const { return is_map() ? static_cast<Map*>(block()) : nullptr; }

const List* Any::as_list() const {
  return is_list() ? static_cast<const gotemplate::List*>(block()) : nullptr;
}

Object* Any::as_object() const {
  return kind() == Kind::kObject ? static_cast<Object*>(block()) : nullptr;
}

const Type* Any::type() const {
  switch (kind()) {
    case Kind::kNil:
      return nullptr;
    case Kind::kBool:
      return types::kBool;
    case Kind::kInt:
      return types::kInt;
    case Kind::kInt64:
      return types::kInt64;
    case Kind::kUint8:
      return types::kUint8;
    case Kind::kUint64:
      return types::kUint64;
    case Kind::kFloat64:
      return types::kFloat64;
    case Kind::kComplex128:
      return types::kComplex128;
    case Kind::kString:
      return types::kString;
    case Kind::kSlice:
      return as_list()->type();
    case Kind::kMap:
      return seen_as_values() ? types::kValues : as_map()->type();
    case Kind::kObject:
      return as_object()->type();
  }
  return nullptr;
}

std::string_view Any::type_name() const {
  const Type* t = type();
  return t == nullptr ? "<nil>" : t->name;
}

std::string_view Any::kind_name() const {
  const Type* t = type();
  return t == nullptr ? "invalid" : t->kind;
}

void List::Expand() const {
  const std::string& text = bytes_->Text();
  items_.reserve(text.size());
  for (const char c : text) items_.push_back(Any::Uint8(static_cast<std::uint8_t>(c)));
}

std::string List::Text() const {
  if (bytes_ != nullptr) return bytes_->Text();
  std::string out;
  out.reserve(items_.size());
  for (const Any& byte : items_) out += static_cast<char>(byte.as_int());
  return out;
}

namespace {

auto LowerBound(const Map::Entries& entries, std::string_view key) {
  return std::lower_bound(
      entries.begin(), entries.end(), key,
      [](const Map::Entry& entry, std::string_view k) { return entry.name() < k; });
}

// The first bytes of a text, as they lie in memory, as a number that orders as the text does.
std::uint64_t InOrder(std::uint64_t bytes) {
  if constexpr (std::endian::native == std::endian::little) return __builtin_bswap64(bytes);
  return bytes;
}

}  // namespace

std::uint64_t Any::order_prefix() const {
  const char* const text = on_heap() ? static_cast<const StringBlock*>(block())->text.data()
                                     : reinterpret_cast<const char*>(bytes_ + 2);
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, text, sizeof prefix);  // inline strings are padded with zeros
  return InOrder(prefix);
}

// The hottest loop of a template: most keys differ in their first eight bytes.
const Any* Map::Find(std::string_view key) const {
  std::uint64_t prefix = 0;
  if (!key.empty()) std::memcpy(&prefix, key.data(), std::min(key.size(), sizeof prefix));
  prefix = InOrder(prefix);
  const Entry* begin = entries_->data();
  std::size_t count = entries_->size();
  while (count > 0) {
    const std::size_t half = count / 2;
    const Entry& middle = begin[half];
    const std::uint64_t other = middle.key.order_prefix();
    int order = other < prefix ? -1 : other > prefix ? 1 : 0;
    if (order == 0) order = middle.name().compare(key);
    if (order == 0) return &middle.value;
    if (order < 0) {
      begin += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return nullptr;
}

Map::Entries& Map::Mutable() {
  if (entries_.use_count() > 1) entries_ = std::make_shared<Entries>(*entries_);
  return *entries_;
}

void Map::Set(std::string_view key, Any value) {
  Entries& entries = Mutable();
  if (entries.empty() || entries.back().name() < key) {
    entries.push_back({Any::String(key), std::move(value)});
    return;
  }
  const auto at = entries.begin() + (LowerBound(entries, key) - entries.cbegin());
  if (at->name() == key) {
    // Swapped out first: destroying the old value may destroy what `key` points into.
    Any old = std::exchange(at->value, std::move(value));
    return;
  }
  entries.insert(at, {Any::String(key), std::move(value)});
}

bool Map::Erase(std::string_view key) {
  const auto found = LowerBound(*entries_, key);
  if (found == entries_->end() || found->name() != key) return false;
  const auto index = found - entries_->cbegin();
  Entries& entries = Mutable();
  const Entry old = std::move(entries[static_cast<std::size_t>(index)]);
  entries.erase(entries.begin() + index);
  return true;
}

void Map::Clear() { entries_ = std::make_shared<Entries>(); }

std::optional<Any> Object::Field(std::string_view) const { return std::nullopt; }
const Function* Object::FindMethod(std::string_view) const { return nullptr; }

bool Truth(const Any& any) {
  switch (any.kind()) {
    case Kind::kNil:
      return false;
    case Kind::kBool:
      return any.as_bool();
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kUint8:
    case Kind::kUint64:
      return any.as_int() != 0;
    case Kind::kFloat64:
      return any.as_float() != 0;
    case Kind::kComplex128:
      return any.as_complex() != std::pair(0.0, 0.0);
    case Kind::kString:
      return !any.as_string().empty();
    case Kind::kSlice:
      return any.as_list()->size() != 0;
    case Kind::kMap:
      return any.as_map()->size() != 0;
    case Kind::kObject:
      return any.as_object()->truth();
  }
  return false;
}

CycleGuard::~CycleGuard() {
  for (const Any& map : maps_) map.as_map()->Clear();
}

void CycleGuard::Note(const Any& map, const Any& value) {
  if (!map.is_map() || !(value.is_map() || value.is_list())) return;
  if (std::exchange(map.as_map()->guarded_, true)) return;
  maps_.push_back(map);
}

}  // namespace swell::gotemplate
