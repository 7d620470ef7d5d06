#pragma once
// A place in a YAML text, for the fast reader (base/value/yaml_fast.h): what lies between
// tokens, and scalars. All of it as libyaml 0.2.5 scans. Internal to base/value.

#include <string>
#include <string_view>

#include "base/value/byte_scan.h"

namespace swell::yaml {

inline bool IsBlank(char c) { return c == ' ' || c == '\t'; }
// A blank or the end of a line or of the text.
inline bool IsBlankOrEnd(char c) { return IsBlank(c) || c == '\n' || c == '\0'; }

// Owns a copy of the text. Functions that return bool return false where the text is wrong or
// unusual; the cursor is then of no further use. Views are valid until the next scalar is read.
class Cursor {
 public:
  explicit Cursor(std::string_view text);

  // Whether the text consists of runes that the cursor knows; required before all else.
  bool IsSupported() const;

  // Of the content that ToContent found: bytes before it in its line; -1 where there is none
  // before the end of the text or a document marker.
  int column() const { return column_; }
  // Whether ToContent passed a comment.
  bool passed_comment() const { return passed_comment_; }
  int Line();  // from 1

  const char* at() const { return at_; }
  char Peek(std::size_t offset = 0) const { return at_[offset]; }
  void Skip(std::size_t bytes) { at_ += bytes; }
  void SkipBlanks() { at_ = SkipSpaces(at_); }
  bool AtEnd() const { return at_ == end_; }
  bool AtEntry() const { return at_[0] == '-' && IsBlankOrEnd(at_[1]); }
  bool AtDocumentStart() const { return column_ < 0 && at_[0] == '-'; }
  // Whether nothing but a comment may follow in this line.
  bool AtLineEnd() const {
    return *at_ == '\n' || *at_ == '\0' || (*at_ == '#' && IsBlank(at_[-1]));
  }
  // Content that follows "- " starts a block of its own.
  void MarkColumn() { column_ = static_cast<int>(at_ - line_start_); }

  // From behind a token to the next content, over blanks, comments and line ends.
  bool ToContent();
  // The same inside of brackets, where content may follow in the same line.
  bool ToFlowContent();

  enum class Stop { kLineEnd, kColon, kComment, kFlow };
  struct Plain {
    std::string_view text;  // without trailing blanks; may be empty
    Stop stop;              // what the cursor is at now; kFlow: one of ",[]{}"
  };
  // One line of a plain scalar.
  Plain ScanPlain();
  bool ScanFlowPlain(Plain& out);
  // A plain scalar that starts at `start` and goes on over lines indented deeper than `indent`.
  bool ReadPlainLines(const char* start, int indent, std::string_view& out);

  struct Quoted {
    std::string_view text;
    bool one_line = true;
  };
  // At a quote: to behind the closing one.
  bool ReadQuoted(Quoted& out);

  // At "|" or ">" inside of a block that is indented by `indent` (-1 for the document).
  struct Block {
    std::string_view text;  // until the next text is read
    bool folded = false;
  };
  bool ReadBlock(int indent, Block& out);

 private:
  struct BlockHeader;
  bool ReadQuotedLines(char quote, Quoted& out);
  bool ReadEscape(const char*& p);
  bool FoldLines(const char*& p, std::size_t& breaks) const;
  bool ReadBlockHeader(BlockHeader& out);
  bool FindBlockIndent(int& indent) const;
  bool IsMarker(const char* line) const;

  std::string buffer_;  // a line end, the text, the padding
  const char* at_;
  const char* end_;
  const char* line_start_;
  const char* counted_;  // line ends before it are in lines_
  int lines_ = 1;
  int column_ = -1;
  bool passed_comment_ = false;
  std::string scratch_;
};

}  // namespace swell::yaml
