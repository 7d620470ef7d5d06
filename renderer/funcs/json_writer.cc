#include "renderer/funcs/json_writer.h"

#include <charconv>
#include <cmath>

#include "base/core/encoding.h"
#include "base/value/number.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Kind;

class Writer {
 public:
  Writer(gotemplate::Budget& budget, const JsonOptions& options)
      : budget_(budget), options_(options) {}

  Status Put(const Any& any) {
    TRY(budget_.Spend());
    TRY(budget_.CheckDepth(depth_));
    if (out_.size() > budget_.limits().max_value_bytes) TRY(budget_.Allow(out_.size()));
    switch (any.kind()) {
      case Kind::kNil:
        out_ += "null";
        return {};
      case Kind::kBool:
        out_ += any.as_bool() ? "true" : "false";
        return {};
      case Kind::kInt:
      case Kind::kInt64:
      case Kind::kUint8:
        PutInteger(any.as_int());
        return {};
      case Kind::kUint64:
        PutInteger(static_cast<std::uint64_t>(any.as_int()));
        return {};
      case Kind::kFloat64:
        return PutFloat(any.as_float());
      case Kind::kComplex128:
        return Fail(InvalidArgument("json: unsupported type: complex128"));
      case Kind::kString:
        json::AppendString(out_, any.as_string(), options_.escaping);
        return {};
      case Kind::kSlice:
        return PutList(*any.as_list());
      case Kind::kMap:
        return PutMap(*any.as_map());
      case Kind::kObject:
        return PutObject(*any.as_object());
    }
    return {};
  }

  std::string Take() { return std::move(out_); }

 private:
  template <class Integer>
  void PutInteger(Integer number) {
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }

  Status PutFloat(double number) {
    if (!std::isfinite(number)) {
      return Fail(InvalidArgument("json: unsupported value: " + FormatFloatG(number)));
    }
    AppendFloatJson(out_, number);
    return {};
  }

  Status PutList(const gotemplate::List& list) {
    if (list.is_nil()) {
      out_ += "null";
      return {};
    }
    if (list.type()->elem == gotemplate::types::kUint8) {
      json::AppendString(out_, Base64Encode(list.Text()));
      return {};
    }
    Open('[');
    for (const Any& item : list.items()) {
      NextEntry('[');
      TRY(Put(item));
    }
    Close(']', list.size());
    return {};
  }

  Status PutMap(const gotemplate::Map& map) {
    Open('{');
    for (const gotemplate::Map::Entry& entry : map.entries()) {
      TRY(PutMember(entry.name(), entry.value));
    }
    Close('}', map.size());
    return {};
  }

  Status PutObject(const gotemplate::Object& object) {
    const std::vector<gotemplate::JsonField> fields = object.JsonFields();
    if (fields.empty()) return Put(gotemplate::FromValue(object.ToJson()));
    Open('{');
    for (const gotemplate::JsonField& field : fields) TRY(PutMember(field.name, field.value));
    Close('}', fields.size());
    return {};
  }

  Status PutMember(std::string_view name, const Any& value) {
    NextEntry('{');
    json::AppendString(out_, name, options_.escaping);
    out_ += pretty() ? ": " : ":";
    return Put(value);
  }

  bool pretty() const { return options_.layout == JsonOptions::Layout::kPretty; }

  void Open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  // Nothing but the container's own bracket can stand before its first entry.
  void NextEntry(char bracket) {
    if (out_.back() != bracket) out_ += ',';
    StartLine();
  }
  void Close(char bracket, std::size_t entries) {
    --depth_;
    if (entries > 0) StartLine();
    out_ += bracket;
  }
  void StartLine() {
    if (!pretty()) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth_) * 2, ' ');
  }

  gotemplate::Budget& budget_;
  const JsonOptions options_;
  int depth_ = 0;
  std::string out_;
};

}  // namespace

Result<std::string> WriteJson(const Any& any, gotemplate::Budget& budget,
                              const JsonOptions& options) {
  Writer writer(budget, options);
  TRY(writer.Put(any));
  return writer.Take();
}

}  // namespace swell::funcs
