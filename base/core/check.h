#pragma once
// CHECK: for programmer errors alone. The environment's and the user's errors are Results.

namespace swell {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}

#define SWELL_CHECK(condition) \
  ((condition) ? (void)0 : ::swell::CheckFailed(#condition, __FILE__, __LINE__))
