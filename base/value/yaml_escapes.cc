#include "base/value/yaml_escapes.h"

#include <algorithm>

#include "base/text/utf8.h"

namespace swell::yaml {

SlashEscapes::SlashEscapes(std::string_view text) : text_(text), any_(text.contains("\\/")) {
  if (text.starts_with("\xef\xbb\xbf")) offset_ = 3;
}

void SlashEscapes::Advance() {
  ++mark_.index;
  if (text_[offset_] == '\n') {
    ++mark_.line;
    mark_.column = 0;
  } else {
    ++mark_.column;
  }
  offset_ += static_cast<std::size_t>(std::max(Utf8SequenceLength(text_.substr(offset_)), 1));
}

std::optional<yaml_mark_t> SlashEscapes::Find(const yaml_mark_t& start, const yaml_mark_t& end) {
  if (!any_) return std::nullopt;
  while (mark_.index < start.index && offset_ < text_.size()) Advance();
  // An anchor or a tag may come first.
  while (mark_.index < end.index && offset_ < text_.size() && text_[offset_] != '"') Advance();
  while (mark_.index < end.index && offset_ < text_.size()) {
    const bool escape = text_[offset_] == '\\';
    if (escape && text_.substr(offset_ + 1).starts_with('/')) return mark_;
    Advance();
    if (escape && offset_ < text_.size()) Advance();
  }
  return std::nullopt;
}

}  // namespace swell::yaml
