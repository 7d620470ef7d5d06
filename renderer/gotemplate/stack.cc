#include "renderer/gotemplate/stack.h"

#include <pthread.h>

#include <algorithm>

namespace swell::gotemplate {

namespace {

// Functions, printing and destructors run in here.
constexpr std::size_t kReserve = 512u << 10;

const char* FindStackEnd() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  void* base = nullptr;
  std::size_t size = 0;
  const int failed = pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  if (failed != 0) return nullptr;
  return static_cast<const char*>(base) + std::min(kReserve, size / 2);
}

void* RunWork(void* work) {
  (*static_cast<const std::function<void()>*>(work))();
  return nullptr;
}

}  // namespace

const char* StackEnd() {
  thread_local const char* const end = FindStackEnd();
  return end;
}

bool RunOnNewStack(std::size_t bytes, const std::function<void()>& work) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_t thread{};
  const bool started = pthread_attr_setstacksize(&attributes, bytes) == 0 &&
                       pthread_create(&thread, &attributes, &RunWork,
                                      const_cast<std::function<void()>*>(&work)) == 0;
  pthread_attr_destroy(&attributes);
  return started && pthread_join(thread, nullptr) == 0;
}

}  // namespace swell::gotemplate
