#include "renderer/helm/file_content.h"

#include <utility>

namespace swell::helm {
namespace {

std::string WithoutBom(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

}  // namespace

FileContent::FileContent(std::string text)
    : size_(text.size()), text_(WithoutBom(std::move(text))) {}

FileContent::FileContent(FileTreePtr tree, std::string path, std::size_t size)
    : tree_(std::move(tree)), path_(std::move(path)), size_(size) {}

const std::string& FileContent::Text() const {
  if (tree_ == nullptr) return text_;
  std::call_once(once_, [this] {
    auto text = tree_->Read(path_);
    if (text) {
      text_ = WithoutBom(*std::move(text));
    } else {
      error_ = std::move(text).error().Wrap("error reading " + path_);
      failed_ = true;
    }
  });
  return text_;
}

std::optional<Error> FileContent::error() const {
  Text();
  return error_;
}

}  // namespace swell::helm
