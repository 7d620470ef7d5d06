#pragma once
// Fields with one of a few words, each an enum's value by its place. Internal to the domain.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/strings.h"
#include "reconciler/domain/fields.h"

namespace swell {

template <std::size_t kSize>
using Words = std::array<std::string_view, kSize>;

template <class Enum, std::size_t kSize>
std::optional<Enum> Known(const Words<kSize>& words, std::string_view text) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (words[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum, std::size_t kSize>
std::string Word(const Words<kSize>& words, Enum value) {
  return std::string(words[static_cast<std::size_t>(value)]);
}
// "" for the default, so that it is left out.
template <class Enum, std::size_t kSize>
std::string WordUnless(const Words<kSize>& words, Enum value, Enum fallback) {
  return value == fallback ? std::string() : Word(words, value);
}

template <std::size_t kSize>
std::string NotOneOf(std::string_view text, const Words<kSize>& words) {
  return Quote(text) + " is not one of " + Join({words.begin(), words.end()}, ", ");
}

template <class Enum, std::size_t kSize>
Enum ReadWord(Fields& fields, std::string_view key, const Words<kSize>& words, Enum fallback) {
  const std::string text = fields.String(key);
  if (text.empty()) return fallback;
  if (const auto known = Known<Enum>(words, text)) return *known;
  fields.Complain(key, NotOneOf(text, words));
  return fallback;
}

}  // namespace swell
