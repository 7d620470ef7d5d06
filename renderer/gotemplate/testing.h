#pragma once
// For tests of templates: one text in, its output or error out.

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "base/value/json.h"
#include "renderer/gotemplate/template.h"

namespace swell::gotemplate::testing {

// A template and what helm 4.1.4 made of it: its output, or its error behind "ERR ".
struct Golden {
  const char* text;
  const char* want;
};

inline void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.text; }

// The data that the golden outputs were recorded with.
inline Any GoldenData() {
  const auto values = json::Parse(R"({
    "name": "web", "count": 3, "ratio": 0.25, "true": true, "none": null,
    "tags": ["red", "green"], "ports": [80, 443],
    "labels": {"app": "web", "tier": "front"},
    "deep": {"a": {"b": {"c": "end"}}}, "empty": "",
    "rows": [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]})");
  const Any plain = FromValue(*values);
  const Any typed = Any::NewMap(types::kValues);
  for (const Map::Entry& entry : plain.as_map()->entries()) {
    typed.as_map()->Set(entry.name(), entry.value);
  }
  Any data = Any::NewMap(types::kValues);
  data.as_map()->Set("Values", typed);
  return data;
}

// Executes the text as the definition "x" of the file "f".
inline std::string Render(const std::shared_ptr<const FunctionMap>& functions,
                          std::string_view text, const Any& data,
                          SessionOptions options = {.missing_key = MissingKey::kZero}) {
  TemplateSet set(functions, options.limits);
  const std::string file = "{{define \"x\"}}" + std::string(text) + "{{end}}";
  if (Status parsed = set.Parse("f", file); !parsed) return "ERR " + parsed.error().ToString();
  Session session(options);
  Result<std::string> out = set.Execute("x", data, session);
  return out ? *out : "ERR " + out.error().ToString();
}

}  // namespace swell::gotemplate::testing
