#pragma once
// How long a server keeps what it has freed. For programs that are linked with mimalloc, which say
// so by SWELL_MIMALLOC (cmake/programs.cmake); others keep what their heap decides.

#ifdef SWELL_MIMALLOC
#include <mimalloc.h>
#endif

namespace swell {

// To be called first in main. By itself mimalloc gives pages back within 25 ms: a rollout took them
// again a moment later, at the price of a call, a fault and an interrupt on every core that runs
// the program (docs/decisions/0014).
inline void KeepFreedMemoryForAWhile() {
#ifdef SWELL_MIMALLOC
  constexpr long kMilliseconds = 1000;
#if MI_MALLOC_VERSION >= 210
  mi_option_set(mi_option_purge_delay, kMilliseconds);
#else
  mi_option_set(mi_option_decommit_delay, kMilliseconds);
#endif
#endif
}

}  // namespace swell
