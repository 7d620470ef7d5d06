#pragma once
// Any: what a template computes with; Go's interface{} with the Go type kept, because the
// type decides what is printed, compared and refused (facts/helm.md, C3).
//
// Maps have reference semantics, as in Go: `set` through one Any is seen through all.
// Lists are never changed after they were made. Strings are bytes, usually UTF-8.
//
// Threads: reference counts are not atomic. A graph of Anys belongs to one thread at a time.

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::gotemplate {

class Any;
class List;
class Map;
class Object;
struct Function;

enum class Kind : std::uint8_t {
  kNil,
  kBool,
  kInt,      // Go int: literals, len, until
  kInt64,    // --set, sprig's int64 and add
  kUint8,    // a byte of a string
  kUint64,   // semver's .Major
  kFloat64,  // values files, JSON, YAML
  kComplex128,
  kString,
  kSlice,
  kMap,
  kObject,
};

// A Go type: for error texts, typeOf, kindOf, assignability. Compared by address.
struct Type {
  std::string_view name;             // "map[string]interface {}", as reflect.Type.String()
  std::string_view kind;             // "map", as reflect.Kind.String()
  const Type* elem = nullptr;        // of slices and maps
  const Type* underlying = nullptr;  // of a named type; assignable to that type
  // Methods callable from templates; args[0] is the receiver. May be null.
  const Function* (*find_method)(std::string_view name) = nullptr;
};

namespace types {
extern const Type* const kAny;  // interface {}
extern const Type* const kBool;
extern const Type* const kInt;
extern const Type* const kInt64;
extern const Type* const kUint8;
extern const Type* const kUint64;
extern const Type* const kFloat64;
extern const Type* const kComplex128;
extern const Type* const kString;
extern const Type* const kAnyList;     // []interface {}
extern const Type* const kStringList;  // []string
extern const Type* const kIntList;     // []int
extern const Type* const kBytes;       // []uint8
extern const Type* const kListList;    // [][]interface {}
extern const Type* const kMapList;     // []map[string]interface {}
extern const Type* const kAnyMap;      // map[string]interface {}
extern const Type* const kStringMap;   // map[string]string
extern const Type* const kWriter;      // io.Writer, which no template has
extern const Type* const kValues;      // common.Values: a way to see a kAnyMap
}  // namespace types

// A text that a []uint8 is made of; where it comes from is its own affair.
class ByteText {
 public:
  virtual ~ByteText() = default;
  // The same text each time; lives as long as this.
  virtual const std::string& Text() const = 0;
};

// Base of everything reference counted.
class HeapBlock {
 public:
  virtual ~HeapBlock() = default;
  HeapBlock() = default;
  HeapBlock(const HeapBlock&) = delete;
  HeapBlock& operator=(const HeapBlock&) = delete;

 private:
  friend class Any;
  std::uint32_t refs_ = 0;
};

// 16 bytes; strings up to 14 bytes live inside.
class Any {
 public:
  Any() noexcept : bytes_{} {}  // nil
  Any(const Any& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    if (on_heap()) ++block()->refs_;
  }
  Any(Any&& other) noexcept {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    std::memset(other.bytes_, 0, sizeof bytes_);
  }
  Any& operator=(const Any& other) noexcept {
    Any copy(other);
    return *this = std::move(copy);
  }
  Any& operator=(Any&& other) noexcept {
    unsigned char old[sizeof bytes_];
    std::memcpy(old, bytes_, sizeof bytes_);
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    std::memcpy(other.bytes_, old, sizeof bytes_);
    return *this;
  }
  ~Any() {
    if (on_heap()) Release();
  }

  static Any Bool(bool b);
  static Any Int(std::int64_t i);  // Go int
  static Any Int64(std::int64_t i);
  static Any Uint8(std::uint8_t i);
  static Any Uint64(std::uint64_t i);
  static Any Float(double d);
  static Any Complex(double real, double imaginary);
  static Any String(std::string_view s);
  static Any String(std::string&& s);
  static Any String(const char* s) { return String(std::string_view(s)); }
  static Any String(const std::string& s) { return String(std::string_view(s)); }
  // The type must have kind "slice"; the items must fit its element type.
  static Any List(std::vector<Any> items, const Type* type = types::kAnyList);
  static Any StringList(const std::vector<std::string>& items);
  static Any NilList(const Type* type = types::kAnyList);   // a nil slice: null in JSON, [] printed
  static Any Bytes(std::string_view bytes);                 // []uint8
  static Any Bytes(std::shared_ptr<const ByteText> bytes);  // the same, shared
  // kValues: a map[string]interface {} that is seen as common.Values.
  static Any NewMap(const Type* type = types::kAnyMap);
  // `object` was made with new; the Anys that hold it own it.
  static Any Of(Object* object);

  Kind kind() const { return static_cast<Kind>(bytes_[0] & kKindMask); }
  bool is_nil() const { return kind() == Kind::kNil; }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_map() const { return kind() == Kind::kMap; }
  bool is_list() const { return kind() == Kind::kSlice; }
  bool is_integer() const { return kind() >= Kind::kInt && kind() <= Kind::kUint64; }
  bool is_float() const { return kind() == Kind::kFloat64; }

  // Each requires the kind (as_int: any integer; uint64 is reinterpreted).
  bool as_bool() const { return bytes_[8] != 0; }
  std::int64_t as_int() const { return payload<std::int64_t>(); }
  double as_float() const { return payload<double>(); }
  std::pair<double, double> as_complex() const;
  // Valid while this node lives and is not assigned to. "" where this is no string.
  std::string_view as_string() const;
  std::string str() const { return std::string(as_string()); }
  // nullptr where this is of another kind. The pointee lives as long as some Any holds it.
  Map* as_map() const;
  const gotemplate::List* as_list() const;
  Object* as_object() const;

  // The dynamic Go type; nullptr for nil.
  const Type* type() const;
  // "float64"; "<nil>" for nil.
  std::string_view type_name() const;
  // "float64", "slice", "ptr"; "invalid" for nil.
  std::string_view kind_name() const;

  // Whether it was read from an interface-typed slot (a field of a map[string]interface{}, an
  // element of a list) and not through a pipeline since. Go's reflect tells the two apart, and
  // some error texts show it; nothing else depends on it.
  bool from_interface() const { return (bytes_[0] & kInterfaceBit) != 0; }

  // The same map seen as common.Values, helm's named type with methods, or as the plain
  // map[string]interface {} that it is: both may be at hand at once (.Values of a subchart, and
  // its parent's .Values.sub). Requires a map[string]interface {}.
  Any SeenAsValues() const;
  Any SeenAsMap() const;

  // The very same map, list, object or block.
  bool SameAs(const Any& other) const {
    return on_heap() && other.on_heap() && block() == other.block();
  }

 private:
  friend class Executor;
  friend class Map;
  static constexpr unsigned char kKindMask = 0x1f;
  static constexpr unsigned char kInterfaceBit = 0x40;  // read out of an interface-typed slot
  static constexpr unsigned char kHeapBit = 0x80;
  static constexpr std::size_t kInlineBytes = 14;

  Any(Kind kind, std::uint64_t payload);
  Any(Kind kind, HeapBlock* block);

  void set_from_interface(bool on) {
    bytes_[0] =
        static_cast<unsigned char>(on ? bytes_[0] | kInterfaceBit : bytes_[0] & ~kInterfaceBit);
  }
  bool on_heap() const { return (bytes_[0] & kHeapBit) != 0; }
  bool seen_as_values() const { return bytes_[1] != 0; }  // of maps
  // Of a string: its first eight bytes as a number that orders as they do; what is missing is 0.
  std::uint64_t order_prefix() const;
  HeapBlock* block() const { return payload<HeapBlock*>(); }
  template <class T>
  T payload() const {
    T t;
    std::memcpy(&t, bytes_ + 8, sizeof t);
    return t;
  }
  void Release() noexcept;

  alignas(8) unsigned char bytes_[16];
};

static_assert(sizeof(Any) == 16);

// A Go slice. Not changed after it was made.
class List final : public HeapBlock {
 public:
  List(std::vector<Any> items, const Type* type, bool is_nil)
      : items_(std::move(items)), type_(type), is_nil_(is_nil) {}
  // []uint8 over a file's content: sixteen times smaller than its items, which are made only
  // for templates that look at single bytes, and not even read before somebody looks at it.
  explicit List(std::shared_ptr<const ByteText> bytes)
      : type_(types::kBytes), is_nil_(false), bytes_(std::move(bytes)) {}

  const std::vector<Any>& items() const {
    if (bytes_ != nullptr && items_.empty()) Expand();
    return items_;
  }
  std::size_t size() const { return bytes_ != nullptr ? bytes_->Text().size() : items_.size(); }
  const Any& operator[](std::size_t i) const { return items()[i]; }
  const Type* type() const { return type_; }
  bool is_nil() const { return is_nil_; }
  // Of a []uint8, whichever way it is held: its bytes as text.
  std::string Text() const;

 private:
  void Expand() const;

  mutable std::vector<Any> items_;
  const Type* type_;
  bool is_nil_;
  std::shared_ptr<const ByteText> bytes_;  // null: all is in items_
};

// A Go map with string keys, kept sorted by key bytes (the order in which Go ranges over it
// in templates and prints it). Changing it while somebody holds a Snapshot copies the entries.
class Map final : public HeapBlock {
 public:
  struct Entry {
    Any key;  // always a string
    Any value;
    std::string_view name() const { return key.as_string(); }
  };
  using Entries = std::vector<Entry>;

  explicit Map(const Type* type) : type_(type), entries_(std::make_shared<Entries>()) {}

  const Type* type() const { return type_; }
  std::size_t size() const { return entries().size(); }
  // Valid until the map changes.
  const Entries& entries() const { return *entries_; }
  // nullptr where there is no such key; valid until the map changes.
  const Any* Find(std::string_view key) const;
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // Inserts or replaces. O(size) for a new key that is not the last in order.
  void Set(std::string_view key, Any value);
  bool Erase(std::string_view key);
  void Clear();

  // The entries as they are now, whatever happens to the map afterwards.
  std::shared_ptr<const Entries> Snapshot() const { return entries_; }

 private:
  friend class CycleGuard;
  Entries& Mutable();

  const Type* type_;
  std::shared_ptr<Entries> entries_;
  bool guarded_ = false;  // a CycleGuard knows this map
};

// A field of a struct by its name in JSON.
struct JsonField {
  std::string_view name;
  Any value;
};

// Everything else of Go that templates meet: structs and pointers such as .Capabilities,
// time.Time, *semver.Version.
class Object : public HeapBlock {
 public:
  virtual const Type* type() const = 0;
  // nullopt: no such field (an error for the template). A nil value is a field that is nil.
  virtual std::optional<Any> Field(std::string_view name) const;
  // A method, called with the object as args[0]; nullptr: no such method.
  virtual const Function* FindMethod(std::string_view name) const;
  // Go's truth: structs are true, nil pointers false.
  virtual bool truth() const { return true; }
  // What {{ . }} prints (String() called where Go would).
  virtual std::string ActionText() const { return PrintText(); }
  // What print and %v print.
  virtual std::string PrintText() const = 0;
  // As encoding/json would write it: a struct by its fields in their order, everything else
  // (without fields) as the value. At least one of the two is overridden.
  virtual std::vector<JsonField> JsonFields() const { return {}; }
  virtual Value ToJson() const;
  // ==, for eq and deepEqual; the other has the same type.
  virtual bool Equals(const Object& other) const { return this == &other; }
};

// How numbers of a Value become Go numbers.
enum class Numbers {
  kFloat64,  // all float64: values files, fromYaml, fromJson
  kKeep,     // integers int64, others float64: --set, fromToml
};

// Deep conversion. Objects become map[string]interface {}, arrays []interface {}.
Any FromValue(const Value& value, Numbers numbers = Numbers::kFloat64);
class Budget;

// Whose view of a value ToValue takes. kYaml is yaml.v3's: bytes are numbers, nil lists empty.
enum class Encoding { kJson, kYaml };

// Back, to be printed as YAML, JSON or TOML. Number kinds are kept (Int, Float); bytes become
// base64 text, objects their ToJson. Fails (kResourceExhausted) on nesting beyond the budget (a
// map that holds itself), and where what it prints would be larger than one value may be: a list
// may hold the same text a million times.
Result<Value> ToValue(const Any& any, Budget& budget, Encoding encoding = Encoding::kJson);
// FromValue for functions: what it makes is charged first.
Result<Any> FromValue(const Value& value, Budget& budget, Numbers numbers = Numbers::kFloat64);

// Whether {{ if }} takes it for true: not nil, zero, false or empty.
bool Truth(const Any& any);

// Maps may be made to hold themselves ({{ set $d "self" $d }}), which reference counts never
// free. Functions that put a map or list into an existing map tell the guard; when it is
// destroyed, it empties those maps. It must outlive every use of the data.
class CycleGuard {
 public:
  CycleGuard() = default;
  ~CycleGuard();
  CycleGuard(const CycleGuard&) = delete;
  CycleGuard& operator=(const CycleGuard&) = delete;
  // `value` was stored in `map`.
  void Note(const Any& map, const Any& value);

 private:
  std::vector<Any> maps_;
};

}  // namespace swell::gotemplate
