#include <re2/re2.h>

#include "base/core/strings.h"
#include "renderer/jsonschema/compiled.h"

namespace swell::jsonschema {

Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::Compile(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<Pattern>();
  pattern->regex_ = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!pattern->regex_->ok()) {
    return Fail(InvalidArgument(
        Quote(text) + " is not valid regex: error parsing regexp: " + pattern->regex_->error()));
  }
  return std::shared_ptr<const Pattern>(std::move(pattern));
}

std::uint64_t Pattern::Steps(std::size_t bytes) const {
  return bytes / 256 + bytes * static_cast<std::size_t>(regex_->ProgramSize()) / 65'536;
}

bool Pattern::Matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

}  // namespace swell::jsonschema
