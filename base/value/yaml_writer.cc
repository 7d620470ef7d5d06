#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/core/encoding.h"
#include "base/text/utf8.h"
#include "base/value/natural_order.h"
#include "base/value/number.h"
#include "base/value/yaml.h"
#include "base/value/yaml_output.h"
#include "base/value/yaml_reread.h"
#include "base/value/yaml_shape.h"
#include "base/value/yaml_styles.h"

namespace swell::yaml {
namespace {

constexpr std::size_t kMaxSimpleKey = 128;
constexpr std::size_t kIndent = 2;

// A string and what is known of it.
struct Text {
  std::string_view text;
  ByteKinds kinds = 0;
  bool is_binary = false;  // base64, printed with a tag

  bool IsPlainWord() const { return !is_binary && yaml::IsPlainWord(text, kinds); }
};

// Bytes that are no UTF-8 as go-yaml v3 prints them: base64, in lines where it is long.
std::string BinaryText(std::string_view bytes) {
  constexpr std::size_t kLine = 70;
  std::string text = Base64Encode(bytes);
  if (text.size() < kLine) return text;
  std::string lines;
  for (std::string_view rest = text; !rest.empty();) {
    lines += rest.substr(0, kLine);
    lines += '\n';
    rest.remove_prefix(std::min(kLine, rest.size()));
  }
  return lines;
}

class Writer {
 public:
  explicit Writer(Printer printer)
      : printer_(printer),
        key_order_(printer == Printer::kGoYaml2 ? KeyOrder::kGoYaml2 : KeyOrder::kGoYaml3) {}

  // Also checks what Marshal refuses.
  void Check() { checks_ = true; }
  Status TakeStatus() { return std::move(status_); }

  std::string Run(const Value& value) {
    if (value.is_object() && !value.empty()) {
      PutMembers(value.members(), 0);
    } else if (value.is_array() && !value.empty()) {
      PutItems(value.items(), 0);
    } else {
      PutScalar(value, kIndent);
    }
    if (!at_line_start_) out_ += '\n';
    return std::move(out_).Take();
  }

 private:
  void StartLine(std::size_t indent) {
    if (!at_line_start_) out_ += '\n';
    line_start_ = out_.size();
    out_.Pad(indent);
    at_line_start_ = false;
  }

  // The first entry stands where the output is, the others on lines of their own.
  void PutItems(std::span<const Value> items, std::size_t indent) {
    for (const Value& item : items) {
      if (&item != items.data()) StartLine(indent);
      at_line_start_ = false;
      out_ += '-';
      PutCompact(item, indent + kIndent);
    }
  }

  void PutMembers(std::span<const Member> members, std::size_t indent) {
    const std::size_t base = order_.size();
    if (!IsInOrder(members)) PushOrder(members);
    const bool sorted = order_.size() == base;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) StartLine(indent);
      at_line_start_ = false;
      PutMember(sorted ? members[i] : *order_[base + i], indent);
    }
    order_.resize(base);
  }

  void PutMember(const Member& member, std::size_t indent) {
    const Text key = Prepared(member.name(), Role::kKey);
    if (key.IsPlainWord() && key.text.size() <= kMaxSimpleKey) {
      out_ += key.text;
      out_ += ':';
      return PutValue(member.value, indent);
    }
    const Shape shape = ShapeOf(key.text, key.kinds, printer_);
    if (!shape.has_break && key.text.size() <= kMaxSimpleKey) {
      PutText(key, shape.style, {.line_start = line_start_, .width = kNoFolding});
      out_ += ':';
      return PutValue(member.value, indent);
    }
    out_ += "? ";
    PutText(key, shape.style, PlaceAt(indent + kIndent));
    StartLine(indent);
    out_ += ':';
    PutCompact(member.value, indent + kIndent);
  }

  // After "key:".
  void PutValue(const Value& value, std::size_t indent) {
    if (value.is_object() && !value.empty()) {
      StartLine(indent + kIndent);
      PutMembers(value.members(), indent + kIndent);
    } else if (value.is_array() && !value.empty()) {
      const std::size_t deeper = printer_ == Printer::kGoYaml2 ? indent : indent + kIndent;
      StartLine(deeper);
      PutItems(value.items(), deeper);
    } else {
      out_ += ' ';
      PutScalar(value, indent + kIndent);
    }
  }

  // After the "-" of an item or the ":" of a long key: on the same line.
  void PutCompact(const Value& value, std::size_t indent) {
    out_ += ' ';
    if (value.is_object() && !value.empty()) return PutMembers(value.members(), indent);
    if (value.is_array() && !value.empty()) return PutItems(value.items(), indent);
    PutScalar(value, indent);
  }

