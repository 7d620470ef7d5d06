#include "renderer/helm/patterns.h"

#include <string>
#include <vector>

#include "base/text/utf8.h"

namespace swell::helm {
namespace {

// Expands the {a,b} alternatives into plain patterns. False where braces or classes do not close.
bool Expand(std::string_view pattern, std::vector<std::string>& out, int depth) {
  constexpr std::size_t kMaxPatterns = 4096;
  if (depth > 32 || out.size() > kMaxPatterns) return false;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      if (++i >= pattern.size()) return false;
    } else if (in_class) {
      if (c == ']') in_class = false;
    } else if (c == '[') {
      in_class = true;
    } else if (c == '{') {
      std::vector<std::string_view> parts;
      std::size_t start = i + 1;
      int level = 1;
      std::size_t j = start;
      for (; j < pattern.size() && level > 0; ++j) {
        if (pattern[j] == '\\') {
          ++j;
        } else if (pattern[j] == '{') {
          ++level;
        } else if (pattern[j] == '}' && --level == 0) {
          break;
        } else if (pattern[j] == ',' && level == 1) {
          parts.push_back(pattern.substr(start, j - start));
          start = j + 1;
        }
      }
      if (j >= pattern.size()) return false;
      parts.push_back(pattern.substr(start, j - start));
      for (std::string_view part : parts) {
        std::string whole(pattern.substr(0, i));
        whole += part;
        whole += pattern.substr(j + 1);
        if (!Expand(whole, out, depth + 1)) return false;
      }
      return true;
    }
  }
  if (in_class) return false;
  out.emplace_back(pattern);
  return true;
}

struct GlobMatcher {
  std::string_view p;
  std::string_view s;
  // By pattern and name position: a match from there was tried and failed. Keeps '*' after '*'
  // from taking exponential time.
  std::vector<bool> failed = std::vector<bool>((p.size() + 1) * (s.size() + 1));

  bool Class(std::size_t& i, char32_t rune) {
    bool negated = false;
    if (i < p.size() && p[i] == '!') {
      negated = true;
      ++i;
    }
    bool match = false;
    while (i < p.size() && p[i] != ']') {
      if (p[i] == '\\' && i + 1 < p.size()) ++i;
      DecodedRune low = DecodeRune(p.substr(i));
      i += static_cast<std::size_t>(low.length);
      char32_t high = low.rune;
      if (i + 1 < p.size() && p[i] == '-' && p[i + 1] != ']') {
        ++i;
        DecodedRune h = DecodeRune(p.substr(i));
        i += static_cast<std::size_t>(h.length);
        high = h.rune;
      }
      if (low.rune <= rune && rune <= high) match = true;
    }
    ++i;
    return match != negated;
  }

  bool Run(std::size_t i, std::size_t j) {
    const std::size_t state = i * (s.size() + 1) + j;
    if (failed[state]) return false;
    const bool matched = Walk(i, j);
    failed[state] = !matched;
    return matched;
  }

  bool Walk(std::size_t i, std::size_t j) {
    while (i < p.size()) {
      const char c = p[i];
      if (c == '*') {
        std::size_t stars = 0;
        while (i < p.size() && p[i] == '*') {
          ++i;
          ++stars;
        }
        for (std::size_t k = j;; ++k) {
          if (Run(i, k)) return true;
          if (k >= s.size() || (stars == 1 && s[k] == '/')) return false;
        }
      }
      if (j >= s.size()) return false;
      const DecodedRune d = DecodeRune(s.substr(j));
      if (c == '?') {
        if (s[j] == '/') return false;
        ++i;
        j += static_cast<std::size_t>(d.length);
      } else if (c == '[') {
        ++i;
        if (!Class(i, d.rune)) return false;
        j += static_cast<std::size_t>(d.length);
      } else {
        if (c == '\\') ++i;
        if (p[i] != s[j]) return false;
        ++i;
        ++j;
      }
    }
    return j == s.size();
  }
};

}  // namespace

std::optional<GlobPattern> GlobPattern::Compile(std::string_view pattern) {
  GlobPattern out;
  if (!Expand(pattern, out.alternatives_, 0)) return std::nullopt;
  for (const std::string& one : out.alternatives_) out.size_ += one.size();
  return out;
}

bool GlobPattern::Matches(std::string_view name) const {
  for (const std::string& one : alternatives_) {
    if (GlobMatcher{one, name}.Run(0, 0)) return true;
  }
  return false;
}

std::optional<bool> MatchGlob(std::string_view pattern, std::string_view name) {
  const auto compiled = GlobPattern::Compile(pattern);
  if (!compiled) return std::nullopt;
  return compiled->Matches(name);
}

}  // namespace swell::helm
