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
  const bool room = text_bytes_ + text->size() <= max_text_bytes_;
  if (limits == limits_ && room && entries_.try_emplace(name, Entry{text, trees}).second) {
    text_bytes_ += text->size();
  }
  return trees;
}

}  // namespace swell::helm
