#include "renderer/funcs/call_site.h"

#include "base/core/strings.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::RunningTemplate;

constexpr std::string_view kQuotes = "\"'";

bool IsKeyCharacter(char c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
         c == '_' || c == '.' || c == '/';
}

std::string_view TextMember(const Any& data, std::string_view key) {
  if (!data.is_map()) return {};
  const Any* member = data.as_map()->Find(key);
  return member == nullptr ? std::string_view() : member->as_string();
}

// The text of the last document.
std::string_view LastDocument(std::string_view written) {
  const std::size_t at = written.rfind("\n---");
  return at == std::string_view::npos ? written : written.substr(at + 4);
}

}  // namespace

std::string_view ObjectBefore(std::string_view written) {
  constexpr std::string_view kMetadata = "metadata:", kName = "name:";
  std::string_view document = LastDocument(written);
  std::size_t at = document.starts_with(kMetadata) ? 0 : document.find("\nmetadata:");
  if (at == std::string_view::npos) return {};
  document.remove_prefix(document.find(kMetadata, at) + kMetadata.size());
  for (at = 0; (at = document.find(kName, at)) != std::string_view::npos; at += kName.size()) {
    const char before = at == 0 ? ' ' : document[at - 1];
    if (before != ' ' && before != '{' && before != ',') continue;
    const std::string_view rest = document.substr(at + kName.size());
    std::string_view name = Trim(rest.substr(0, rest.find_first_of("\n,}#")));
    while (!name.empty() && kQuotes.contains(name.front())) name.remove_prefix(1);
    while (!name.empty() && kQuotes.contains(name.back())) name.remove_suffix(1);
    return name;
  }
  return {};
}

std::string_view FieldBefore(std::string_view written) {
  std::string_view line = written.substr(written.rfind('\n') + 1);
  const auto drop = [&line](std::string_view characters) {
    while (!line.empty() && characters.contains(line.back())) line.remove_suffix(1);
  };
  drop(" \"'");
  if (!line.ends_with(':')) return {};
  line.remove_suffix(1);
  drop(kQuotes);
  std::size_t begin = line.size();
  while (begin > 0 && IsKeyCharacter(line[begin - 1])) --begin;
  // "postgres://user:" is no field.
  const char before = begin == 0 ? ' ' : line[begin - 1];
  return std::string_view(" {,\"'").contains(before) ? line.substr(begin) : std::string_view();
}

Status ChargeSite(gotemplate::Context& context) {
  std::size_t steps = 0;
  for (const RunningTemplate* at = context.running(); at != nullptr; at = at->caller) {
    steps += 1 + at->written.size() / 512;
  }
  return context.budget().Spend(steps);
}

CallSite SiteOf(const gotemplate::Context& context, std::string_view function,
                const Digest& arguments) {
  CallSite site{.function = function, .arguments = arguments};
  for (const RunningTemplate* at = context.running(); at != nullptr; at = at->caller) {
    site.file = at->name;
    // A tpl text belongs to the template that calls tpl.
    if (site.define.empty() && at->name != kTplName) {
      site.define = at->name;
      site.name = TextMember(at->data, "name");
      site.key = TextMember(at->data, "key");
    }
    if (site.object.empty()) site.object = ObjectBefore(at->written);
    if (site.field.empty()) site.field = FieldBefore(at->written);
  }
  return site;
}

}  // namespace swell::funcs
