#include "reconciler/health/lua/pattern.h"

#include <cstring>

namespace swell::lua {

namespace {

// A set of bytes.
struct Bytes {
  std::uint64_t words[4] = {};
  void Add(unsigned char c) { words[c >> 6] |= std::uint64_t{1} << (c & 63); }
  bool Has(unsigned char c) const { return (words[c >> 6] >> (c & 63) & 1) != 0; }
  void Join(const Bytes& other) {
    for (int i = 0; i < 4; ++i) words[i] |= other.words[i];
  }
  void Invert() {
    for (std::uint64_t& word : words) word = ~word;
  }
};

enum class Kind : std::uint8_t {
  kSet,
  kOpen,
  kClose,
  kPosition,
  kReference,  // %1
  kBalanced,   // %bxy
  kFrontier,   // %f[set]
  kEnd,        // $
};
enum class Repeat : std::uint8_t { kOnce, kMaybe, kLongest, kShortest };

}  // namespace

struct Pattern::Item {
  Kind kind;
  Repeat repeat;
  unsigned char first;   // of kOpen, kClose, kPosition, kReference: the capture; of kBalanced: x
  unsigned char second;  // of kBalanced: y
  Bytes set;
};

namespace {

using Item = Pattern::Item;

Item* ItemsOf(void* storage) {
  return reinterpret_cast<Item*>(static_cast<char*>(storage) + alignof(std::max_align_t));
}
static_assert(sizeof(Pattern) <= alignof(std::max_align_t));

bool InClass(unsigned char c, char lower) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool digit = c >= '0' && c <= '9';
  const bool visible = c > ' ' && c < 127;
  switch (lower) {
    case 'a':
      return letter;
    case 'c':
      return c < ' ' || c == 127;
    case 'd':
      return digit;
    case 'g':
      return visible;
    case 'l':
      return c >= 'a' && c <= 'z';
    case 'p':
      return visible && !letter && !digit;
    case 's':
      return c == ' ' || (c >= '\t' && c <= '\r');
    case 'u':
      return c >= 'A' && c <= 'Z';
    case 'w':
      return letter || digit;
    case 'x':
      return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    default:  // 'z'
      return c == 0;
  }
}

// What "%c" stands for: a class, its complement where c is upper case, or c itself.
Bytes ClassOf(char c) {
  Bytes set;
  const char lower = static_cast<char>(c | 0x20);
  const bool letter = InClass(static_cast<unsigned char>(c), 'a');
  if (!letter || std::strchr("acdglpsuwxz", lower) == nullptr) {
    set.Add(static_cast<unsigned char>(c));
    return set;
  }
  for (int i = 0; i < 256; ++i) {
    if (InClass(static_cast<unsigned char>(i), lower)) set.Add(static_cast<unsigned char>(i));
  }
  if (c != lower) set.Invert();
  return set;
}

class Compiler {
 public:
  Compiler(std::string_view text, void* storage)
      : text_(text), pattern_(*new(storage) Pattern()), items_(ItemsOf(storage)) {}

  const char* Compile(Anchor anchor) {
    if (anchor == Anchor::kAllowed && text_.starts_with('^')) {
      pattern_.anchored = true;
      ++at_;
    }
    while (at_ < text_.size()) {
      if (const char* wrong = Next()) return wrong;
    }
    return open_count_ > 0 ? "unfinished capture" : nullptr;
  }

 private:
  Item& Add(Kind kind) {
    Item& item = *new (&items_[pattern_.count++]) Item();
    item.kind = kind;
    return item;
  }

  const char* Next() {
    const char c = text_[at_];
    if (c == '(') return Open();
    if (c == ')') return Close();
    if (c == '$' && at_ + 1 == text_.size()) {
      ++at_;
      Add(Kind::kEnd);
      return nullptr;
    }
    if (c == '%' && at_ + 1 < text_.size()) {
      const char next = text_[at_ + 1];
      if (next == 'b') return Balanced();
      if (next == 'f') return Frontier();
      if (next >= '0' && next <= '9') return Reference(next);
    }
    Item& item = Add(Kind::kSet);
    if (const char* wrong = One(item.set)) return wrong;
    item.repeat = Repeat::kOnce;
    return Repeated(item);
  }

