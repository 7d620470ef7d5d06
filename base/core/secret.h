#pragma once
// Secret: a string that cannot be printed by accident.

#include <string>
#include <utility>

namespace swell {

// Holds a credential. Has no conversion to text and no stream operator: whoever needs
// the bytes says Reveal(), which is easy to search for. Wiped when destroyed.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret() { Wipe(); }

  bool empty() const { return bytes_.empty(); }
  const std::string& Reveal() const { return bytes_; }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  void Wipe();
  std::string bytes_;
};

// What is shown in a secret's place, everywhere.
inline constexpr char kRedacted[] = "***";

}  // namespace swell
