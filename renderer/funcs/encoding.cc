// b64enc, b64dec, b32enc, b32dec. Go's decoders say where the input is wrong; the text of the
// error is the result.

#include "base/core/encoding.h"

#include <optional>

#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The offset that Go's encoding/base64 reports for malformed input.
std::size_t Base64ErrorOffset(std::string_view text) {
  std::size_t in_quantum = 0;
  std::size_t i = 0;
  const auto skip_newlines = [&] {
    while (i < text.size() && (text[i] == '\n' || text[i] == '\r')) ++i;
  };
  for (skip_newlines(); i < text.size(); skip_newlines()) {
    const char c = text[i];
    if (c == '=') {
      if (in_quantum < 2) return i;
      ++i;
      if (in_quantum == 2) {
        skip_newlines();
        if (i == text.size()) return text.size();
        if (text[i] != '=') return i - 1;
        ++i;
      }
      skip_newlines();
      return i;
    }
    if (kBase64.find(c) == std::string_view::npos) return i;
    ++i;
    in_quantum = (in_quantum + 1) % 4;
  }
  return i - in_quantum;  // ended inside a quantum
}

Result<Any> Base64Enc(Context& context, Args args) {
  TRY(context.budget().Allow(args[0].as_string().size() * 4 / 3));
  return Any::String(Base64Encode(args[0].as_string()));
}

Result<Any> Base64Dec(Context&, Args args) {
  const std::string_view text = args[0].as_string();
  if (auto bytes = Base64Decode(text)) return Any::String(*std::move(bytes));
  return Any::String("illegal base64 data at input byte " +
                     std::to_string(Base64ErrorOffset(text)));
}

Result<Any> Base32Enc(Context& context, Args args) {
  const std::string_view bytes = args[0].as_string();
  TRY(context.budget().Allow(bytes.size() * 8 / 5 + 8));
  std::string out;
  std::uint64_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xffff;
    for (held += 8; held >= 5; held -= 5) out += kBase32[bits >> (held - 5) & 31];
  }
  if (held > 0) out += kBase32[bits << (5 - held) & 31];
  while (out.size() % 8 != 0) out += '=';
  return Any::String(std::move(out));
}

// The decoded bytes, or the offset that is wrong.
std::expected<std::string, std::size_t> DecodeBase32(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    if (c != '\n' && c != '\r') clean += c;
  }
  const std::size_t end = clean.find_last_not_of('=') + 1;
  std::string out;
  std::uint64_t bits = 0;
  int held = 0;
  for (std::size_t i = 0; i < end; ++i) {
    const std::size_t digit = kBase32.find(clean[i]);
    if (digit == std::string_view::npos) return std::unexpected(i);
    bits = (bits << 5 | digit) & 0xffff;
    held += 5;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  const std::size_t tail = end % 8;
  if (clean.size() % 8 != 0) return std::unexpected(clean.size() - clean.size() % 8);
  if (tail == 1 || tail == 3 || tail == 6) return std::unexpected(end);
  return out;
}

Result<Any> Base32Dec(Context&, Args args) {
  auto bytes = DecodeBase32(args[0].as_string());
  if (bytes) return Any::String(*std::move(bytes));
  return Any::String("illegal base32 data at input byte " + std::to_string(bytes.error()));
}

}  // namespace

void RegisterEncoding(FunctionMap& functions) {
  functions.Add("b64enc", {types::kString}, &Base64Enc);
  functions.Add("b64dec", {types::kString}, &Base64Dec);
  functions.Add("b32enc", {types::kString}, &Base32Enc);
  functions.Add("b32dec", {types::kString}, &Base32Dec);
}

}  // namespace swell::funcs
