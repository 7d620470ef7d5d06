#pragma once
// Room for deep recursion: where this thread's stack ends, and more of it on demand.

#include <cstddef>
#include <functional>

namespace swell::gotemplate {

// The lowest address that templates may grow this thread's stack to; a reserve for functions
// below the deepest template is left out. nullptr where it cannot be found out.
const char* StackEnd();

// Runs `work` on a stack of its own of `bytes` (only the pages touched are used) and waits for
// it. False where no such stack could be had; `work` has not run then.
bool RunOnNewStack(std::size_t bytes, const std::function<void()>& work);

}  // namespace swell::gotemplate
