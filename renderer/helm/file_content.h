#pragma once
// What a file of a chart holds, read at once or when somebody asks for it.

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/core/error.h"
#include "renderer/gotemplate/value.h"
#include "renderer/source/file_tree.h"

namespace swell::helm {

// Thread-safe. A byte order mark at the beginning is not part of the text.
class FileContent final : public gotemplate::ByteText {
 public:
  explicit FileContent(std::string text);
  // Is read from the tree by the first Text(); `size` is what the tree says of it now.
  FileContent(FileTreePtr tree, std::string path, std::size_t size);

  const std::string& Text() const override;
  // The file's size without reading it.
  std::size_t size() const { return size_; }
  // Whether it was asked for and could not be read; Text() is "" then.
  bool failed() const { return failed_; }
  // Reads it; why it cannot be read.
  std::optional<Error> error() const;

 private:
  const FileTreePtr tree_;  // null: text_ is there
  const std::string path_;
  const std::size_t size_;
  mutable std::once_flag once_;
  // Both written once, by the first Text().
  mutable std::string text_;
  mutable std::optional<Error> error_;
  mutable std::atomic<bool> failed_ = false;
};
using FileContentPtr = std::shared_ptr<const FileContent>;

}  // namespace swell::helm
