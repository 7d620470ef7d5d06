#include "renderer/helm/ignore.h"

#include "base/core/strings.h"

namespace swell::helm {

namespace {

// Every rule is tried on every file.
constexpr std::size_t kMaxRules = 1'000;
constexpr std::size_t kMaxRuleBytes = 1'024;

}  // namespace

Result<IgnoreRules> IgnoreRules::Parse(std::string_view text) {
  IgnoreRules rules;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::string_view line : Split(text, '\n')) TRY(rules.Add(Trim(line)));
  TRY(rules.Add("templates/.?*"));
  return rules;
}

Status IgnoreRules::Add(std::string_view line) {
  if (line.empty() || line.starts_with('#')) return {};
  if (line.find("**") != std::string_view::npos) {
    return Fail(InvalidArgument("double-star (**) syntax is not supported"));
  }
  if (line.size() > kMaxRuleBytes) {
    return Fail(
        ResourceExhausted("a rule is longer than " + std::to_string(kMaxRuleBytes) + " bytes"));
  }
  if (rules_.size() >= kMaxRules) {
    return Fail(ResourceExhausted("more than " + std::to_string(kMaxRules) + " rules"));
  }
  TRY(PathPattern::Compile(line));
  Rule rule;
  if (line.starts_with('!')) {
    rule.negate = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.directories_only = true;
    line.remove_suffix(1);
  }
  if (line.starts_with('/')) {
    rule.whole_path = true;
    line.remove_prefix(1);
  } else {
    rule.whole_path = line.find('/') != std::string_view::npos;
  }
  rule.pattern = TRY(PathPattern::Compile(line));
  rules_.push_back(std::move(rule));
  return {};
}

bool IgnoreRules::Ignores(std::string_view path, bool is_directory) const {
  if (path.empty() || path == "." || path == "./") return false;
  const std::string_view base = path.substr(path.rfind('/') + 1);
  for (const Rule& rule : rules_) {
    const bool matches = rule.pattern.Matches(rule.whole_path ? path : base);
    if (rule.negate) {
      if ((rule.directories_only && !is_directory) || !matches) return true;
      continue;
    }
    if (rule.directories_only && !is_directory) continue;
    if (matches) return true;
  }
  return false;
}

}  // namespace swell::helm
