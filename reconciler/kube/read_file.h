#pragma once
// Reading small files: kubeconfigs, tokens, certificates.

#include <fstream>
#include <string>

#include "base/core/result.h"

namespace swell::kube {

// The file's bytes. kUnavailable where it cannot be read, kResourceExhausted where it is larger
// than `max_bytes`; both name it.
inline Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  char buffer[16 * 1024];
  while (in && text.size() <= max_bytes) {
    in.read(buffer, sizeof buffer);
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
  }
  if (!in.is_open() || in.bad()) return Fail(Unavailable("cannot read file " + path));
  if (text.size() > max_bytes) {
    return Fail(ResourceExhausted("file " + path + " is larger than " + std::to_string(max_bytes) +
                                  " bytes"));
  }
  return text;
}

}  // namespace swell::kube
