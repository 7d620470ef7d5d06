#pragma once
// Go's text/template: a set of parsed templates and its execution.
//
//   FunctionMap functions; RegisterBuiltins(functions); …
//   TemplateSet set(std::make_shared<const FunctionMap>(std::move(functions)));
//   TRY(set.Parse("chart/templates/a.yaml", text));
//   Session session({.missing_key = MissingKey::kZero});
//   std::string out = TRY(set.Execute("chart/templates/a.yaml", data, session));
//
// Error texts are Go's: `template: NAME:LINE: MESSAGE` from Parse,
// `template: NAME:LINE:COLUMN: executing "NAME" at <NODE>: MESSAGE` from Execute.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/function.h"
#include "renderer/gotemplate/value.h"

namespace swell::gotemplate {

struct Tree;
// What one text defines, itself last, in the order in which it is added to a set.
using Trees = std::vector<std::shared_ptr<const Tree>>;

// What a map gives for a key that it does not have (Go's Option("missingkey=…")).
enum class MissingKey {
  kDefault,  // "invalid": prints <no value>, fields of it are nil-safe
  kZero,     // the zero value of the element type; helm's choice
  kError,    // an error: map has no entry for key "x"
};

struct SessionOptions {
  MissingKey missing_key = MissingKey::kDefault;
  Limits limits;
  // Must outlive the session; null: the system's clock and random source.
  const Host* host = nullptr;
};

// One rendering: budgets, the parsed texts of tpl, cycles to free. Several Executes over the
// same data share one session. It must outlive the data it has seen. One thread at a time.
class Session {
 public:
  explicit Session(SessionOptions options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Budget& budget() { return budget_; }
  CycleGuard& cycles() { return cycles_; }
  const SessionOptions& options() const { return options_; }

 private:
  friend class Executor;
  struct TextCache;

  SessionOptions options_;
  Host default_host_;
  Budget budget_;
  CycleGuard cycles_;
  std::unique_ptr<TextCache> texts_;
};

// Parses one text by itself, for sets that are made again and again. Errors as
// TemplateSet::Parse. The result belongs to sets of the same functions.
Result<Trees> ParseTemplate(std::string_view name, std::shared_ptr<const std::string> text,
                            const FunctionMap& functions, const Limits& limits);

// Filled by Parse and Add from one thread, then immutable: Execute may run from many threads, each
// with its own session and data. Cheap to keep.
class TemplateSet {
 public:
  explicit TemplateSet(std::shared_ptr<const FunctionMap> functions, Limits parse_limits = {});
  ~TemplateSet();
  TemplateSet(TemplateSet&&) noexcept;
  TemplateSet& operator=(TemplateSet&&) noexcept;

  // Adds the text under `name` and everything it defines. The last definition of a name wins,
  // but an empty one (white space and comments alone) does not replace one that is not.
  Status Parse(std::string_view name, std::string_view text);
  // The same for what was parsed before.
  void Add(const Trees& trees);

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // Sorted.
  std::vector<std::string> Names() const;

  // Runs the template. Unknown name: `template: no template "x" associated with template
  // "gotpl"`. Budget errors are kResourceExhausted, all others kInvalidArgument.
  Result<std::string> Execute(std::string_view name, const Any& data, Session& session) const;

  // For the engine: the parsed template, or nullptr.
  const Tree* Find(std::string_view name) const;
  const FunctionMap& functions() const { return *functions_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  std::shared_ptr<const FunctionMap> functions_;
  Limits limits_;
  std::unordered_map<std::string, std::shared_ptr<const Tree>, Hash, std::equal_to<>> templates_;
};

}  // namespace swell::gotemplate
