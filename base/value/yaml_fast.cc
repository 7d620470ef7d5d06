#include "base/value/yaml_fast.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/value/yaml_cursor.h"
#include "base/value/yaml_folded.h"
#include "base/value/yaml_scalar.h"

namespace swell::yaml {
namespace {

constexpr std::size_t kMaxDepth = 500;      // of the machine's stack
constexpr std::size_t kMaxKeyBytes = 1000;  // libyaml's limit is 1024 runes

// What no scalar without quotes may start with, whatever follows.
constexpr std::array<bool, 256> kIndicators = [] {
  std::array<bool, 256> indicators{};
  for (const char c : std::string_view(",[]{}#&*!|>'\"%@`\t")) {
    indicators[static_cast<unsigned char>(c)] = true;
  }
  return indicators;
}();

// Long keys recur (matchExpressions, app.kubernetes.io/name): each is kept once.
class KeyTable {
 public:
  Value Share(std::string_view key) {
    if (key.size() <= kInline || key.size() > kLongest) return Value(key);
    std::uint64_t head, tail;
    std::memcpy(&head, key.data(), sizeof head);
    std::memcpy(&tail, key.data() + key.size() - sizeof tail, sizeof tail);
    Value& slot = slots_[((head ^ tail * 31) * 0x9e3779b97f4a7c15U) >> (64 - kBits)];
    if (slot.as_string() != key) slot = Value(key);
    return slot;
  }

 private:
  static constexpr std::size_t kInline = 14;  // such Values own no memory
  static constexpr std::size_t kLongest = 64;
  static constexpr int kBits = 6;
  std::array<Value, 1 << kBits> slots_;
};

// Every function returns false where the text is to be left to libyaml.
class FastReader {
 public:
  FastReader(std::string_view text, const ParseOptions& options)
      : in_(text), options_(options), max_depth_(std::min(options.max_depth, kMaxDepth)) {}

  bool Run(std::vector<Document>& documents) {
    if (!in_.IsSupported() || !in_.ToContent()) return false;
    while (!in_.AtEnd()) {
      if (!ReadDocument(documents)) return false;
      if (options_.first_document_only) break;
    }
    return nodes_ <= options_.max_nodes;
  }

 private:
  // At its marker or, of the first, at its content.
  bool ReadDocument(std::vector<Document>& documents) {
    if (in_.column() < 0) {
      if (!in_.AtDocumentStart()) return false;
      in_.Skip(3);
      if (!in_.ToContent()) return false;
    }
    if (in_.column() < 0) {
      ++nodes_;
      return !options_.first_document_only;
    }
    Document document{.line = in_.Line()};
    if (!ReadNode(-1, 0, document.value) || in_.column() >= 0) return false;
    documents.push_back(std::move(document));
    return true;
  }

  // --- block style: afterwards the cursor is at the next content ---

  // At content that may be anything, inside of a block that is indented by `indent`.
  bool ReadNode(int indent, std::size_t depth, Value& out) {
    if (in_.AtEntry()) {
      ++nodes_;
      return ReadSequence(in_.column(), depth, out);
    }
    const char c = in_.Peek();
    if (c == '"' || c == '\'') {
      Cursor::Quoted quoted;
      const char* const start = in_.at();
      if (!in_.ReadQuoted(quoted)) return false;
      if (SkipColon(start)) {
        if (!quoted.one_line) return false;
        return ReadMapping(in_.column(), Shared(quoted.text), depth, out);
      }
      ++nodes_;
      out = Value(quoted.text);
      return in_.ToContent();
    }
    if (!StartsPlain(c)) return ReadInline(indent, depth, out);
    const char* const start = in_.at();
    const Cursor::Plain plain = in_.ScanPlain();
    if (plain.stop != Cursor::Stop::kColon) return FinishPlain(start, plain, indent, out);
    Value key;
    if (!SkipColon(start) || !PlainKey(plain.text, key)) return false;
    return ReadMapping(in_.column(), std::move(key), depth, out);
  }

