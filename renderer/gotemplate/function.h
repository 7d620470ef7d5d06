#pragma once
// Functions that templates call: how they are declared, found and what they may use.
//
//   functions.Add("trunc", {types::kInt, types::kString}, &Trunc);
//   functions.AddVariadic("printf", {types::kString}, types::kAny, &Printf);
//
// Before the call the engine has checked the number of arguments and their types with Go's
// texts ("wrong number of args for trunc: want 2 got 1", "wrong type for value; expected
// string; got float64"), so a function may rely on them: for types::kString the argument is a
// string, for kInt an integer, for kBool a bool, for kFloat64 a float. For kAny it may be
// anything, nil included; for map, list and object types it is of that type or nil.
//
// A failing function returns Fail(InvalidArgument(text)); the engine puts
// "template: f:1:2: executing "f" at <…>: error calling trunc: " in front of the text.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/value.h"

namespace swell::gotemplate {

class Context;

using Callable = std::function<Result<Any>(Context&, std::span<const Any>)>;

// How arguments are evaluated; all but kEager belong to the built-ins and, or and call.
enum class Evaluation : std::uint8_t {
  kEager,
  kAnd,
  kOr,
  kCall,  // eager, with the text of the first argument as args[0]
};

struct Function {
  std::string name;
  std::vector<const Type*> params;  // a method's do not count the receiver
  const Type* variadic = nullptr;   // type of any further arguments; null: none allowed
  Callable call;
  Evaluation evaluation = Evaluation::kEager;
};

// The functions of a template set by name. Built up once, then shared and not changed.
class FunctionMap {
 public:
  // A later Add of the same name wins (sprig's slice hides text/template's).
  void Add(std::string name, std::vector<const Type*> params, Callable call);
  // Any number of further arguments of type `rest`.
  void AddVariadic(std::string name, std::vector<const Type*> params, const Type* rest,
                   Callable call);
  void Add(Function function);
  // A second name for a function that is there already.
  void Alias(std::string name, std::string_view existing);
  void Remove(std::string_view name);
  // nullptr: not defined. The pointer is valid while the map lives and the name is not redone.
  const Function* Find(std::string_view name) const;
  // Sorted.
  std::vector<std::string> Names() const;

 private:
  struct Hash {
    using is_transparent = void;
    // Of names in programs alone: their ends and length tell them apart.
    std::size_t operator()(std::string_view s) const {
      std::uint64_t head = 0, tail = 0;
      const std::size_t n = std::min(s.size(), sizeof head);
      if (n != 0) {
        std::memcpy(&head, s.data(), n);
        std::memcpy(&tail, s.data() + s.size() - n, n);
      }
      return (head * 31 ^ tail ^ s.size()) * 0x9e3779b97f4a7c15U >> 32;
    }
  };
  std::unordered_map<std::string, std::unique_ptr<Function>, Hash, std::equal_to<>> functions_;
};

// The built-ins of text/template: and call html index slice js len not or print printf println
// urlquery eq ge gt le lt ne break continue are keywords or live here.
void RegisterBuiltins(FunctionMap& functions);

// The outside world as functions may see it. Whoever renders derives from it to hand more to
// its own functions (they get it back from Context::host()).
class Host {
 public:
  virtual ~Host() = default;
  virtual Timestamp Now() const;                              // the system's clock
  virtual void Random(std::span<unsigned char> bytes) const;  // cryptographically secure
};

// A template that is running, as a function that it calls may see it. Valid during the call.
struct RunningTemplate {
  std::string_view name;
  const Any& data;
  const std::string& written;     // so far; by `template` into its caller's text
  const RunningTemplate* caller;  // null: it is what was asked for
};

// What a running function may use. Valid only during the call.
class Context {
 public:
  virtual ~Context() = default;

  virtual Budget& budget() = 0;
  virtual const Host& host() const = 0;
  virtual CycleGuard& cycles() = 0;

  // The template that makes the call; a text that tpl runs is one, too.
  virtual const RunningTemplate* running() const = 0;

  // Whether the name is defined, in the set or in the tpl text that is running.
  virtual bool HasTemplate(std::string_view name) const = 0;
  // Executes a defined template (for include). An unknown name fails with
  // `template: no template "x" associated with template "gotpl"`.
  virtual Result<std::string> ExecuteTemplate(std::string_view name, const Any& data) = 0;
  // Parses `text` under `name` and executes it (for tpl). What it defines is visible to
  // everything that runs inside this call, and to nothing else. A text that does not parse
  // fails with `cannot parse template "TEXT": …`, one that fails with
  // `error during tpl function execution for "TEXT": …`, as helm's tpl does.
  virtual Result<std::string> ExecuteText(std::string_view name, std::string_view text,
                                          const Any& data) = 0;
};

}  // namespace swell::gotemplate
