#include "renderer/funcs/word_case.h"

#include <vector>

#include "base/text/utf8.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::funcs {

namespace {

using gotemplate::IsDigit;
using gotemplate::IsLetter;
using gotemplate::IsSpace;
using gotemplate::IsUpper;

bool IsConnector(char32_t rune) { return rune == '-' || rune == '_' || IsSpace(rune); }

bool IsPunctuation(char32_t rune) {
  constexpr std::u32string_view kAscii = U"!\"#%&'()*,-./:;?@[\\]_{}";
  return rune < 0x80 && kAscii.find(rune) != std::u32string_view::npos;
}

// A letter of a script that has words; Chinese, Japanese and Korean have none here.
bool IsAlphabet(char32_t rune) {
  if (!IsLetter(rune)) return false;
  const bool cjk = (rune >= 0x3400 && rune <= 0x9fff) || (rune >= 0xac00 && rune <= 0xd7af) ||
                   (rune >= 0x3040 && rune <= 0x30ff) || (rune >= 0xf900 && rune <= 0xfaff) ||
                   (rune >= 0x20000 && rune <= 0x2fa1f);
  return !cjk;
}

bool IsLowerAlphabet(char32_t rune) { return IsAlphabet(rune) && !IsUpper(rune); }

enum class WordType { kNone, kNumber, kUpper, kAlphabet, kConnector, kPunctuation, kOther };

struct Word {
  WordType type = WordType::kNone;
  std::string_view text;
};

// Cuts words off the front of a text.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }

  Word Next() {
    if (rest_.empty()) return {};
    const char32_t first = At(0);
    if (IsConnector(first)) return Take(WordType::kConnector, Run(0, &IsConnector));
    if (IsPunctuation(first)) return Take(WordType::kPunctuation, Run(0, &IsPunctuation));
    if (IsUpper(first)) return Take(WordType::kUpper, UpperLength());
    if (IsAlphabet(first)) return Take(WordType::kAlphabet, Run(0, &IsLowerAlphabet));
    if (IsDigit(first)) return Take(WordType::kNumber, Run(0, &IsDigit));
    const auto other = [](char32_t r) {
      return !IsConnector(r) && !IsAlphabet(r) && !IsDigit(r) && !IsPunctuation(r);
    };
    return Take(WordType::kOther, Run(0, other));
  }

 private:
  char32_t At(std::size_t i) const { return DecodeRune(rest_.substr(i)).rune; }
  std::size_t LengthAt(std::size_t i) const {
    return static_cast<std::size_t>(DecodeRune(rest_.substr(i)).length);
  }

  // Where the run of such runes that includes `from` ends.
  template <class Predicate>
  std::size_t Run(std::size_t from, Predicate in) const {
    std::size_t i = from + LengthAt(from);
    while (i < rest_.size() && in(At(i))) i += LengthAt(i);
    return i;
  }

  // "HTTPStatus": of a run of capitals the last begins the next word.
  std::size_t UpperLength() const {
    std::size_t i = LengthAt(0);
    if (i >= rest_.size()) return i;
    if (!IsUpper(At(i))) return IsAlphabet(At(i)) ? Run(i, &IsLowerAlphabet) : i;
    std::size_t last = i;
    while (i < rest_.size() && IsUpper(At(i))) {
      last = i;
      i += LengthAt(i);
    }
    return i < rest_.size() && IsAlphabet(At(i)) ? last : i;
  }

  Word Take(WordType type, std::size_t length) {
    const Word word{type, rest_.substr(0, length)};
    rest_.remove_prefix(length);
    return word;
  }

  std::string_view rest_;
};

void Append(std::string& out, const Word& word, char connector) {
  if (word.type != WordType::kUpper && word.type != WordType::kConnector) {
    out += word.text;
    return;
  }
  for (std::string_view rest = word.text; !rest.empty();) {
    const DecodedRune decoded = DecodeRune(rest);
    if (IsConnector(decoded.rune)) {
      out += connector;
    } else {
      AppendUtf8(out, gotemplate::ToLower(decoded.rune));
    }
    rest.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
}

bool Separates(WordType type) {
  return type == WordType::kConnector || type == WordType::kPunctuation;
}
bool Continues(WordType type) { return type == WordType::kAlphabet || type == WordType::kNumber; }

class WordJoiner {
 public:
  WordJoiner(std::string_view text, char connector) : reader_(text), connector_(connector) {}

  std::string Join() {
    word_ = reader_.Next();
    while (!reader_.AtEnd()) {
      if (word_.type != WordType::kConnector) Append(out_, word_, connector_);
      const Word before = word_;
      word_ = reader_.Next();
      switch (before.type) {
        case WordType::kNumber:
          AppendContinuation();
          break;
        case WordType::kConnector:
          Append(out_, before, connector_);
          break;
        case WordType::kPunctuation:
          break;
        default:
          AfterLetters();
      }
    }
    Append(out_, word_, connector_);
    return std::move(out_);
  }

 private:
  // Lower case letters and digits after a number belong to it: "2xx".
  void AppendContinuation() {
    while (Continues(word_.type)) {
      Append(out_, word_, connector_);
      word_ = reader_.Next();
    }
    if (word_.type != WordType::kNone && !Separates(word_.type)) out_ += connector_;
  }

  void AfterLetters() {
    if (word_.type != WordType::kNumber) {
      if (!Separates(word_.type)) out_ += connector_;
      return;
    }
    if (reader_.AtEnd()) return;
    const Word number = word_;
    word_ = reader_.Next();
    if (word_.type != WordType::kAlphabet) {
      // The number belongs to the word before it: "Bld4Floor" is bld4_floor.
      Append(out_, number, connector_);
      if (!Separates(word_.type)) out_ += connector_;
      return;
    }
    // Lower case letters follow: "HTTP2xx" is http_2xx.
    out_ += connector_;
    Append(out_, number, connector_);
    AppendContinuation();
  }

  WordReader reader_;
  char connector_;
  Word word_;
  std::string out_;
};

}  // namespace

std::string JoinWords(std::string_view text, char connector) {
  return WordJoiner(text, connector).Join();
}

std::string PascalCase(std::string_view text) {
  std::string out;
  char32_t rune = 0;
  bool began_upper = false;
  bool found = false;
  const auto next = [&text] {
    const DecodedRune decoded = DecodeRune(text);
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
    return decoded.rune;
  };
  // Leading connectors are kept.
  while (!text.empty() && !found) {
    rune = next();
    found = !IsConnector(rune);
    if (!found) AppendUtf8(out, rune);
  }
  if (!found) {
    if (rune != 0) AppendUtf8(out, rune);
    return out;
  }
  began_upper = IsUpper(rune);
  rune = gotemplate::ToUpper(rune);
  while (!text.empty()) {
    const char32_t before = rune;
    rune = next();
    if (IsConnector(before)) {
      if (IsConnector(rune)) {
        AppendUtf8(out, before);
        continue;
      }
      began_upper = IsUpper(rune);
      rune = gotemplate::ToUpper(rune);
      continue;
    }
    if (began_upper) {
      began_upper = IsUpper(rune);
      if (began_upper) rune = gotemplate::ToLower(rune);
    }
    AppendUtf8(out, before);
  }
  AppendUtf8(out, rune);
  return out;
}

}  // namespace swell::funcs
