#pragma once
// A user's script in Lua, run over one object by Argo CD's convention: the object is the global
// table `obj`, the script returns a table with `status` and `message`. LuaJIT without its
// compiler, in a sandbox: no file, process, clock, code loading or state outlives or leaves a
// run, and instructions, memory, time and the size of the answer are bounded.
// Why LuaJIT: docs/decisions/0011-luajit-for-health-checks.md.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::lua {

struct Limits {
  // Counted, so that a run ends in the same place on every machine: instructions, and what costs
  // as much inside one (16 bytes of memory, a step of a pattern, a comparison of a sort).
  std::int64_t steps = 10'000'000;
  std::size_t memory = std::size_t{32} << 20;  // bytes, of the object and of what the script makes
  std::size_t block = std::size_t{4} << 20;    // bytes of one string or one part of a table
  // CPU time of the thread: for what no count foresees. Many times what the steps take.
  Duration time = std::chrono::seconds(1);
  std::size_t message = 4096;  // bytes of the answer's message; longer ones are cut
  int depth = 200;             // of the object
};

inline constexpr std::size_t kMaxSource = std::size_t{128} << 10;

// What a script returned.
struct Answer {
  bool empty = true;       // nil or a table without content: no opinion
  std::string status;      // as the script wrote it, "" where it is no text
  std::string message;     // well-formed UTF-8
  std::int64_t steps = 0;  // that the run took
};

// Compiled once, immutable; copies share it. Thread-safe: every run has a state of its own.
class Script {
 public:
  // kInvalidArgument with Lua's reason and the line: "lua:3: unexpected symbol near 'end'".
  static Result<Script> Compile(std::string_view source);

  // kFailedPrecondition with the script's own error ("lua:3: attempt to index field 'status' (a
  // nil value)"), or kResourceExhausted with the limit that it ran into. The text may hold values
  // of the object: give no object whose values must not be shown. `now` is what os.time() and
  // os.date() tell, in UTC.
  Result<Answer> Run(const Value& object, Timestamp now, const Limits& limits = {}) const;

 private:
  explicit Script(std::shared_ptr<const std::string> source) : source_(std::move(source)) {}
  std::shared_ptr<const std::string> source_;
};

}  // namespace swell::lua
