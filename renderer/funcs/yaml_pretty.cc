#include "renderer/funcs/yaml_pretty.h"

#include <yaml.h>

#include <algorithm>
#include <vector>

#include "base/core/check.h"
#include "base/value/natural_order.h"
#include "base/value/number.h"
#include "base/value/yaml_scalar.h"

namespace swell::funcs {
namespace {

bool IsPlain(std::string_view text) {
  for (const yaml::Schema schema : {yaml::Schema::kYaml11, yaml::Schema::kYaml12}) {
    if (yaml::ResolvePlain(text, schema).kind != yaml::ScalarKind::kString) return false;
  }
  return !yaml::IsBase60(text);
}

// One scalar through libyaml's emitter, as the item of a list ("- " in front, lines below by two).
std::string EmitItem(std::string_view text, yaml_scalar_style_t style) {
  std::string out;
  yaml_emitter_t emitter;
  SWELL_CHECK(yaml_emitter_initialize(&emitter) != 0);
  yaml_emitter_set_output(
      &emitter,
      [](void* to, unsigned char* bytes, std::size_t size) {
        static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), size);
        return 1;
      },
      &out);
  yaml_emitter_set_unicode(&emitter, 1);
  yaml_emitter_set_indent(&emitter, 2);
  yaml_emitter_set_width(&emitter, -1);
  yaml_event_t event;
  const auto emit = [&](int initialized) {
    SWELL_CHECK(initialized != 0 && yaml_emitter_emit(&emitter, &event) != 0);
  };
  emit(yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
  emit(yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1));
  emit(
      yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE));
  emit(yaml_scalar_event_initialize(&event, nullptr, nullptr,
                                    reinterpret_cast<const yaml_char_t*>(text.data()),
                                    static_cast<int>(text.size()), 1, 1, style));
  emit(yaml_sequence_end_event_initialize(&event));
  emit(yaml_document_end_event_initialize(&event, 1));
  emit(yaml_stream_end_event_initialize(&event));
  yaml_emitter_delete(&emitter);
  constexpr std::string_view kEnd = "\n...\n";
  if (out.ends_with(kEnd)) out.resize(out.size() - kEnd.size() + 1);
  return out.substr(2);
}

// A literal block that libyaml would not make, because of a tab: go-yaml v3 does.
bool IsTabbedLiteral(std::string_view text) {
  if (text.find('\t') == std::string_view::npos || text.find(" \n") != std::string_view::npos ||
      text.ends_with(' ')) {
    return false;
  }
  return std::ranges::all_of(
      text, [](char c) { return c == '\t' || c == '\n' || static_cast<unsigned char>(c) >= 0x20; });
}

// `text` with every line but the first indented, and a newline at its end.
std::string Shifted(std::string_view text, std::size_t indent) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size() && text[i + 1] != '\n') out.append(indent, ' ');
  }
  return out;
}

class Writer {
 public:
  // The node, its first line where `out` stands. A block's further lines stand at `indent`, a
  // scalar's two deeper than `parent`.
  void Put(const Value& value, std::size_t indent, std::size_t parent) {
    if (value.is_object() && !value.empty()) return PutObject(value, indent);
    if (value.is_array() && !value.empty()) return PutArray(value, indent);
    PutScalar(value, parent);
  }

  std::string out;

 private:
  void PutObject(const Value& value, std::size_t indent) {
    std::vector<const Member*> members;
    for (const Member& m : value.members()) members.push_back(&m);
    std::ranges::stable_sort(members, [](const Member* a, const Member* b) {
      return NaturalLess(a->name(), b->name());
    });
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out.append(indent, ' ');
      std::string key = Text(members[i]->name());
      key.pop_back();
      out += key + ":";
      const Value& child = members[i]->value;
      const bool block = (child.is_object() || child.is_array()) && !child.empty();
      if (block) {
        out += '\n';
        out.append(indent + 2, ' ');
        Put(child, indent + 2, indent);
      } else {
        out += ' ';
        PutScalar(child, indent);
      }
    }
  }

  void PutArray(const Value& value, std::size_t indent) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out.append(indent, ' ');
      out += "- ";
      Put(value[i], indent + 2, indent);
    }
  }

  void PutScalar(const Value& value, std::size_t parent) {
    switch (value.type()) {
      case Value::Type::kNull:
        out += "null\n";
        return;
      case Value::Type::kBool:
        out += value.as_bool() ? "true\n" : "false\n";
        return;
      case Value::Type::kInt:
        out += std::to_string(value.as_int()) + "\n";
        return;
      case Value::Type::kFloat:
        out += FormatFloatG(value.as_float()) + "\n";
        return;
      case Value::Type::kArray:
        out += "[]\n";
        return;
      case Value::Type::kObject:
        out += "{}\n";
        return;
      case Value::Type::kString:
        out += Shifted(Text(value.as_string()), parent);
        return;
    }
  }

  static std::string Text(std::string_view text) {
    if (text.find('\n') == std::string_view::npos) {
      return EmitItem(text,
                      IsPlain(text) ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    }
    if (!IsTabbedLiteral(text)) return EmitItem(text, YAML_LITERAL_SCALAR_STYLE);
    std::string block = text.starts_with(' ') || text.starts_with('\n') ? "|2" : "|";
    std::string_view body = text;
    if (!body.ends_with('\n')) {
      block += '-';
    } else {
      body.remove_suffix(1);
      if (body.empty() || body.ends_with('\n')) block += '+';
    }
    block += "\n  ";
    for (std::size_t i = 0; i < body.size(); ++i) {
      block += body[i];
      if (body[i] == '\n' && i + 1 < body.size() && body[i + 1] != '\n') block += "  ";
    }
    return block + "\n";
  }
};

}  // namespace

std::string WritePrettyYaml(const Value& value) {
  Writer writer;
  writer.Put(value, 0, 0);
  return std::move(writer.out);
}

}  // namespace swell::funcs
