#include "reconciler/git/library.h"

#include <dlfcn.h>

#include <csignal>
#include <string>

namespace swell::git {
namespace {

constexpr char kName[] = "libgit2.so." LIBGIT2_SOVERSION;

Result<Library> Load() {
  void* handle = ::dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return Fail(FailedPrecondition(std::string("Git repositories need ") + kName + ": " +
                                   ::dlerror() + "; install Debian's package libgit2-1.5"));
  }
  Library out;
  std::string missing;
  const auto find = [&](const char* name, auto& function) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
    if (function == nullptr && missing.empty()) missing = name;
  };
#define SWELL_GIT_FIND(name) find("git_" #name, out.name);
  SWELL_GIT_FUNCTIONS(SWELL_GIT_FIND)
#undef SWELL_GIT_FIND
  if (!missing.empty()) {
    return Fail(FailedPrecondition(std::string(kName) + " has no " + missing));
  }
  // A remote that closes its end must not end this process.
  std::signal(SIGPIPE, SIG_IGN);
  if (out.libgit2_init() < 0) {
    return Fail(FailedPrecondition(std::string(kName) + " cannot be initialised"));
  }
  return out;
}

const Result<Library>& Loaded() {
  static const Result<Library> loaded = Load();
  return loaded;
}

}  // namespace

Status InitLibrary() {
  if (!Loaded()) return Fail(Loaded().error());
  return {};
}

const Library& Git() { return *Loaded(); }

}  // namespace swell::git