  // Also empty collections.
  void PutScalar(const Value& value, std::size_t indent) {
    at_line_start_ = false;
    switch (value.type()) {
      case Value::Type::kNull:
        out_ += "null";
        return;
      case Value::Type::kBool:
        out_ += value.as_bool() ? "true" : "false";
        return;
      case Value::Type::kInt:
        return PutInt(value.as_int());
      case Value::Type::kFloat:
        if (const auto exact = value.exact_unsigned()) {
          out_ += std::to_string(*exact);
          return;
        }
        return PutFloat(value.as_float());
      case Value::Type::kArray:
        out_ += "[]";
        return;
      case Value::Type::kObject:
        out_ += "{}";
        return;
      case Value::Type::kString: {
        const Text text = Prepared(value.as_string(), Role::kValue);
        if (text.IsPlainWord()) {
          out_ += text.text;
          return;
        }
        const Style style = ShapeOf(text.text, text.kinds, printer_).style;
        return PutText(text, style, PlaceAt(indent));
      }
    }
  }

  Place PlaceAt(std::size_t indent) const {
    return {.line_start = line_start_,
            .indent = indent,
            .width = printer_ == Printer::kGoYaml2 ? Place{}.width : kNoFolding};
  }

  void PutText(const Text& text, Style style, const Place& place) {
    if (text.is_binary) {
      out_ += "!!binary ";
      if (style != Style::kLiteral) style = Style::kPlain;  // the tag says that it is no number
    }
    AppendScalar(out_, text.text, text.kinds, style, place);
    at_line_start_ = style == Style::kLiteral && EndsWithBreak(text.text);
  }

  void PutInt(std::int64_t number) {
    char digits[24];
    out_ += std::string_view(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  }

  void PutFloat(double number) {
    if (!std::isfinite(number)) {
      if (checks_ && status_)
        status_ = Fail(InvalidArgument("error marshaling into JSON: json: unsupported value: " +
                                       FormatFloatG(number)));
      out_ += std::isnan(number) ? ".nan" : number < 0 ? "-.inf" : ".inf";
      return;
    }
    if (printer_ == Printer::kGoYaml3) {
      out_ += FormatFloatG(number);
      return;
    }
    // What JSON printed whole is read back as an integer where it fits 64 bits (and "-0" as 0),
    // everything else goes through strconv's 'g'.
    constexpr double kExact = 9007199254740992;  // 2^53
    if (std::fabs(number) < kExact && number == std::trunc(number)) {
      return PutInt(static_cast<std::int64_t>(number));
    }
    constexpr double kUint64Limit = 18446744073709551616.0, kInt64Limit = kUint64Limit / 2;
    const bool whole =
        number >= -kInt64Limit && number < kUint64Limit && number == std::trunc(number);
    std::string json = whole ? FormatFloatJson(number) : "";
    // The shortest digits may round to a number beyond.
    out_ += whole && FitsWord(json) ? json : FormatFloatG(number);
  }

  static bool FitsWord(const std::string& digits) {
    const char* const end = digits.data() + digits.size();
    std::int64_t as_signed = 0;
    std::uint64_t as_unsigned = 0;
    return std::from_chars(digits.data(), end, as_signed).ec == std::errc{} ||
           std::from_chars(digits.data(), end, as_unsigned).ec == std::errc{};
  }

  enum class Role { kKey, kValue };

  // The string as go-yaml gets it. The result may lie in repaired_, until the next call.
  Text Prepared(std::string_view text, Role role) {
    Text out{.text = text, .kinds = KindsOf(text)};
    if (checks_ && status_) {
      Status checked = role == Role::kKey ? CheckKey(text, out.kinds) : CheckText(text, out.kinds);
      if (!checked) status_ = std::move(checked);
    }
    if ((out.kinds & kHasNonAscii) == 0) return out;
    if (printer_ == Printer::kGoYaml3) {
      if (IsValidUtf8(text)) return out;
      repaired_ = BinaryText(text);
      return {.text = repaired_, .kinds = KindsOf(repaired_), .is_binary = true};
    }
    if (!Reread(text, repaired_)) return out;
    return {.text = repaired_, .kinds = KindsOf(repaired_)};
  }

  bool IsInOrder(std::span<const Member> members) const {
    for (std::size_t i = 1; i < members.size(); ++i) {
      if (NaturalLess(members[i].name(), members[i - 1].name(), key_order_)) return false;
    }
    return true;
  }

  void PushOrder(std::span<const Member> members) {
    const auto base = static_cast<std::ptrdiff_t>(order_.size());
    for (const Member& member : members) order_.push_back(&member);
    std::stable_sort(order_.begin() + base, order_.end(),
                     [order = key_order_](const Member* a, const Member* b) {
                       return NaturalLess(a->name(), b->name(), order);
                     });
  }

  const Printer printer_;
  const KeyOrder key_order_;
  bool checks_ = false;
  bool at_line_start_ = true;   // nothing stands on the current line
  std::size_t line_start_ = 0;  // of the current line, where no scalar has broken it
  Status status_;
  Output out_;
  std::string repaired_;
  std::vector<const Member*> order_;  // a stack: the members of the objects under way
};

}  // namespace

std::string Write(const Value& value, const WriteOptions& options) {
  return Writer(options.printer).Run(value);
}

Result<std::string> Marshal(const Value& value) {
  Writer writer(Printer::kGoYaml2);
  writer.Check();
  std::string text = writer.Run(value);
  TRY(writer.TakeStatus());
  return text;
}

}  // namespace swell::yaml