  const char* Open() {
    if (pattern_.captures == kMaxCaptures) return "too many captures";
    const bool position = at_ + 1 < text_.size() && text_[at_ + 1] == ')';
    at_ += position ? 2 : 1;
    if (!position) open_[open_count_++] = static_cast<unsigned char>(pattern_.captures);
    closed_[pattern_.captures] = position;
    Add(position ? Kind::kPosition : Kind::kOpen).first =
        static_cast<unsigned char>(pattern_.captures++);
    return nullptr;
  }

  const char* Close() {
    if (open_count_ == 0) return "invalid pattern capture";
    ++at_;
    const unsigned char capture = open_[--open_count_];
    closed_[capture] = true;
    Add(Kind::kClose).first = capture;
    return nullptr;
  }

  const char* Balanced() {
    if (at_ + 4 > text_.size()) return "unbalanced pattern: missing arguments to '%b'";
    Item& item = Add(Kind::kBalanced);
    item.first = static_cast<unsigned char>(text_[at_ + 2]);
    item.second = static_cast<unsigned char>(text_[at_ + 3]);
    at_ += 4;
    return nullptr;
  }

  const char* Frontier() {
    at_ += 2;
    if (at_ >= text_.size() || text_[at_] != '[') return "missing '[' after '%f' in pattern";
    return One(Add(Kind::kFrontier).set);
  }

  const char* Reference(char digit) {
    const int capture = digit - '1';
    if (capture < 0 || capture >= pattern_.captures || !closed_[capture]) {
      return "invalid capture index";
    }
    at_ += 2;
    Add(Kind::kReference).first = static_cast<unsigned char>(capture);
    return nullptr;
  }

  // A character, a class or a set.
  const char* One(Bytes& set) {
    const char c = text_[at_++];
    if (c == '.') {
      set.Invert();
      return nullptr;
    }
    if (c == '[') return Set(set);
    if (c != '%') {
      set.Add(static_cast<unsigned char>(c));
      return nullptr;
    }
    if (at_ >= text_.size()) return "malformed pattern (ends with '%')";
    set = ClassOf(text_[at_++]);
    return nullptr;
  }

  const char* Set(Bytes& set) {
    const bool inverted = at_ < text_.size() && text_[at_] == '^';
    if (inverted) ++at_;
    // Where the set ends is known before what is in it: a ']' that comes first is meant as one,
    // and so is one after '%', even where that ends a range.
    std::size_t end = at_;
    do {
      if (end < text_.size() && text_[end] == '%') ++end;
      if (end >= text_.size()) return "malformed pattern (missing ']')";
      ++end;
    } while (end >= text_.size() || text_[end] != ']');
    while (at_ < end) {
      const auto low = static_cast<unsigned char>(text_[at_++]);
      if (low == '%') {
        set.Join(ClassOf(text_[at_++]));
      } else if (at_ + 1 < end && text_[at_] == '-') {
        const auto high = static_cast<unsigned char>(text_[at_ + 1]);
        for (int i = low; i <= high; ++i) set.Add(static_cast<unsigned char>(i));
        at_ += 2;
      } else {
        set.Add(low);
      }
    }
    at_ = end + 1;
    if (inverted) set.Invert();
    return nullptr;
  }

  const char* Repeated(Item& item) {
    if (at_ >= text_.size()) return nullptr;
    const char c = text_[at_];
    if (c == '?') item.repeat = Repeat::kMaybe;
    if (c == '*') item.repeat = Repeat::kLongest;
    if (c == '-') item.repeat = Repeat::kShortest;
    if (c == '+') {  // once, and then any number
      const Bytes set = item.set;
      Item& more = Add(Kind::kSet);
      more.set = set;
      more.repeat = Repeat::kLongest;
    }
    if (c == '?' || c == '*' || c == '-' || c == '+') ++at_;
    return nullptr;
  }

  std::string_view text_;
  Pattern& pattern_;
  Item* items_;
  std::size_t at_ = 0;
  unsigned char open_[kMaxCaptures];
  int open_count_ = 0;
  bool closed_[kMaxCaptures];
};

}  // namespace

std::size_t PatternBytes(std::string_view text) {
  // "x+" is two items of two bytes: no text has more items than bytes.
  return alignof(std::max_align_t) + text.size() * sizeof(Item);
}

const char* CompilePattern(std::string_view text, Anchor anchor, void* storage) {
  return Compiler(text, storage).Compile(anchor);
}

