#pragma once
// JSON in and out.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::json {

struct ParseOptions {
  std::string file;  // for error spans; may be empty
  std::size_t max_depth = 512;
  std::size_t max_nodes = 20'000'000;
};

// RFC 8259, strict. Integers that fit int64 become Int, all other numbers Float. Of
// duplicate keys the last wins, as in Go's encoding/json. Errors carry line and column.
Result<Value> Parse(std::string_view text, const ParseOptions& options = {});

// Compact, keys in order, as Go's encoding/json prints (without HTML escaping): floats in
// the shortest form that reads back.
std::string Write(const Value& value);
// Indented by two spaces.
std::string WritePretty(const Value& value);

// A text in quotes, as Write prints it; kHtml also escapes <, > and &, as encoding/json does where
// nothing else is said. Bytes that are no UTF-8 become \ufffd.
enum class Escaping { kPlain, kHtml };
void AppendString(std::string& out, std::string_view text, Escaping escaping = Escaping::kPlain);

}  // namespace swell::json
