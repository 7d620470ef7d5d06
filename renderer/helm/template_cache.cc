#include "renderer/helm/template_cache.h"

namespace swell::helm {

Result<gotemplate::Trees> TemplateCache::Parse(const std::string& name,
                                               const std::shared_ptr<const std::string>& text,
                                               const gotemplate::FunctionMap& functions,
                                               const gotemplate::Limits& limits) {
  {
    const std::lock_guard lock(mutex_);
    if (entries_.empty()) limits_ = limits;
    const auto found = entries_.find(name);
    if (found != entries_.end() && found->second.text == text && limits == limits_) {
      return found->second.trees;
    }
  }
  gotemplate::Trees trees = TRY(gotemplate::ParseTemplate(name, text, functions, limits));
  const std::lock_guard lock(mutex_);
  if (limits == limits_) entries_.insert_or_assign(name, Entry{text, trees});
  return trees;
}

}  // namespace swell::helm
