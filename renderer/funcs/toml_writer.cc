// toToml: BurntSushi/toml's encoder. Of a table first the plain values, then the tables in it.

#include <cmath>
#include <cstdio>

#include "base/core/strings.h"
#include "base/value/number.h"
#include "renderer/funcs/system_families.h"
#include "renderer/funcs/toml.h"

namespace swell::funcs {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
          out += escape;
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string KeyText(std::string_view key) {
  for (const char c : key) {
    const bool bare = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
    if (!bare) return Quoted(key);
  }
  return key.empty() ? "\"\"" : std::string(key);
}

std::string FloatText(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::string text = FormatFloatG(number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

bool IsTableArray(const Value& value) {
  if (!value.is_array() || value.empty()) return false;
  for (const Value& item : value.items()) {
    if (!item.is_object()) return false;
  }
  return true;
}

class Writer {
 public:
  Status Table(const Value& table) {
    for (const Member& m : table.members()) {
      if (m.value.is_null() || m.value.is_object() || IsTableArray(m.value)) continue;
      out.append(path_.size() * 2, ' ');
      out += KeyText(m.name()) + " = ";
      TRY(Inline(m.value));
      out += '\n';
    }
    for (const Member& m : table.members()) {
      path_.push_back(KeyText(m.name()));
      if (m.value.is_object()) {
        if (path_.size() == 1 && !out.empty()) out += '\n';
        TRY(Section("[", "]", m.value));
      } else if (IsTableArray(m.value)) {
        for (const Value& item : m.value.items()) {
          if (!out.empty()) out += '\n';
          TRY(Section("[[", "]]", item));
        }
      }
      path_.pop_back();
    }
    return {};
  }

  Status Inline(const Value& value) {
    switch (value.type()) {
      case Value::Type::kNull:
        return Fail(InvalidArgument("toml: cannot encode array with nil element"));
      case Value::Type::kBool:
        out += value.as_bool() ? "true" : "false";
        return {};
      case Value::Type::kInt:
        out += std::to_string(value.as_int());
        return {};
      case Value::Type::kFloat:
        out += FloatText(value.as_float());
        return {};
      case Value::Type::kString:
        out += Quoted(value.as_string());
        return {};
      case Value::Type::kArray: {
        out += '[';
        for (std::size_t i = 0; i < value.size(); ++i) {
          if (i > 0) out += ", ";
          TRY(Inline(value[i]));
        }
        out += ']';
        return {};
      }
      case Value::Type::kObject: {
        out += '{';
        bool first = true;
        for (const Member& m : value.members()) {
          if (m.value.is_null()) continue;
          if (!first) out += ", ";
          first = false;
          out += KeyText(m.name()) + " = ";
          TRY(Inline(m.value));
        }
        out += '}';
        return {};
      }
    }
    return {};
  }

  std::string out;

 private:
  Status Section(std::string_view open, std::string_view close, const Value& table) {
    out.append((path_.size() - 1) * 2, ' ');
    out += std::string(open) + Join(path_, ".") + std::string(close) + "\n";
    return Table(table);
  }

  std::vector<std::string> path_;  // as written
};

}  // namespace

Result<std::string> WriteToml(const Value& value) {
  Writer writer;
  if (value.is_object()) {
    TRY(writer.Table(value));
  } else {
    TRY(writer.Inline(value));
  }
  return std::move(writer.out);
}

}  // namespace swell::funcs
