#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/core/check.h"
#include "base/text/utf8.h"
#include "base/value/natural_order.h"
#include "base/value/number.h"
#include "base/value/yaml.h"
#include "base/value/yaml_scalar.h"

namespace swell::yaml {
namespace {

constexpr std::size_t kMaxKeyBytes = 1022;

// Marshal writes JSON and reads it back as YAML: what JSON printed whole becomes an integer
// where it fits 64 bits, everything else goes through strconv's 'g'.
std::string FloatText(double number) {
  if (!std::isfinite(number)) return std::isnan(number) ? ".nan" : number < 0 ? "-.inf" : ".inf";
  const std::string json = FormatFloatJson(number);
  if (json == "-0") return "0";
  const char* const end = json.data() + json.size();
  std::int64_t as_signed = 0;
  std::uint64_t as_unsigned = 0;
  const auto signed_end = std::from_chars(json.data(), end, as_signed);
  if (signed_end.ec == std::errc{} && signed_end.ptr == end) return json;
  const auto unsigned_end = std::from_chars(json.data(), end, as_unsigned);
  if (unsigned_end.ec == std::errc{} && unsigned_end.ptr == end) return json;
  return FormatFloatG(number);
}

std::string WithoutBadBytes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const DecodedRune next = DecodeRune(text);
    AppendUtf8(out, next.rune);
    text.remove_prefix(static_cast<std::size_t>(next.length));
  }
  return out;
}

// U+0085 stands raw in Marshal's JSON, where reading it back takes it for a line break: one
// folds into a space, of several all but the first become newlines, blanks around them vanish.
std::string FoldNextLines(std::string_view text) {
  constexpr std::string_view kNextLine = "\u0085";
  std::string out;
  for (std::size_t at; (at = text.find(kNextLine)) != std::string_view::npos;) {
    out += text.substr(0, at);
    while (out.ends_with(' ')) out.pop_back();
    int breaks = 0;
    text.remove_prefix(at);
    while (text.starts_with(kNextLine) || text.starts_with(' ')) {
      breaks += text[0] == ' ' ? 0 : 1;
      text.remove_prefix(text[0] == ' ' ? 1 : kNextLine.size());
    }
    out += breaks == 1 ? " " : std::string(static_cast<std::size_t>(breaks - 1), '\n');
  }
  return out.append(text);
}

class Writer {
 public:
  Writer() {
    SWELL_CHECK(yaml_emitter_initialize(&emitter_) != 0);
    yaml_emitter_set_output(&emitter_, &Writer::Append, &out_);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_indent(&emitter_, 2);
    yaml_emitter_set_width(&emitter_, 80);
  }
  ~Writer() { yaml_emitter_delete(&emitter_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::string Run(const Value& value) {
    yaml_event_t event;
    Emit(yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), event);
    Emit(yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1), event);
    Put(value);
    Emit(yaml_document_end_event_initialize(&event, 1), event);
    Emit(yaml_stream_end_event_initialize(&event), event);
    // libyaml ends the document after a "|+" scalar; go-yaml does not.
    constexpr std::string_view kEnd = "\n...\n";
    if (out_.ends_with(kEnd)) out_.resize(out_.size() - kEnd.size() + 1);
    return std::move(out_);
  }

