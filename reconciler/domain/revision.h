#pragma once

#include <string>

#include "base/core/clock.h"

namespace swell {

// One commit of one repository, as a ref resolved to it.
struct Revision {
  std::string repository;
  std::string ref;      // what was asked for: "main"
  std::string commit;   // 40 hex digits
  std::string author;   // "Ada <ada@example.com>"
  std::string message;  // the first line
  Timestamp time;       // the committer's
  friend bool operator==(const Revision&, const Revision&) = default;
};

}  // namespace swell
