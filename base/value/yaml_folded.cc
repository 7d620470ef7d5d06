#include "base/value/yaml_folded.h"

#include "base/value/yaml.h"

namespace swell::yaml {
namespace {

constexpr std::string_view kIndent = "  ";

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// go-yaml writes texts with blanks before a line's end in quotes, where nothing is lost.
bool StaysFolded(std::string_view text) {
  if (text.empty() || IsBlank(text.back())) return false;
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    if (at > 0 && text[at - 1] == ' ') return false;
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f) return false;
  }
  return true;
}

std::string Header(std::string_view text) {
  std::string header = ">";
  if (text.front() == ' ' || text.front() == '\n') header += '2';
  if (text.back() != '\n') {
    header += '-';
  } else if (text.size() == 1 || text[text.size() - 2] == '\n') {
    header += '+';
  }
  return header + '\n';
}

// yaml_emitter_write_folded_scalar, which looks at the start of the text, not at the line, to see
// whether a line's end needs an empty line behind it.
std::string Folded(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\n');
  const bool ends_lines = first != text.npos && !IsBlank(text[first]);
  std::string out = Header(text);
  bool at_line_start = true;
  bool line_starts_blank = true;
  for (const char c : text) {
    if (c == '\n') {
      if (!at_line_start && !line_starts_blank && ends_lines) out += '\n';
      out += '\n';
      at_line_start = true;
      continue;
    }
    if (at_line_start) {
      out += kIndent;
      line_starts_blank = IsBlank(c);
    }
    out += c;
    at_line_start = false;
  }
  return out;
}

}  // namespace

std::string RereadFolded(std::string_view text) {
  if (!StaysFolded(text)) return std::string(text);
  const auto read = Parse(Folded(text));
  return read && read->is_string() ? read->str() : std::string(text);
}

}  // namespace swell::yaml
