#include "renderer/gotemplate/executor.h"

#include <pthread.h>

#include <algorithm>

#include "renderer/gotemplate/parser.h"
#include "renderer/gotemplate/strconv.h"

namespace swell::gotemplate {

namespace {

// Left free below the deepest template: functions, printing and destructors run there.
constexpr std::size_t kStackReserve = 512u << 10;
constexpr std::size_t kMaxCachedTextBytes = 64u << 20;

// The lowest address that templates may grow this thread's stack to.
const char* FindStackEnd() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  void* base = nullptr;
  std::size_t size = 0;
  const int failed = pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  if (failed != 0) return nullptr;
  return static_cast<const char*>(base) + std::min(kStackReserve, size / 2);
}

const char* StackEnd() {
  thread_local const char* const end = FindStackEnd();
  return end;
}

}  // namespace

Executor::Executor(const TemplateSet& set, Session& session)
    : set_(set), session_(session), stack_end_(StackEnd()) {}

const Host& Executor::host() const {
  return session_.options_.host != nullptr ? *session_.options_.host : session_.default_host_;
}

const Tree* Executor::Find(std::string_view name) const {
  const Tree* empty = nullptr;
  for (const Overlay* overlay = overlay_; overlay != nullptr; overlay = overlay->below) {
    for (const std::shared_ptr<const Tree>& tree : overlay->trees) {
      if (tree->name != name) continue;
      if (!tree->empty) return tree.get();
      if (empty == nullptr) empty = tree.get();
    }
  }
  // An empty definition hides nothing.
  const Tree* tree = set_.Find(name);
  return tree != nullptr ? tree : empty;
}

Status Executor::CheckNesting() const {
  if (depth_ >= session_.options_.limits.max_template_depth) {
    return Fail(ResourceExhausted("exceeded maximum template depth (" +
                                  std::to_string(session_.options_.limits.max_template_depth) +
                                  ") (budget max_template_depth)"));
  }
  if (static_cast<const char*>(__builtin_frame_address(0)) < stack_end_) {
    return Fail(ResourceExhausted("templates call each other " + std::to_string(depth_) +
                                  " levels deep, which is more than the stack has room for"));
  }
  return {};
}

Result<std::string> Executor::Run(const Tree& tree, const Any& data) {
  ++depth_;
  std::string out;
  Status done = Frame(*this, tree, data, out).Execute();
  --depth_;
  if (!done) return Fail(std::move(done).error());
  TRY(budget().Allow(out.size()));
  return out;
}

Result<std::string> Executor::ExecuteTemplate(std::string_view name, const Any& data) {
  const Tree* tree = Find(name);
  if (tree == nullptr) {
    return Fail(InvalidArgument("template: no template " + QuoteGo(name) +
                                " associated with template \"gotpl\""));
  }
  TRY(CheckNesting());
  return Run(*tree, data);
}

Result<std::shared_ptr<const Session::TextCache::Trees>> Executor::ParseText(
    std::string_view name, std::string_view text) {
  Session::TextCache& cache = *session_.texts_;
  std::string key(name);
  key += '\0';
  key += text;
  const auto found = cache.trees.find(key);
  if (found != cache.trees.end()) return found->second;
  TRY(budget().Spend(1 + text.size() / 16));
  auto trees = std::make_shared<const Session::TextCache::Trees>(
      TRY(ParseTemplate(name, text, set_.functions(), session_.options_.limits)));
  if (cache.bytes + key.size() <= kMaxCachedTextBytes) {
    cache.bytes += key.size();
    cache.trees.emplace(std::move(key), trees);
  }
  return trees;
}

Result<std::string> Executor::ExecuteText(std::string_view name, std::string_view text,
                                          const Any& data) {
  TRY(CheckNesting());
  auto parsed = ParseText(name, text);
  if (!parsed) {
    return Fail(Error(parsed.error().code(),
                      "cannot parse template " + QuoteGo(text) + ": " + parsed.error().ToString()));
  }
  const std::shared_ptr<const Session::TextCache::Trees> trees = *parsed;
  const Overlay overlay{.below = overlay_, .trees = *trees};
  overlay_ = &overlay;
  const auto self = std::find_if(trees->begin(), trees->end(),
                                 [name](const auto& tree) { return tree->name == name; });
  Result<std::string> out = Run(**self, data);
  overlay_ = overlay.below;
  if (!out) {
    return Fail(Error(out.error().code(), "error during tpl function execution for " +
                                              QuoteGo(text) + ": " + out.error().ToString()));
  }
  return out;
}

}  // namespace swell::gotemplate
