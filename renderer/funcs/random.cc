// randAlphaNum, uuidv4, shuffle: what differs from one rendering to the next.

#include <array>
#include <vector>

#include "base/core/encoding.h"
#include "base/text/utf8.h"
#include "renderer/funcs/data_families.h"
#include "renderer/funcs/stable.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
using gotemplate::Host;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Uniform in [0, bound); bound > 0.
std::uint64_t Below(const Host& host, std::uint64_t bound) {
  // Values beyond the last whole multiple of the bound would favour the small ones.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  while (true) {
    std::uint64_t value = 0;
    std::array<unsigned char, sizeof value> bytes;
    host.Random(bytes);
    for (const unsigned char byte : bytes) value = value << 8 | byte;
    if (value < limit) return value % bound;
  }
}

Result<Any> Pick(Context& context, std::int64_t count, std::string_view alphabet) {
  if (count <= 0) return Any::String("");
  TRY(context.budget().Allow(static_cast<std::uint64_t>(count)));
  TRY(context.budget().Spend(static_cast<std::uint64_t>(count)));
  std::string out;
  for (std::int64_t i = 0; i < count; ++i) out += alphabet[Below(context.host(), alphabet.size())];
  return Any::String(std::move(out));
}

Result<Any> RandAlphaNum(Context& context, Args args) {
  return Pick(context, args[0].as_int(), std::string(kLetters).append(kDigits));
}
Result<Any> RandAlpha(Context& context, Args args) {
  return Pick(context, args[0].as_int(), kLetters);
}
Result<Any> RandNumeric(Context& context, Args args) {
  return Pick(context, args[0].as_int(), kDigits);
}
Result<Any> RandAscii(Context& context, Args args) {
  std::string alphabet;
  for (char c = ' '; c < 0x7f; ++c) alphabet += c;
  return Pick(context, args[0].as_int(), alphabet);
}

Result<Any> RandBytes(Context& context, Args args) {
  const std::int64_t count = args[0].as_int();
  if (count < 0) return Fail(InvalidArgument("runtime error: makeslice: len out of range"));
  TRY(context.budget().Allow(static_cast<std::uint64_t>(count)));
  std::string bytes(static_cast<std::size_t>(count), '\0');
  context.host().Random(std::span(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()));
  return Any::String(Base64Encode(bytes));
}

Result<Any> RandInt(Context& context, Args args) {
  const std::int64_t low = args[0].as_int();
  std::int64_t range = 0;
  if (__builtin_sub_overflow(args[1].as_int(), low, &range) || range <= 0) {
    return Fail(InvalidArgument("invalid argument to Intn"));
  }
  return Any::Int(
      low + static_cast<std::int64_t>(Below(context.host(), static_cast<std::uint64_t>(range))));
}

Result<Any> Shuffle(Context& context, Args args) {
  std::vector<std::string_view> runes;
  for (std::string_view rest = args[0].as_string(); !rest.empty();) {
    const auto length = static_cast<std::size_t>(DecodeRune(rest).length);
    runes.push_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  TRY(context.budget().Spend(runes.size()));
  for (std::size_t i = runes.size(); i > 1; --i) {
    std::swap(runes[i - 1], runes[Below(context.host(), i)]);
  }
  std::string out;
  for (const std::string_view rune : runes) out += rune;
  return Any::String(std::move(out));
}

Result<Any> Uuidv4(Context& context, Args) {
  std::array<unsigned char, 16> bytes;
  context.host().Random(bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string hex =
      HexEncode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, "-");
  return Any::String(std::move(hex));
}

}  // namespace

void RegisterRandom(FunctionMap& functions) {
  using namespace types;
  functions.Add("randAlphaNum", {kInt}, Stable("randAlphaNum", &RandAlphaNum));
  functions.Add("randAlpha", {kInt}, Stable("randAlpha", &RandAlpha));
  functions.Add("randNumeric", {kInt}, Stable("randNumeric", &RandNumeric));
  functions.Add("randAscii", {kInt}, Stable("randAscii", &RandAscii));
  functions.Add("randBytes", {kInt}, Stable("randBytes", &RandBytes));
  functions.Add("randInt", {kInt, kInt}, Stable("randInt", &RandInt, kStableInt));
  functions.Add("shuffle", {kString}, Stable("shuffle", &Shuffle));
  functions.Add("uuidv4", {}, Stable("uuidv4", &Uuidv4));
}

}  // namespace swell::funcs
