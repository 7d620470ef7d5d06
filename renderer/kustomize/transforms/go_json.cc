#include "renderer/kustomize/transforms/go_json.h"

#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::kustomize {
namespace {

// These characters stand only inside strings, so the text can be treated as a whole.
std::string EscapeHtml(std::string json) {
  if (json.find_first_of("<>&\xe2") == json.npos) return json;
  json = ReplaceAll(json, "<", "\\u003c");
  json = ReplaceAll(json, ">", "\\u003e");
  json = ReplaceAll(json, "&", "\\u0026");
  json = ReplaceAll(json, "\xe2\x80\xa8", "\\u2028");
  return ReplaceAll(json, "\xe2\x80\xa9", "\\u2029");
}

}  // namespace

std::string GoJson(const Value& value) { return EscapeHtml(json::Write(value)); }

std::string GoJsonIndented(const Value& value) { return EscapeHtml(json::WritePretty(value)); }

}  // namespace swell::kustomize
