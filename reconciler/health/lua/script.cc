#include "reconciler/health/lua/script.h"

#include <cstdlib>
#include <ctime>

#include "base/text/utf8.h"
#include "reconciler/health/lua/run.h"

namespace swell::lua {
namespace {

constexpr char kChunk[] = "=lua";
// Instructions between two looks at the clock.
constexpr int kHookEvery = 1'000;
// The C stack of nested calls: a thread has at least 2 MB.
constexpr std::uintptr_t kMaxStack = 256 * 1024;
constexpr std::int64_t kBytesPerStep = 16;

std::int64_t CpuTime() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void* Allocate(void* context, void* block, std::size_t before, std::size_t after) {
  Run& run = *static_cast<Run*>(context);
  if (after == 0) {
    std::free(block);
    run.memory -= before;
    return nullptr;
  }
  if (after > before) {
    // Shrinking must not fail, and the parser's and collector's own steps are no instructions.
    if (after > run.limits.block || run.memory - before + after > run.limits.memory) {
      run.exhausted = Exhausted::kMemory;
      return nullptr;
    }
    run.steps_left -= static_cast<std::int64_t>(after) / kBytesPerStep;
  }
  void* moved = std::realloc(block, after);
  if (moved != nullptr) run.memory += after - before;
  return moved;
}

void Hook(lua_State* L, lua_Debug*) {
  Run& run = RunOf(L);
  run.steps_left -= lua_gethookcount(L);
  CheckBudget(L);
}

struct Closer {
  void operator()(lua_State* L) const { lua_close(L); }
};
using State = std::unique_ptr<lua_State, Closer>;

State NewState(Run& run) {
  State state(lua_newstate(Allocate, &run));
  if (state) luaJIT_setmode(state.get(), 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
  return state;
}

int Load(lua_State* L) {
  const std::string_view source = RunOf(L).source;
  if (luaL_loadbufferx(L, source.data(), source.size(), kChunk, "t") != 0) lua_error(L);
  return 1;
}

int Execute(lua_State* L) {
  const Run& run = RunOf(L);
  lua_settop(L, 0);  // lua_cpcall's argument
  OpenSandbox(L);
  PushValue(L, run.object, 0);
  lua_setglobal(L, "obj");
  Load(L);
  lua_sethook(L, Hook, LUA_MASKCOUNT, kHookEvery);
  lua_call(L, 0, LUA_MULTRET);
  lua_sethook(L, nullptr, 0, 0);
  ReadAnswer(L);
  return 0;
}

// The text of the error on top of the stack, without asking Lua to convert anything.
std::string ErrorText(lua_State* L) {
  if (lua_type(L, -1) != LUA_TSTRING) {
    return std::string("the script raised an error that is no text but a ") + luaL_typename(L, -1);
  }
  std::size_t size = 0;
  const char* text = lua_tolstring(L, -1, &size);
  return ReplaceInvalidUtf8(std::string_view(text, std::min<std::size_t>(size, 1024)));
}

Error ExhaustedError(const Run& run) {
  switch (run.exhausted) {
    case Exhausted::kTime:
      return ResourceExhausted("the script took longer than " + FormatDuration(run.limits.time));
    case Exhausted::kMemory:
      return ResourceExhausted("the script used more memory than " +
                               std::to_string(run.limits.memory >> 20) + " MiB, or " +
                               std::to_string(run.limits.block >> 20) + " MiB for one value");
    default:
      return ResourceExhausted("the script took more than " + std::to_string(run.limits.steps) +
                               " steps");
  }
}

// Runs `function` protected.
Status Protected(lua_State* L, Run& run, lua_CFunction function) {
  run.stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const int failed = lua_cpcall(L, function, nullptr);
  // A script that caught the error may have ended as if nothing were.
  const bool stopped = run.exhausted == Exhausted::kSteps || run.exhausted == Exhausted::kTime;
  if (stopped || failed == LUA_ERRMEM) {
    if (run.exhausted == Exhausted::kNo) return Fail(ResourceExhausted("not enough memory"));
    return Fail(ExhaustedError(run));
  }
  if (failed != 0) return Fail(FailedPrecondition(ErrorText(L)));
  return {};
}

Status CheckSource(std::string_view source) {
  if (source.size() > kMaxSource) {
    return Fail(
        InvalidArgument("the script is longer than " + std::to_string(kMaxSource >> 10) + " KiB"));
  }
  return {};
}

}  // namespace

Run& RunOf(lua_State* L) {
  void* run = nullptr;
  lua_getallocf(L, &run);
  return *static_cast<Run*>(run);
}

void CheckBudget(lua_State* L) {
  Run& run = RunOf(L);
  if (run.steps_left < 0 && run.exhausted != Exhausted::kTime) run.exhausted = Exhausted::kSteps;
  if (run.steps_left >= 0 && CpuTime() > run.time_end) {
    run.exhausted = Exhausted::kTime;
    run.steps_left = -1;
  }
  if (run.steps_left >= 0) return;
  // A pcall catches this; the next instruction raises it again.
  lua_sethook(L, Hook, LUA_MASKCOUNT, 1);
  luaL_error(L, "the script took too long");
}

void Charge(lua_State* L, std::int64_t steps) {
  Run& run = RunOf(L);
  run.steps_left -= steps;
  if (run.steps_left < 0) CheckBudget(L);
}

void CheckNesting(lua_State* L) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (RunOf(L).stack - here > kMaxStack) luaL_error(L, "calls nest too deeply");
}

Result<Script> Script::Compile(std::string_view source) {
  TRY(CheckSource(source));
  const Limits limits;
  const Value none;
  lua::Run run{.limits = limits, .object = none, .source = source, .now = {}};
  run.steps_left = limits.steps;
  const State state = NewState(run);
  if (!state) return Fail(ResourceExhausted("no memory for a Lua state"));
  if (Status loaded = Protected(state.get(), run, Load); !loaded) {
    const Error& error = loaded.error();
    if (error.code() != ErrorCode::kFailedPrecondition) return Fail(error);
    return Fail(InvalidArgument(error.message()));
  }
  return Script(std::make_shared<const std::string>(source));
}

Result<Answer> Script::Run(const Value& object, Timestamp now, const Limits& limits) const {
  lua::Run run{.limits = limits, .object = object, .source = *source_, .now = now};
  run.steps_left = limits.steps;
  run.time_end =
      CpuTime() + std::chrono::duration_cast<std::chrono::nanoseconds>(limits.time).count();
  const State state = NewState(run);
  if (!state) return Fail(ResourceExhausted("no memory for a Lua state"));
  TRY(Protected(state.get(), run, Execute));
  run.answer.steps = limits.steps - run.steps_left;
  return std::move(run.answer);
}

}  // namespace swell::lua
