#pragma once
// Result<T>: a value or an Error. Swell's own code throws nothing.

#include <expected>
#include <utility>

#include "base/core/error.h"

namespace swell {

template <class T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

// Makes `return Fail(NotFound("…"))` read well in any function that returns a Result.
inline std::unexpected<Error> Fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace swell

// The value of a Result, or return its error from the enclosing function:
//   Value v = TRY(json::Parse(text));
//   TRY(store.Put(key, v));
// A statement expression, which g++ and clang++ both have.
#define TRY(...)                                                             \
  ({                                                                         \
    auto swell_try_result = (__VA_ARGS__);                                   \
    if (!swell_try_result) [[unlikely]]                                      \
      return std::unexpected<::swell::Error>(std::move(swell_try_result).error()); \
    std::move(swell_try_result).value();                                     \
  })

// The same, saying what was being done: TRY_WRAP(Read(path), "read " + path).
#define TRY_WRAP(expression, doing)                                          \
  ({                                                                         \
    auto swell_try_result = (expression);                                    \
    if (!swell_try_result) [[unlikely]]                                      \
      return std::unexpected<::swell::Error>(                                \
          std::move(swell_try_result).error().Wrap(doing));                  \
    std::move(swell_try_result).value();                                     \
  })
