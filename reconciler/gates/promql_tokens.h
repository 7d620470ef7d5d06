#pragma once
// The words of PromQL, as promql/parser/lex.go of Prometheus 3 cuts them. Internal to
// reconciler/gates.

#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace swell::gates {

enum class PromqlKind {
  kEnd,
  kWord,    // metric, label, function, keyword; with colons outside of braces and brackets
  kNumber,  // also durations: "1.5e3", "0x1f", "1h30m", not looked into
  kString,  // with its quotes
  kSymbol,  // "(", "=~", …
};

struct PromqlToken {
  PromqlKind kind = PromqlKind::kEnd;
  std::string_view text;  // of the query
  std::size_t at = 0;     // where in the query
};

// All of them, kEnd last; comments and spaces are left out. kInvalidArgument with line and column
// (in bytes) for what no PromQL has. The query must outlive the tokens.
Result<std::vector<PromqlToken>> TokenizePromql(std::string_view query);

// "query:LINE:COLUMN" of the byte.
SourceSpan PromqlPlace(std::string_view query, std::size_t at);

}  // namespace swell::gates
