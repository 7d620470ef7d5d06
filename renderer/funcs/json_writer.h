#pragma once
// Template values as Go's encoding/json writes them.

#include <string>

#include "base/core/result.h"
#include "base/value/json.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/value.h"

namespace swell::funcs {

struct JsonOptions {
  enum class Layout { kCompact, kPretty };
  Layout layout = Layout::kCompact;  // kPretty: indented by two blanks
  json::Escaping escaping = json::Escaping::kHtml;
};

// Maps in the order of their keys, structs in that of their fields. Fails on what JSON has not
// (NaN, infinities, complex numbers) and, with kResourceExhausted, beyond the budget: on nesting
// (a map that holds itself) and on more text than one value may be.
Result<std::string> WriteJson(const gotemplate::Any& any, gotemplate::Budget& budget,
                              const JsonOptions& options);

}  // namespace swell::funcs
