#pragma once
// The compact text in which the .inc files hold the tables. One entry a line; a line that
// starts with a space continues the one before.
//
//   @GROUP/VERSION PACKAGE KIND…   these kinds have the types PACKAGE.KIND
//   &GROUP/VERSION OTHER KIND…     these kinds are read as those of the group version OTHER
//   TYPE[!] FIELD…                 a type; '!': an atomic map. A second line adds to the type.
//
// A FIELD is a name and marks, in this order:
//   []  [!]  [=]  [a,b]   a list: untold, atomic, set, map with the keys a and b
//   {}  {!}               a map of free keys; atomic
//   ~  ~a,b               strategic merge: as a set; by these keys
//   ^                     strategy retainKeys
//   %                     strategy replace
//   +                     granular although its type is atomic
//   :q  :i  :b            a quantity, an int-or-string, base64 bytes (or a list or map of them)
//   >TYPE                 the type, or the type of the items; without a dot: same package
//   =TEXT                 the default: an int, true, false, {}, or else a string

#include <memory>
#include <string_view>
#include <vector>

#include "renderer/schema/schema.h"

namespace swell::schema {

class Table {
 public:
  // Requires well-formed text (it is compiled in): CHECKs otherwise.
  explicit Table(const std::vector<std::string_view>& texts);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // nullptr where there is none.
  const TypeSchema* Find(std::string_view api_version, std::string_view kind) const;
  // "core.v1.Container"
  const TypeSchema* FindNamed(std::string_view type) const;

 private:
  class Type;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace swell::schema
