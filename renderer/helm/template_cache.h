#pragma once
// The parsed templates of one chart, kept from render to render: parsing costs more than running.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/core/result.h"
#include "renderer/gotemplate/template.h"

namespace swell::helm {

// Thread-safe.
class TemplateCache {
 public:
  // Keeps the trees of that much text: of a subchart under many aliases, those of some.
  explicit TemplateCache(std::size_t max_text_bytes) : max_text_bytes_(max_text_bytes) {}

  // The text parsed as `name`: once, while the limits are those of the first call. A subchart that
  // stands under several aliases has several names. Errors are not kept.
  Result<gotemplate::Trees> Parse(const std::string& name,
                                  const std::shared_ptr<const std::string>& text,
                                  const gotemplate::FunctionMap& functions,
                                  const gotemplate::Limits& limits);

 private:
  struct Entry {
    std::shared_ptr<const std::string> text;  // keeps its address its own
    gotemplate::Trees trees;
  };

  const std::size_t max_text_bytes_;
  std::mutex mutex_;
  // All guarded by mutex_.
  std::size_t text_bytes_ = 0;  // of entries_
  gotemplate::Limits limits_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace swell::helm
