#pragma once
// Swell's own YAML files (resources, server configuration), read with yaml-cpp so that every
// field's place is known and errors can point at it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::config {

struct Document {
  Value value;
  // JSON pointer ("/spec/waves/0/percent") -> where its value starts.
  std::map<std::string, SourceSpan> spans;
  // The place of the pointer, or of its nearest known parent.
  SourceSpan SpanOf(std::string_view pointer) const;
};

// Every document of the stream that is not empty. YAML 1.2 scalars. Errors carry the span.
Result<std::vector<Document>> ParseAll(std::string_view text, const std::string& file);

}  // namespace swell::config
