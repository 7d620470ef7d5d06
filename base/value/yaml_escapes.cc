#include "base/value/yaml_escapes.h"

#include <algorithm>

#include "base/text/utf8.h"

namespace swell::yaml {

SlashEscapes::SlashEscapes(std::string_view text) : text_(text), any_(text.contains("\\/")) {
  if (text.starts_with("\xef\xbb\xbf")) offset_ = 3;
}

void SlashEscapes::Advance() {
  offset_ += static_cast<std::size_t>(std::max(Utf8SequenceLength(text_.substr(offset_)), 1));
  ++index_;
}

std::optional<yaml_mark_t> SlashEscapes::Find(const yaml_mark_t& start, const yaml_mark_t& end) {
  if (!any_) return std::nullopt;
  while (index_ < start.index && offset_ < text_.size()) Advance();
  // An anchor or a tag may come first.
  while (index_ < end.index && offset_ < text_.size() && text_[offset_] != '"') Advance();
  yaml_mark_t mark = start;
  while (index_ < end.index && offset_ < text_.size()) {
    const char c = text_[offset_];
    if (c == '\n') {
      ++mark.line;
      mark.column = 0;
    }
    if (c == '\\' && text_.substr(offset_ + 1).starts_with('/')) return mark;
    Advance();
    if (c == '\\' && offset_ < text_.size()) Advance();
  }
  return std::nullopt;
}

}  // namespace swell::yaml