 private:
  static int Append(void* out, unsigned char* bytes, std::size_t size) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), size);
    return 1;
  }

  // Only memory can fail here: every text is valid UTF-8 and every event in its place.
  void Emit(int initialized, yaml_event_t& event) {
    SWELL_CHECK(initialized != 0 && yaml_emitter_emit(&emitter_, &event) != 0);
  }

  void PutScalar(std::string_view text, yaml_scalar_style_t style) {
    yaml_event_t event;
    const auto* bytes = reinterpret_cast<const yaml_char_t*>(text.data());
    Emit(yaml_scalar_event_initialize(&event, nullptr, nullptr, bytes,
                                      static_cast<int>(text.size()), 1, 1, style),
         event);
  }

  void PutString(std::string_view text) {
    if (!IsValidUtf8(text)) return PutString(WithoutBadBytes(text));
    if (text.find("\u0085") != std::string_view::npos) return PutString(FoldNextLines(text));
    if (text.find('\n') != std::string_view::npos) {
      PutScalar(text, YAML_LITERAL_SCALAR_STYLE);
    } else if (ResolvePlain(text, Schema::kYaml11).kind == ScalarKind::kString && !IsBase60(text)) {
      PutScalar(text, YAML_PLAIN_SCALAR_STYLE);
    } else {
      PutScalar(text, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    }
  }

  void PutObject(std::span<const Member> members) {
    yaml_event_t event;
    Emit(yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE),
         event);
    std::vector<const Member*> sorted;
    sorted.reserve(members.size());
    for (const Member& member : members) sorted.push_back(&member);
    std::ranges::stable_sort(
        sorted, [](const Member* a, const Member* b) { return NaturalLess(a->name(), b->name()); });
    for (const Member* member : sorted) {
      PutString(member->name());
      Put(member->value);
    }
    Emit(yaml_mapping_end_event_initialize(&event), event);
  }

  void PutArray(std::span<const Value> items) {
    yaml_event_t event;
    Emit(yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1,
                                              YAML_BLOCK_SEQUENCE_STYLE),
         event);
    for (const Value& item : items) Put(item);
    Emit(yaml_sequence_end_event_initialize(&event), event);
  }

  void Put(const Value& value) {
    switch (value.type()) {
      case Value::Type::kNull:
        return PutScalar("null", YAML_PLAIN_SCALAR_STYLE);
      case Value::Type::kBool:
        return PutScalar(value.as_bool() ? "true" : "false", YAML_PLAIN_SCALAR_STYLE);
      case Value::Type::kInt:
        return PutScalar(std::to_string(value.as_int()), YAML_PLAIN_SCALAR_STYLE);
      case Value::Type::kFloat:
        return PutScalar(FloatText(value.as_float()), YAML_PLAIN_SCALAR_STYLE);
      case Value::Type::kString:
        return PutString(value.as_string());
      case Value::Type::kArray:
        return PutArray(value.items());
      case Value::Type::kObject:
        return PutObject(value.members());
    }
  }

  yaml_emitter_t emitter_;
  std::string out_;
};

// The runes that libyaml's reader (and go-yaml's) takes; JSON escapes those below U+0020.
bool IsReadable(char32_t rune) {
  return rune < 0x7f || rune == 0x85 || (rune >= 0xa0 && rune < 0xfffe) || rune >= 0x10000;
}

Status CheckText(std::string_view text) {
  while (!text.empty()) {
    const DecodedRune next = DecodeRune(text);
    if (!IsReadable(next.rune)) {
      char shown[16];
      std::snprintf(shown, sizeof shown, "U+%04X", static_cast<unsigned>(next.rune));
      return Fail(
          InvalidArgument(std::string("yaml: control characters are not allowed: ") + shown));
    }
    text.remove_prefix(static_cast<std::size_t>(next.length));
  }
  return {};
}

}  // namespace

Status CheckWritable(const Value& value) {
  if (value.is_string()) return CheckText(value.as_string());
  for (const Value& item : value.items()) TRY(CheckWritable(item));
  for (const Member& member : value.members()) {
    TRY(CheckText(member.name()));
    if (member.name().size() > kMaxKeyBytes) {
      return Fail(InvalidArgument("yaml: a mapping key of " + std::to_string(member.name().size()) +
                                  " bytes is longer than " + std::to_string(kMaxKeyBytes)));
    }
    TRY(CheckWritable(member.value));
  }
  return {};
}

std::string Write(const Value& value) { return Writer().Run(value); }

}  // namespace swell::yaml
