#include "cli/output/format.h"

#include "base/core/check.h"
#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

Tone ToneOfDiffLine(std::string_view line) {
  if (line.starts_with("+++") || line.starts_with("---")) return Tone::kBold;
  if (line.starts_with("@@")) return Tone::kBusy;
  if (line.starts_with('+')) return Tone::kGood;
  if (line.starts_with('-')) return Tone::kBad;
  return Tone::kPlain;
}

}  // namespace

Result<Format> ParseFormat(std::string_view text) {
  if (text == "table") return Format::kTable;
  if (text == "json") return Format::kJson;
  if (text == "yaml") return Format::kYaml;
  return Fail(InvalidArgument("output format " + Quote(text) + ": give table, json or yaml"));
}

std::string PrintValue(const Value& value, Format format) {
  SWELL_CHECK(format != Format::kTable);
  std::string text = format == Format::kJson ? json::WritePretty(value) : yaml::Write(value);
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

std::string PaintDiff(const Terminal& terminal, std::string_view unified, int indent) {
  std::string out;
  bool in_header = true;  // a removed line may itself begin with "--"
  if (unified.ends_with('\n')) unified.remove_suffix(1);
  if (unified.empty()) return out;
  for (const std::string_view line : Split(unified, '\n')) {
    if (line.starts_with("@@")) in_header = false;
    Tone tone = ToneOfDiffLine(line);
    if (!in_header && tone == Tone::kBold) tone = line[0] == '+' ? Tone::kGood : Tone::kBad;
    out.append(static_cast<std::size_t>(indent), ' ');
    out += Paint(terminal, tone, Printable(line)) + "\n";
  }
  return out;
}

}  // namespace swell::cli