const Pattern::Item* Matcher::items() const {
  return ItemsOf(const_cast<void*>(static_cast<const void*>(pattern_)));
}

std::size_t Matcher::MatchAt(std::size_t at) { return Run(at, 0); }

std::size_t Matcher::Find(std::size_t from, std::size_t& end) {
  for (std::size_t at = from; at <= subject_.size() && steps_ >= 0; ++at) {
    end = Run(at, 0);
    if (end != kNone) return at;
    if (pattern_->anchored) break;
  }
  return kNone;
}

bool Matcher::Fits(std::size_t at, const Item& item) const {
  return at < subject_.size() && item.set.Has(static_cast<unsigned char>(subject_[at]));
}

// Recursion is as deep as the pattern has items, whatever the subject: kMaxPattern bounds it.
std::size_t Matcher::Run(std::size_t at, int index) {
  for (; index < pattern_->count; ++index) {
    if (--steps_ < 0) return kNone;
    const Item& item = items()[index];
    switch (item.kind) {
      case Kind::kSet:
        if (item.repeat != Repeat::kOnce) return RunRepeated(at, index);
        if (!Fits(at, item)) return kNone;
        ++at;
        break;
      case Kind::kOpen:
      case Kind::kClose:
      case Kind::kPosition: {
        // Backtracking must find the capture as it was.
        const Capture before = found_[item.first];
        Capture& capture = found_[item.first];
        if (item.kind == Kind::kClose) {
          capture.length = static_cast<std::ptrdiff_t>(at - capture.begin);
        } else {
          capture = {at, kPosition};
        }
        const std::size_t end = Run(at, index + 1);
        if (end == kNone) found_[item.first] = before;
        return end;
      }
      case Kind::kReference:
        at = EndOfReference(at, item);
        break;
      case Kind::kBalanced:
        at = EndOfBalanced(at, item);
        break;
      case Kind::kFrontier:
        if (!AtFrontier(at, item)) return kNone;
        break;
      case Kind::kEnd:
        return at == subject_.size() ? at : kNone;
    }
    if (at == kNone) return kNone;
  }
  return at;
}

std::size_t Matcher::RunRepeated(std::size_t at, int index) {
  const Item& item = items()[index];
  if (item.repeat == Repeat::kShortest) {
    for (;; ++at) {
      const std::size_t end = Run(at, index + 1);
      if (end != kNone) return end;
      if (steps_ < 0 || !Fits(at, item)) return kNone;
    }
  }
  const std::size_t most = item.repeat == Repeat::kMaybe ? 1 : subject_.size();
  std::size_t count = 0;
  while (count < most && Fits(at + count, item)) ++count;
  steps_ -= static_cast<std::int64_t>(count);
  for (;; --count) {
    const std::size_t end = Run(at + count, index + 1);
    if (end != kNone || count == 0 || steps_ < 0) return end;
  }
}

std::size_t Matcher::EndOfBalanced(std::size_t at, const Item& item) {
  if (at >= subject_.size() || static_cast<unsigned char>(subject_[at]) != item.first) return kNone;
  std::size_t depth = 1;
  for (std::size_t i = at + 1; i < subject_.size(); ++i) {
    if (--steps_ < 0) return kNone;
    const auto c = static_cast<unsigned char>(subject_[i]);
    if (c == item.second) {
      if (--depth == 0) return i + 1;
    } else if (c == item.first) {
      ++depth;
    }
  }
  return kNone;
}

std::size_t Matcher::EndOfReference(std::size_t at, const Item& item) {
  const Capture& capture = found_[item.first];
  // What a position captured is no text.
  const std::size_t length = capture.length < 0 ? 0 : static_cast<std::size_t>(capture.length);
  steps_ -= static_cast<std::int64_t>(length);
  const std::string_view text = subject_.substr(capture.begin, length);
  if (capture.length < 0 || !subject_.substr(at).starts_with(text)) return kNone;
  return at + length;
}

bool Matcher::AtFrontier(std::size_t at, const Item& item) const {
  const unsigned char before = at == 0 ? 0 : static_cast<unsigned char>(subject_[at - 1]);
  const unsigned char here = at >= subject_.size() ? 0 : static_cast<unsigned char>(subject_[at]);
  return !item.set.Has(before) && item.set.Has(here);
}

}  // namespace swell::lua
