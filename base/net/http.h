#pragma once
// The vocabulary that HTTP clients and servers share.

#include <string>
#include <string_view>
#include <vector>

namespace swell::net {

struct Header {
  std::string name;  // lower case in everything that was received
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

// Header fields in their order. Names compare without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  // The first value of `name`, or "" where it is absent.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  void Add(std::string name, std::string value);
  // Replaces every field of that name.
  void Set(std::string_view name, std::string value);
  void Remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }

 private:
  std::vector<Header> fields_;
};

// "Not Found" for 404; "" for codes that have no name.
std::string_view StatusText(int status);

}  // namespace swell::net