  // At content that follows a key in its line.
  bool ReadInline(int indent, std::size_t depth, Value& out) {
    const char c = in_.Peek();
    if (StartsPlain(c)) {
      if (in_.AtEntry()) return false;
      const char* const start = in_.at();
      const Cursor::Plain plain = in_.ScanPlain();
      return plain.stop != Cursor::Stop::kColon && FinishPlain(start, plain, indent, out);
    }
    if (c == '[' || c == '{') return ReadFlowCollection(depth, out) && in_.ToContent();
    ++nodes_;
    if (c == '"' || c == '\'') {
      Cursor::Quoted quoted;
      if (!in_.ReadQuoted(quoted)) return false;
      out = Value(quoted.text);
      return in_.ToContent();
    }
    if (c != '|' && c != '>') return false;
    Cursor::Block block;
    if (!in_.ReadBlock(indent, block)) return false;
    const bool refold = block.folded && options_.through_kyaml;
    out = refold ? Value(RereadFolded(block.text)) : Value(block.text);
    return in_.ToContent();
  }

  bool FinishPlain(const char* start, const Cursor::Plain& plain, int indent, Value& out) {
    ++nodes_;
    if (plain.text.empty() || !in_.ToContent()) return false;
    if (in_.column() <= indent || in_.passed_comment()) return Resolve(plain.text, out);
    std::string_view text;
    return in_.ReadPlainLines(start, indent, text) && Resolve(text, out) && in_.ToContent();
  }

  // At the first "-".
  bool ReadSequence(int indent, std::size_t depth, Value& out) {
    if (depth >= max_depth_) return false;
    const std::size_t base = items_.size();
    do {
      Value item;
      in_.Skip(1);
      in_.SkipBlanks();
      if (!in_.AtLineEnd()) {
        in_.MarkColumn();
        if (!ReadNode(indent, depth + 1, item)) return false;
      } else {
        if (!in_.ToContent()) return false;
        if (in_.column() <= indent) {
          ++nodes_;
        } else if (!ReadNode(indent, depth + 1, item)) {
          return false;
        }
      }
      items_.push_back(std::move(item));
    } while (in_.column() == indent && in_.AtEntry());
    CloseSequence(base, out);
    return in_.column() <= indent;
  }

  // Behind the colon of the first key.
  bool ReadMapping(int indent, Value key, std::size_t depth, Value& out) {
    if (depth >= max_depth_) return false;
    ++nodes_;
    const std::size_t base = members_.size();
    for (;;) {
      Value value;
      if (!ReadMember(indent, depth + 1, value)) return false;
      members_.emplace_back(std::move(key), std::move(value));
      if (in_.column() != indent) break;
      if (!ReadKey(key)) return false;
    }
    return in_.column() < indent && CloseMapping(base, out);
  }

  // Behind the colon.
  bool ReadMember(int indent, std::size_t depth, Value& out) {
    ++nodes_;  // the key
    in_.SkipBlanks();
    if (!in_.AtLineEnd()) return ReadInline(indent, depth, out);
    if (!in_.ToContent()) return false;
    if (in_.column() > indent) return ReadNode(indent, depth, out);
    ++nodes_;
    // Lists may stand at their key's own column.
    return in_.column() < indent || !in_.AtEntry() || ReadSequence(indent, depth, out);
  }

  // At the start of a line that has to be a key: to behind its colon.
  bool ReadKey(Value& key) {
    const char* const start = in_.at();
    const char c = *start;
    if (c == '"' || c == '\'') return ReadQuotedKey(key) && SkipColon(start);
    if (!StartsPlain(c) || in_.AtEntry()) return false;
    return PlainKey(in_.ScanPlain().text, key) && SkipColon(start);
  }

  bool ReadQuotedKey(Value& key) {
    Cursor::Quoted quoted;
    if (!in_.ReadQuoted(quoted) || !quoted.one_line) return false;
    key = Shared(quoted.text);
    return true;
  }

  // Behind a key: over the colon. False, and not moved past one, where there is none or the key is
  // too long.
  bool SkipColon(const char* start) {
    in_.SkipBlanks();
    if (in_.Peek() != ':' || !IsBlankOrEnd(in_.Peek(1))) return false;
    if (in_.at() + 1 - start > static_cast<std::ptrdiff_t>(kMaxKeyBytes)) return false;
    in_.Skip(1);
    return true;
  }

  // --- flow style: afterwards the cursor is behind the node ---

  bool ReadFlowCollection(std::size_t depth, Value& out) {
    if (depth >= max_depth_) return false;
    ++nodes_;
    return in_.Peek() == '[' ? ReadFlowSequence(depth, out) : ReadFlowMapping(depth, out);
  }

