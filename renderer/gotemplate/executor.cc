#include "renderer/gotemplate/executor.h"

#include <algorithm>
#include <optional>

#include "renderer/gotemplate/parser.h"
#include "renderer/gotemplate/stack.h"
#include "renderer/gotemplate/strconv.h"

namespace swell::gotemplate {

namespace {

// Templates that call each other very deeply go on here.
constexpr std::size_t kSecondStackBytes = 64u << 20;
constexpr std::size_t kMaxCachedTextBytes = 64u << 20;
// Of a tpl text in an error. Go shows all of it, at every level of a recursion again.
constexpr std::size_t kMaxShownBytes = 32u << 10;

// Of an error.
constexpr std::size_t kMaxErrorBytes = 256u << 10;
constexpr std::size_t kKeptErrorBytes = 32u << 10;  // of its beginning, and of its end

std::string Shown(std::string_view text) {
  if (text.size() <= kMaxShownBytes) return QuoteGo(text);
  return QuoteGo(text.substr(0, kMaxShownBytes)) + "… (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace

std::string Shortened(std::string message) {
  if (message.size() <= kMaxErrorBytes) return message;
  const std::string_view all = message;
  return std::string(all.substr(0, kKeptErrorBytes)) + " … " +
         std::string(all.substr(all.size() - kKeptErrorBytes));
}

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
  return {};
}

Status Executor::RunFrame(const Tree& tree, const Any& data, std::string& out) {
  TRY(CheckNesting());
  if (static_cast<const char*>(__builtin_frame_address(0)) >= stack_end_) [[likely]] {
    const RunningTemplate running{tree.name, data, out, running_};
    running_ = &running;
    ++depth_;
    Status done = Frame(*this, tree, data, out).Execute();
    --depth_;
    running_ = running.caller;
    return done;
  }
  return RunOnSecondStack(tree, data, out);
}

Status Executor::RunOnSecondStack(const Tree& tree, const Any& data, std::string& out) {
  std::optional<Status> done;
  if (!on_second_stack_) {
    const char* const first_end = stack_end_;
    on_second_stack_ = true;
    RunOnNewStack(kSecondStackBytes, [&] {
      stack_end_ = StackEnd();
      done = RunFrame(tree, data, out);
    });
    on_second_stack_ = false;
    stack_end_ = first_end;
  }
  if (done) return std::move(*done);
  return Fail(ResourceExhausted("templates call each other " + std::to_string(depth_) +
                                " levels deep, which is more than the stack has room for"));
}

Result<std::string> Executor::Run(const Tree& tree, const Any& data) {
  std::string out;
  TRY(RunFrame(tree, data, out));
  TRY(budget().Allow(out.size()));
  return out;
}

Result<std::string> Executor::ExecuteTemplate(std::string_view name, const Any& data) {
  const Tree* tree = Find(name);
  if (tree == nullptr) {
    return Fail(InvalidArgument("template: no template " + QuoteGo(name) +
                                " associated with template \"gotpl\""));
  }
  return Run(*tree, data);
}

Result<std::shared_ptr<const Trees>> Executor::ParseText(std::string_view name,
                                                         std::string_view text) {
  Session::TextCache& cache = *session_.texts_;
  std::string key(name);
  key += '\0';
  key += text;
  const auto found = cache.trees.find(key);
  TRY(budget().Spend(1 + text.size() / 512));  // for the copy and the look-up
  if (found != cache.trees.end()) return found->second;
  TRY(budget().Spend(1 + text.size() / 16));
  auto trees = std::make_shared<const Trees>(
      TRY(ParseTemplate(name, std::make_shared<const std::string>(text), set_.functions(),
                        session_.options_.limits)));
  if (cache.bytes + key.size() <= kMaxCachedTextBytes) {
    cache.bytes += key.size();
    cache.trees.emplace(std::move(key), trees);
  }
  return trees;
}

Result<std::string> Executor::ExecuteText(std::string_view name, std::string_view text,
                                          const Any& data) {
  auto parsed = ParseText(name, text);
  if (!parsed) {
    return Fail(Error(parsed.error().code(),
                      "cannot parse template " + Shown(text) + ": " + parsed.error().ToString()));
  }
  const std::shared_ptr<const Trees> trees = *parsed;
  const Overlay overlay{.below = overlay_, .trees = *trees};
  overlay_ = &overlay;
  const auto self = std::find_if(trees->begin(), trees->end(),
                                 [name](const auto& tree) { return tree->name == name; });
  Result<std::string> out = Run(**self, data);
  overlay_ = overlay.below;
  if (!out) {
    return Fail(Error(out.error().code(), "error during tpl function execution for " + Shown(text) +
                                              ": " + Shortened(out.error().ToString())));
  }
  return out;
}

}  // namespace swell::gotemplate
