#pragma once
// Value: the one document model. JSON, YAML, Kubernetes objects, Helm values and Swell's own
// resources are all Values.

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

struct Member;

// An immutable JSON-like value of 16 bytes. Copying shares; edits (With, Without, WithItem)
// copy the path alone; equality of shared parts is a pointer compare. Objects keep their
// members sorted by key (bytewise), so two equal documents have one form. Strings up to
// 14 bytes live inside the node.
//
// Threads: a Value may be read and copied from any thread (reference counts are atomic);
// one Value object must not be assigned to while another thread reads that same object.
class Value {
 public:
  enum class Type : std::uint8_t { kNull, kBool, kInt, kFloat, kString, kArray, kObject };

  Value() noexcept : bytes_{} {}  // null
  explicit Value(bool b);
  explicit Value(int i) : Value(static_cast<std::int64_t>(i)) {}
  explicit Value(std::int64_t i);
  explicit Value(double d);
  // An Int where it fits; beyond int64 a Float that keeps all its digits.
  static Value Unsigned(std::uint64_t u);
  explicit Value(std::string_view s);
  explicit Value(const char* s) : Value(std::string_view(s)) {}
  explicit Value(const std::string& s) : Value(std::string_view(s)) {}
  static Value Array(std::vector<Value> items);
  // Sorts by key. Of members with the same key the last wins.
  static Value Object(std::vector<Member> members);
  // The same from a reader's stack: the elements are moved from, not destroyed.
  static Value ArrayFrom(std::span<Value> items);
  static Value ObjectFrom(std::span<Member> members);
  static Value EmptyArray();
  static Value EmptyObject();

  Value(const Value& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    if (is_block()) AddRef();
  }
  Value(Value&& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    std::memset(other.bytes_, 0, sizeof bytes_);
  }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    return *this = std::move(copy);
  }
  Value& operator=(Value&& other) noexcept {
    unsigned char old[sizeof bytes_];
    std::memcpy(old, bytes_, sizeof bytes_);
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    std::memcpy(other.bytes_, old, sizeof bytes_);
    return *this;
  }
  ~Value() {
    if (is_block()) Release();
  }

  Type type() const { return static_cast<Type>(bytes_[0] & 0x7f); }
  bool is_null() const { return type() == Type::kNull; }
  bool is_bool() const { return type() == Type::kBool; }
  bool is_int() const { return type() == Type::kInt; }
  bool is_float() const { return type() == Type::kFloat; }
  bool is_number() const { return is_int() || is_float(); }
  bool is_string() const { return type() == Type::kString; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_object() const { return type() == Type::kObject; }

  // Lenient readers: the fallback where the type is another one.
  bool as_bool(bool fallback = false) const;
  std::int64_t as_int(std::int64_t fallback = 0) const;  // of an int, or of a float that is whole
  double as_float(double fallback = 0) const;            // of an int or a float
  // Of a Float that Unsigned made: what it really is. Nothing for every other value.
  std::optional<std::uint64_t> exact_unsigned() const;
  // Valid while this node lives; "" where this is no string.
  std::string_view as_string() const;
  std::string str() const { return std::string(as_string()); }

  // Items of an array or members of an object; empty for everything else.
  std::span<const Value> items() const;
  std::span<const Member> members() const;
  // Number of items or members; 0 for scalars.
  std::size_t size() const;
  bool empty() const { return size() == 0; }

  // The member's value, or nullptr where this is no object or has none. Binary search.
  const Value* Find(std::string_view key) const;
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // The member's value or null (a shared static), so that paths chain:
  // v["metadata"]["name"].as_string().
  const Value& operator[](std::string_view key) const;
  const Value& operator[](const char* key) const { return (*this)[std::string_view(key)]; }
  // The item or null where out of range.
  const Value& operator[](std::size_t index) const;
  const Value& operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
  // operator[] along a path of keys.
  const Value& At(std::initializer_list<std::string_view> path) const;

  // Copies with one change. With and Without on a non-object start from {}.
  [[nodiscard]] Value With(std::string_view key, Value value) const;
  [[nodiscard]] Value Without(std::string_view key) const;
  // Replaces at the path, making objects on the way.
  [[nodiscard]] Value WithAt(std::span<const std::string> path, Value value) const;
  [[nodiscard]] Value WithAt(std::initializer_list<std::string> path, Value value) const {
    return WithAt(std::span(path.begin(), path.size()), std::move(value));
  }
  // Removes what is at the path; no change where there is nothing.
  [[nodiscard]] Value WithoutAt(std::span<const std::string> path) const;
  [[nodiscard]] Value WithoutAt(std::initializer_list<std::string> path) const {
    return WithoutAt(std::span(path.begin(), path.size()));
  }
  // Requires index <= size(); index == size() appends.
  [[nodiscard]] Value WithItem(std::size_t index, Value value) const;

  // Strict: Int(1) and Float(1.0) differ. NaN equals itself.
  friend bool operator==(const Value& a, const Value& b) noexcept;
  // True where both are the very same block (so surely equal).
  bool SharesWith(const Value& other) const {
    return is_block() && std::memcmp(bytes_, other.bytes_, sizeof bytes_) == 0;
  }

 private:
  static constexpr unsigned char kBlockBit = 0x80;
  static constexpr std::size_t kInlineBytes = 14;
  struct Block;
  struct StringBlock;
  struct ArrayBlock;
  struct ObjectBlock;

  // The order of object keys; requires strings.
  static bool KeyLess(const Member& a, const Member& b);
  static void SortByKey(std::span<Member> members);
  std::uint64_t Prefix() const;

  bool is_block() const { return (bytes_[0] & kBlockBit) != 0; }
  template <class T>
  T payload() const {
    T t;
    std::memcpy(&t, bytes_ + 8, sizeof t);
    return t;
  }
  void SetBlock(Type type, Block* block);
  void AddRef() const noexcept;
  void Release() noexcept;

  // [0] type and block bit, [1] length of an inline string, [2..15] its bytes;
  // other payloads are at [8..15]. Of a Float, [1] is 1 where the payload is a std::uint64_t.
  alignas(8) unsigned char bytes_[16];
};

struct Member {
  Value key;  // always a string
  Value value;
  Member(std::string_view k, Value v) : key(k), value(std::move(v)) {}
  Member(Value k, Value v) : key(std::move(k)), value(std::move(v)) {}
  std::string_view name() const { return key.as_string(); }
};

static_assert(sizeof(Value) == 16);

}  // namespace swell
