#include "renderer/gotemplate/function.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#include "base/core/check.h"

namespace swell::gotemplate {

void FunctionMap::Add(std::string name, std::vector<const Type*> params, Callable call) {
  Add(Function{.name = std::move(name), .params = std::move(params), .call = std::move(call)});
}

void FunctionMap::AddVariadic(std::string name, std::vector<const Type*> params, const Type* rest,
                              Callable call) {
  Add(Function{.name = std::move(name),
               .params = std::move(params),
               .variadic = rest,
               .call = std::move(call)});
}

void FunctionMap::Add(Function function) {
  std::string name = function.name;
  functions_[std::move(name)] = std::make_unique<Function>(std::move(function));
}

void FunctionMap::Alias(std::string name, std::string_view existing) {
  const Function* function = Find(existing);
  SWELL_CHECK(function != nullptr);
  Function copy = *function;
  copy.name = std::move(name);
  Add(std::move(copy));
}

void FunctionMap::Remove(std::string_view name) {
  const auto it = functions_.find(name);
  if (it != functions_.end()) functions_.erase(it);
}

const Function* FunctionMap::Find(std::string_view name) const {
  const auto it = functions_.find(name);
  return it == functions_.end() ? nullptr : it->second.get();
}

std::vector<std::string> FunctionMap::Names() const {
  std::vector<std::string> names;
  names.reserve(functions_.size());
  for (const auto& [name, function] : functions_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

Timestamp Host::Now() const { return SystemClock().Now(); }

void Host::Random(std::span<unsigned char> bytes) const {
  // The kernel's source directly: OpenSSL takes longer to set up its own than a chart to render.
  while (!bytes.empty()) {
    const ssize_t n = ::getrandom(bytes.data(), bytes.size(), 0);
    SWELL_CHECK(n > 0 || errno == EINTR);
    if (n > 0) bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace swell::gotemplate
