#pragma once
// One loop on several threads.

#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

namespace swell::helm {

// Calls work(i) for every i below `count`, each once, on the caller and up to `threads` - 1
// helpers, or as many as the system grants; returns when all are done. `work` must not throw.
template <class Work>
void ForEach(std::size_t count, unsigned threads, Work work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> helpers;  // joined on the way out
  try {
    for (unsigned n = 1; n < threads && n < count; ++n) helpers.emplace_back(run);
  } catch (const std::system_error&) {
    // The process may have no more threads: the caller does what is left.
  }
  run();
}

}  // namespace swell::helm
