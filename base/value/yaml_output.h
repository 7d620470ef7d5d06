#pragma once
// A growing text that takes short pieces in few instructions: most of YAML is pieces of a few
// bytes, and std::string::append calls memcpy for each. Internal to base/value.

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace swell::yaml {

class Output {
 public:
  Output& operator+=(char c) {
    Reserve(1);
    *at_++ = c;
    return *this;
  }
  Output& operator+=(std::string_view text) {
    Reserve(text.size());
    if (text.size() > kShort) {
      std::memcpy(at_, text.data(), text.size());
    } else {
      CopyShort(at_, text.data(), text.size());
    }
    at_ += text.size();
    return *this;
  }
  void Pad(std::size_t blanks) {
    Reserve(std::max(blanks, kShort));
    if (blanks > kShort) {
      std::memset(at_, ' ', blanks);
    } else {
      std::memset(at_, ' ', kShort);  // one store
    }
    at_ += blanks;
  }

  std::size_t size() const { return static_cast<std::size_t>(at_ - buffer_.data()); }
  // Valid until more is appended.
  std::string_view From(std::size_t offset) const {
    return std::string_view(buffer_.data(), size()).substr(offset);
  }
  std::string Take() && {
    buffer_.resize(size());
    return std::move(buffer_);
  }

 private:
  static constexpr std::size_t kShort = 16;

  // Two copies that overlap cover every length between one and two of their widths.
  static void CopyShort(char* to, const char* from, std::size_t size) {
    if (size >= 8) {
      std::memcpy(to, from, 8);
      std::memcpy(to + size - 8, from + size - 8, 8);
    } else if (size >= 4) {
      std::memcpy(to, from, 4);
      std::memcpy(to + size - 4, from + size - 4, 4);
    } else if (size > 0) {
      to[0] = from[0];
      to[size / 2] = from[size / 2];
      to[size - 1] = from[size - 1];
    }
  }

  void Reserve(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) [[unlikely]] {
      Grow(bytes);
    }
  }
  void Grow(std::size_t bytes) {
    const std::size_t used = size();
    const std::size_t wanted = std::max({used + bytes, 2 * used, std::size_t{256}});
    buffer_.resize_and_overwrite(wanted, [](char*, std::size_t n) { return n; });
    at_ = buffer_.data() + used;
    end_ = buffer_.data() + wanted;
  }

  std::string buffer_;  // what is beyond at_ is not text yet
  char* at_ = buffer_.data();
  char* end_ = at_;
};

}  // namespace swell::yaml
