#include "renderer/jsonschema/failure.h"

#include "base/core/strings.h"

namespace swell::jsonschema {
namespace {

void Print(const Failure& failure, std::size_t indent, std::string& out) {
  // A reference with one cause shows the cause alone.
  const bool skip = failure.kind == Failure::Kind::kReference && failure.causes.size() == 1;
  if (!skip) {
    if (!out.empty()) out += '\n';
    out.append(indent * 2, ' ');
    out += "- at " + QuoteSingle(failure.location) + ": " + failure.message;
    ++indent;
  }
  for (const Failure& cause : failure.causes) Print(cause, indent, out);
}

}  // namespace

std::string QuoteSingle(std::string_view text) {
  std::string quoted = Quote(text);
  quoted = ReplaceAll(quoted, "\\\"", "\"");
  quoted = ReplaceAll(quoted, "'", "\\'");
  return "'" + quoted.substr(1, quoted.size() - 2) + "'";
}

std::string PrintFailures(const Failure& failure) {
  std::string out;
  if (failure.kind == Failure::Kind::kGroup) {
    for (const Failure& cause : failure.causes) Print(cause, 0, out);
  } else {
    Print(failure, 0, out);
  }
  return out;
}

}  // namespace swell::jsonschema
