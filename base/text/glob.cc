#include "base/text/glob.h"

#include <string>
#include <vector>

#include "base/core/strings.h"
#include "base/text/utf8.h"

namespace swell {

// One element of a component's pattern: "*", or what matches exactly one rune.
struct PathPattern::Element {
  enum class Kind { kStar, kAny, kRune, kClass } kind = Kind::kAny;
  char32_t rune = 0;
  bool negated = false;
  std::vector<std::pair<char32_t, char32_t>> ranges;

  bool Matches(char32_t c) const {
    if (kind == Kind::kAny) return c != '/';
    if (kind == Kind::kRune) return c == rune;
    bool inside = false;
    for (const auto& [low, high] : ranges) inside = inside || (low <= c && c <= high);
    return inside != negated;
  }
};

namespace {

constexpr std::size_t kMaxCombinations = 64;

Error BadPattern(std::string_view pattern) {
  return InvalidArgument("syntax error in pattern " + Quote(pattern));
}

// Element is a template's parameter here since it is PathPattern's own.
template <class Element>
class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

  bool Read(std::vector<Element>& out) {
    while (!rest_.empty()) {
      Element element;
      if (!ReadElement(element)) return false;
      const bool repeated = element.kind == Element::Kind::kStar && !out.empty() &&
                            out.back().kind == Element::Kind::kStar;
      if (!repeated) out.push_back(std::move(element));
    }
    return true;
  }

 private:
  char32_t Next() {
    const DecodedRune next = DecodeRune(rest_);
    rest_.remove_prefix(static_cast<std::size_t>(next.length));
    return next.rune;
  }

  bool ReadElement(Element& out) {
    const char32_t c = Next();
    switch (c) {
      case '*':
        out.kind = Element::Kind::kStar;
        return true;
      case '?':
        out.kind = Element::Kind::kAny;
        return true;
      case '[':
        return ReadClass(out);
      default:
        out.kind = Element::Kind::kRune;
        out.rune = c;
        if (c != '\\') return true;
        if (rest_.empty()) return false;
        out.rune = Next();
        return true;
    }
  }

  bool ReadClass(Element& out) {
    out.kind = Element::Kind::kClass;
    if (rest_.starts_with('^')) {
      out.negated = true;
      Next();
    }
    for (;;) {
      if (rest_.starts_with(']') && !out.ranges.empty()) {
        Next();
        return true;
      }
      char32_t low = 0;
      if (!ReadClassRune(low)) return false;
      char32_t high = low;
      if (rest_.starts_with('-')) {
        Next();
        if (!ReadClassRune(high)) return false;
      }
      out.ranges.emplace_back(low, high);
    }
  }

  bool ReadClassRune(char32_t& out) {
    if (rest_.empty() || rest_[0] == '-' || rest_[0] == ']') return false;
    out = Next();
    if (out != '\\') return !rest_.empty();
    if (rest_.empty()) return false;
    out = Next();
    return !rest_.empty();
  }

  std::string_view rest_;
};

// "a{b,c}" -> "ab", "ac"; nested braces are expanded inside out.
bool ExpandBraces(std::string pattern, std::vector<std::string>& out) {
  std::size_t open = std::string::npos;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern[i] == '{') {
      open = i;
    } else if (pattern[i] == '}') {
      if (open == std::string::npos) return false;
      const std::string before = pattern.substr(0, open), after = pattern.substr(i + 1);
      for (const std::string_view choice :
           Split(std::string_view(pattern).substr(open + 1, i - open - 1), ',')) {
        if (!ExpandBraces(before + std::string(choice) + after, out)) return false;
      }
      return true;
    }
  }
  if (open != std::string::npos || out.size() >= kMaxCombinations) return false;
  out.push_back(std::move(pattern));
  return true;
}

// Matches components; reach[i] says whether the pattern so far matches the first i of them.
Result<bool> MatchComponents(std::string_view pattern, std::string_view path) {
  const auto parts = Split(path, '/');
  std::vector<char> reach(parts.size() + 1, 0);
  reach[0] = 1;
  for (const std::string_view piece : Split(pattern, '/')) {
    std::vector<char> next(parts.size() + 1, 0);
    if (piece == "**") {
      for (std::size_t i = 0, on = 0; i <= parts.size(); ++i) {
        on |= static_cast<std::size_t>(reach[i]);
        next[i] = static_cast<char>(on);
      }
    } else {
      const auto compiled = PathPattern::Compile(piece);
      if (!compiled) return Fail(BadPattern(pattern));
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (reach[i] && compiled->Matches(parts[i])) next[i + 1] = 1;
      }
    }
    reach = std::move(next);
  }
  return reach[parts.size()] != 0;
}

}  // namespace

Result<PathPattern> PathPattern::Compile(std::string_view pattern) {
  PathPattern out;
  if (pattern.find_first_of("*?[\\") == std::string_view::npos && IsValidUtf8(pattern)) {
    out.literal_ = pattern;
    return out;
  }
  std::vector<Element> elements;
  if (!PatternReader<Element>(pattern).Read(elements)) return Fail(BadPattern(pattern));
  out.elements_ = std::make_shared<const std::vector<Element>>(std::move(elements));
  return out;
}

// Greedy with one point to come back to: linear but for the last star.
bool PathPattern::Matches(std::string_view name) const {
  if (elements_ == nullptr) return name == literal_;
  const std::vector<Element>& pattern = *elements_;
  // The last letter of "*.swp" tells most names apart.
  const Element& last = pattern.back();
  if (last.kind == Element::Kind::kRune && last.rune < 0x80 &&
      (name.empty() || static_cast<unsigned char>(name.back()) != last.rune)) {
    return false;
  }
  std::size_t p = 0, t = 0, star = pattern.size(), star_text = 0;
  while (t < name.size()) {
    const DecodedRune next = DecodeRune(name.substr(t));
    if (p < pattern.size() && pattern[p].kind == Element::Kind::kStar) {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p].Matches(next.rune)) {
      ++p;
      t += static_cast<std::size_t>(next.length);
    } else if (star < pattern.size() && name[star_text] != '/') {
      p = star + 1;
      star_text += static_cast<std::size_t>(DecodeRune(name.substr(star_text)).length);
      t = star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p].kind == Element::Kind::kStar) ++p;
  return p == pattern.size();
}

Result<bool> PathMatch(std::string_view pattern, std::string_view name) {
  return TRY(PathPattern::Compile(pattern)).Matches(name);
}

Result<bool> GlobMatch(std::string_view pattern, std::string_view path) {
  std::vector<std::string> alternatives;
  if (!ExpandBraces(std::string(pattern), alternatives)) {
    return Fail(InvalidArgument("pattern " + Quote(pattern) +
                                " has unbalanced braces, or more than " +
                                std::to_string(kMaxCombinations) + " combinations of them"));
  }
  bool matched = false;
  for (const std::string& alternative : alternatives) {
    matched = TRY(MatchComponents(alternative, path)) || matched;
  }
  return matched;
}

}  // namespace swell
