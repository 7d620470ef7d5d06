#include "renderer/gotemplate/template.h"

#include <algorithm>

#include "renderer/gotemplate/executor.h"
#include "renderer/gotemplate/parser.h"

namespace swell::gotemplate {

Session::Session(SessionOptions options)
    : options_(options), budget_(options.limits), texts_(std::make_unique<TextCache>()) {}
Session::~Session() = default;

TemplateSet::TemplateSet(std::shared_ptr<const FunctionMap> functions, Limits parse_limits)
    : functions_(std::move(functions)), limits_(parse_limits) {}
TemplateSet::~TemplateSet() = default;
TemplateSet::TemplateSet(TemplateSet&&) noexcept = default;
TemplateSet& TemplateSet::operator=(TemplateSet&&) noexcept = default;

Status TemplateSet::Parse(std::string_view name, std::string_view text) {
  Add(TRY(ParseTemplate(name, std::make_shared<const std::string>(text), *functions_, limits_)));
  return {};
}

void TemplateSet::Add(const Trees& trees) {
  for (const std::shared_ptr<const Tree>& tree : trees) {
    std::shared_ptr<const Tree>& slot = templates_[tree->name];
    if (slot == nullptr || !tree->empty) slot = tree;
  }
}

std::vector<std::string> TemplateSet::Names() const {
  std::vector<std::string> names;
  names.reserve(templates_.size());
  for (const auto& [name, tree] : templates_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

const Tree* TemplateSet::Find(std::string_view name) const {
  const auto it = templates_.find(name);
  return it == templates_.end() ? nullptr : it->second.get();
}

Result<std::string> TemplateSet::Execute(std::string_view name, const Any& data,
                                         Session& session) const {
  return Executor(*this, session).ExecuteTemplate(name, data);
}

}  // namespace swell::gotemplate