  bool ReadFlowSequence(std::size_t depth, Value& out) {
    const std::size_t base = items_.size();
    for (;;) {
      in_.Skip(1);
      if (!in_.ToFlowContent()) return false;
      if (in_.Peek() == ']') break;
      Value item;
      if (!ReadFlowNode(depth + 1, item) || !in_.ToFlowContent()) return false;
      items_.push_back(std::move(item));
      if (in_.Peek() == ']') break;
      if (in_.Peek() != ',') return false;
    }
    in_.Skip(1);
    CloseSequence(base, out);
    return true;
  }

  bool ReadFlowMapping(std::size_t depth, Value& out) {
    const std::size_t base = members_.size();
    for (;;) {
      in_.Skip(1);
      if (!in_.ToFlowContent()) return false;
      if (in_.Peek() == '}') break;
      Value key, value;
      if (!ReadFlowKey(key) || !in_.ToFlowContent()) return false;
      ++nodes_;
      if (in_.Peek() == ',' || in_.Peek() == '}') {
        ++nodes_;
      } else if (!ReadFlowNode(depth + 1, value) || !in_.ToFlowContent()) {
        return false;
      }
      members_.emplace_back(std::move(key), std::move(value));
      if (in_.Peek() == '}') break;
      if (in_.Peek() != ',') return false;
    }
    in_.Skip(1);
    return CloseMapping(base, out);
  }

  // A key to behind its colon.
  bool ReadFlowKey(Value& key) {
    const char* const start = in_.at();
    const char c = *start;
    if (c == '"' || c == '\'') {
      if (!ReadQuotedKey(key)) return false;
      in_.SkipBlanks();
      if (in_.Peek() != ':') return false;
      in_.Skip(1);
      return in_.at() - start <= static_cast<std::ptrdiff_t>(kMaxKeyBytes);
    }
    Cursor::Plain plain;
    return StartsFlowPlain() && in_.ScanFlowPlain(plain) && PlainKey(plain.text, key) &&
           SkipColon(start);
  }

  bool ReadFlowNode(std::size_t depth, Value& out) {
    const char c = in_.Peek();
    if (c == '[' || c == '{') return ReadFlowCollection(depth, out);
    ++nodes_;
    if (c == '"' || c == '\'') {
      Cursor::Quoted quoted;
      if (!in_.ReadQuoted(quoted)) return false;
      out = Value(quoted.text);
      return true;
    }
    Cursor::Plain plain;
    if (!StartsFlowPlain() || !in_.ScanFlowPlain(plain)) return false;
    return plain.stop != Cursor::Stop::kColon && Resolve(plain.text, out);
  }

  // --- scalars ---

  // Whether a scalar without quotes may start here ("-" alone is asked for with AtEntry).
  bool StartsPlain(char c) const {
    if (c == '?' || c == ':') return !IsBlankOrEnd(in_.Peek(1));
    return !kIndicators[static_cast<unsigned char>(c)];
  }

  bool StartsFlowPlain() const {
    const char c = in_.Peek();
    return c != '?' && c != ':' && (c != '-' || !IsBlankOrEnd(in_.Peek(1))) && StartsPlain(c);
  }

  bool Resolve(std::string_view text, Value& out) const {
    if (!IsSurelyString(text)) return PlainValue(text, options_, out);
    out = Value(text);
    return true;
  }

  bool PlainKey(std::string_view text, Value& key) {
    if (text.empty() || text == "<<") return false;
    if (!IsSurelyString(text)) {
      if (!PlainValue(text, options_, key)) return false;
      return options_.through_kyaml ? key.is_string() : ToKey(key);
    }
    key = Shared(text);
    return true;
  }

  Value Shared(std::string_view key) { return keys_.Share(key); }

  void CloseSequence(std::size_t base, Value& out) {
    out = Value::ArrayFrom(std::span(items_).subspan(base));
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(base), items_.end());
  }

  bool CloseMapping(std::size_t base, Value& out) {
    const std::span<Member> own = std::span(members_).subspan(base);
    out = Value::ObjectFrom(own);
    const bool unique = out.size() == own.size();
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(base), members_.end());
    return unique || !options_.reject_duplicate_keys;
  }

  Cursor in_;
  const ParseOptions& options_;
  const std::size_t max_depth_;
  std::size_t nodes_ = 0;
  KeyTable keys_;
  // Finished elements wait here until their collection closes.
  std::vector<Value> items_;
  std::vector<Member> members_;
};

}  // namespace

std::optional<std::vector<Document>> ReadFast(std::string_view text, const ParseOptions& options) {
  std::vector<Document> documents;
  if (!FastReader(text, options).Run(documents)) return std::nullopt;
  return documents;
}

}  // namespace swell::yaml
