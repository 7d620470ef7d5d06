#include "renderer/funcs/yaml_pretty.h"

#include <algorithm>
#include <vector>

#include "base/value/natural_order.h"
#include "base/value/number.h"
#include "base/value/yaml.h"

namespace swell::funcs {
namespace {

// go-yaml v2 takes U+0085 for a line break, v3 escapes it.
std::string EscapeNextLines(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    if (text.starts_with("\u0085")) {
      out += "\\N";
      text.remove_prefix(2);
      continue;
    }
    if (text[0] == '"' || text[0] == '\\') out += '\\';
    out += text[0];
    text.remove_prefix(1);
  }
  return out + "\"\n";
}

// Others stand behind a "? ".
bool IsSimpleKey(std::string_view key) {
  constexpr std::size_t kMaxBytes = 128;
  return key.size() <= kMaxBytes && key.find('\n') == std::string_view::npos;
}

// Puts lines together again that base/value/yaml.h broke at column 80, each at a blank.
std::string Unfolded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    out += ' ';
    while (i + 1 < text.size() && text[i + 1] == ' ') ++i;
    // A break between two blanks is shown by a backslash in front of the second.
    if (text[0] == '"' && text.substr(i + 1).starts_with("\\ ")) ++i;
  }
  return out;
}

// One string as the item of a list, without its "- "; a block's lines stand two deep.
std::string ItemText(std::string_view text) {
  if (text.find("\u0085") != std::string_view::npos) return EscapeNextLines(text);
  const std::string item = yaml::Write(Value::Array({Value(text)})).substr(2);
  return item.starts_with('|') ? item : Unfolded(item);
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
      const Value& child = members[i]->value;
      std::string key = Text(members[i]->name());
      if (!IsSimpleKey(members[i]->name())) {
        out += "? " + Shifted(key, indent);
        out.append(indent, ' ');
        out += ": ";
        Put(child, indent + 2, indent);
        continue;
      }
      key.pop_back();
      out += key + ":";
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
    if (text.find('\n') == std::string_view::npos || !IsTabbedLiteral(text)) return ItemText(text);
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
