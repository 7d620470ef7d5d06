#include "base/value/yaml_reader.h"

#include <yaml.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "base/value/yaml_escapes.h"
#include "base/value/yaml_fast.h"
#include "base/value/yaml_folded.h"
#include "base/value/yaml_scalar.h"
#include "base/value/yaml_wording.h"

namespace swell::yaml {
namespace {

std::string_view View(const yaml_char_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}
std::string_view View(const yaml_char_t* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

// Owns one libyaml event.
class Event {
 public:
  Event() = default;
  ~Event() {
    if (filled_) yaml_event_delete(&event_);
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool Next(yaml_parser_t* parser) {
    if (filled_) yaml_event_delete(&event_);
    filled_ = yaml_parser_parse(parser, &event_) != 0;
    return filled_;
  }
  yaml_event_type_t type() const { return event_.type; }
  const yaml_mark_t& mark() const { return event_.start_mark; }
  const yaml_event_t* operator->() const { return &event_; }
  std::string_view text() const {
    return View(event_.data.scalar.value, event_.data.scalar.length);
  }

 private:
  yaml_event_t event_;
  bool filled_ = false;
};

class Reader {
 public:
  Reader(std::string_view text, const ParseOptions& options) : text_(text), options_(options) {
    ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!ready_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Reader() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<std::vector<Document>> Run() {
    if (!ready_) return Fail(ResourceExhausted("no memory for a YAML parser"));
    TRY(CheckDirectives());
    std::vector<Document> documents;
    for (;;) {
      if (!Next()) return Fail(std::move(*error_));
      if (event_.type() == YAML_STREAM_END_EVENT) return documents;
      if (event_.type() != YAML_DOCUMENT_START_EVENT) continue;
      if (!Next()) return Fail(std::move(*error_));
      Document document{.line = static_cast<int>(event_.mark().line) + 1};
      const bool content = !IsNothing();
      anchors_.clear();
      // Up to the document's end, since what follows the value in it may be wrong as well.
      const bool read = ReadNode(document.value, 0) && Next();
      if (!read || error_) return Fail(std::move(*error_));
      if (content || options_.first_document_only) documents.push_back(std::move(document));
      if (options_.first_document_only) return documents;
    }
  }

 private:
  // libyaml compares each %TAG with all before it.
  Status CheckDirectives() const {
    constexpr std::size_t kMaxDirectives = 1'000;
    std::size_t count = 0;
    for (std::size_t at = text_.find("%TAG"); at != std::string_view::npos;
         at = text_.find("%TAG", at + 4)) {
      if (at > 0 && text_[at - 1] != '\n') continue;
      if (++count <= kMaxDirectives) continue;
      return Fail(ResourceExhausted("the text has more than " + std::to_string(kMaxDirectives) +
                                    " %TAG directives")
                      .At(SpanAt(text_, at, options_.file)));
    }
    return {};
  }

  struct Anchor {
    Value value;
    std::size_t nodes = 0;
    std::size_t bytes = 0;   // of text
    std::size_t levels = 0;  // of nesting
    bool open = true;        // still being read
  };

  // --- errors ---

  // When go-yaml and sigs.k8s.io/yaml would come across an error: of several in a document the
  // first phase's is the one to report.
  enum class Phase : std::uint8_t { kParse, kDecode, kConvert, kMarshal };

  SourceSpan Span(const yaml_mark_t& mark) const {
    return {options_.file, static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
  }

  // Whether reading goes on, for errors of earlier phases further down.
  bool Refuse(Phase phase, const yaml_mark_t& mark, std::string message, std::string go_words) {
    if (!error_ || phase < phase_) {
      const bool go = options_.wording == Wording::kGoYaml;
      error_ = InvalidArgument(go ? std::move(go_words) : std::move(message)).At(Span(mark));
      phase_ = phase;
    }
    return phase != Phase::kParse;
  }
  bool Refuse(Phase phase, const yaml_mark_t& mark, const std::string& message) {
    return Refuse(phase, mark, message, "yaml: " + message);
  }

  bool RefuseBudget(const yaml_mark_t& mark, std::string message) {
    error_ = ResourceExhausted(std::move(message)).At(Span(mark));
    return false;
  }

  bool Next() {
    if (event_.Next(&parser_)) return true;
    error_ = SyntaxError(parser_, text_, options_);
    return false;
  }

  bool Count(std::size_t nodes, const yaml_mark_t& mark) {
    nodes_ += nodes;
    if (nodes_ <= options_.max_nodes) return true;
    return RefuseBudget(mark, "the document has more than " + std::to_string(options_.max_nodes) +
                                  " values once its aliases are expanded (budget max_nodes)");
  }

  // A document (or value) of which nothing is written.
  bool IsNothing() const {
    return event_.type() == YAML_SCALAR_EVENT && event_.text().empty() &&
           event_->data.scalar.plain_implicit != 0 && !event_->data.scalar.anchor &&
           event_->start_mark.index == event_->end_mark.index;
  }

  // --- nodes; each starts with its event in event_ ---
  bool ReadNode(Value& out, std::size_t depth) {
    if (!Count(1, event_.mark())) return false;
    switch (event_.type()) {
      case YAML_ALIAS_EVENT:
        return ReadAlias(out, depth);
      case YAML_SCALAR_EVENT: {
        const std::string anchor(View(event_->data.scalar.anchor));
        if (!ReadScalar(out)) return false;
        bytes_ += event_.text().size();
        if (!anchor.empty()) anchors_[anchor] = {out, 1, event_.text().size(), 0, false};
        return true;
      }
      case YAML_SEQUENCE_START_EVENT:
        return ReadCollection(out, depth, View(event_->data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return ReadCollection(out, depth, View(event_->data.mapping_start.anchor));
      default:
        return Refuse(Phase::kParse, event_.mark(), "unexpected YAML event");
    }
  }

  bool ReadCollection(Value& out, std::size_t depth, std::string_view anchor_text) {
    if (depth >= options_.max_depth) return RefuseDepth();
    const std::string anchor(anchor_text);
    if (!anchor.empty()) anchors_[anchor] = Anchor{};
    const std::size_t before = nodes_;
    const std::size_t bytes_before = bytes_;
    const std::size_t deepest_before = std::exchange(deepest_, depth + 1);
    const bool read = event_.type() == YAML_SEQUENCE_START_EVENT ? ReadSequence(out, depth)
                                                                 : ReadMapping(out, depth);
    if (!read) return false;
    if (!anchor.empty()) {
      anchors_[anchor] = {out, nodes_ - before + 1, bytes_ - bytes_before, deepest_ - depth, false};
    }
    deepest_ = std::max(deepest_, deepest_before);
    return true;
  }

  bool RefuseDepth() {
    return RefuseBudget(event_.mark(), "the document nests deeper than " +
                                           std::to_string(options_.max_depth) +
                                           " levels (budget max_depth)");
  }

  bool ReadAlias(Value& out, std::size_t depth) {
    const std::string name(View(event_->data.alias.anchor));
    const auto it = anchors_.find(name);
    if (it == anchors_.end()) {
      return Refuse(Phase::kParse, event_.mark(), "unknown anchor '" + name + "' referenced");
    }
    if (it->second.open) {
      return Refuse(Phase::kDecode, event_.mark(), "anchor '" + name + "' value contains itself");
    }
    const Anchor& anchor = it->second;
    if (!Count(anchor.nodes - 1, event_.mark())) return false;
    // What is repeated shares memory here, but not with whoever prints it.
    bytes_ += anchor.bytes;
    alias_bytes_ += anchor.bytes;
    if (alias_bytes_ > options_.max_alias_bytes) {
      return RefuseBudget(event_.mark(), "the document's aliases repeat more than " +
                                             std::to_string(options_.max_alias_bytes) +
                                             " bytes of text (budget max_alias_bytes)");
    }
    // Aliases inside anchors inside aliases … nest deeper than any text does.
    if (depth + anchor.levels > options_.max_depth) return RefuseDepth();
    deepest_ = std::max(deepest_, depth + anchor.levels);
    out = anchor.value;
    return true;
  }

  bool ReadSequence(Value& out, std::size_t depth) {
    const std::size_t base = items_.size();
    for (;;) {
      if (!Next()) return false;
      if (event_.type() == YAML_SEQUENCE_END_EVENT) break;
      Value item;
      if (!ReadNode(item, depth + 1)) return false;
      items_.push_back(std::move(item));
    }
    out = Value::ArrayFrom(std::span(items_).subspan(base));
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(base), items_.end());
    return true;
  }

  bool ReadMapping(Value& out, std::size_t depth) {
    const std::size_t base = members_.size();
    std::vector<Member> merged;  // of YAML 1.2, where they come last in precedence
    std::optional<yaml_mark_t> merge_mark;
    for (;;) {
      if (!Next()) return false;
      if (event_.type() == YAML_MAPPING_END_EVENT) break;
      const yaml_mark_t mark = event_.mark();
      if (IsMergeKey()) {
        if (merge_mark && options_.schema == Schema::kYaml12 && options_.reject_duplicate_keys) {
          RefuseDuplicate(mark, "<<", static_cast<int>(merge_mark->line) + 1);
        }
        merge_mark = mark;
        if (!ReadMerge(depth, merged)) return false;
        continue;
      }
      Value key, value;
      if (!ReadKey(key, depth)) return false;
      if (!Next()) return false;
      if (!ReadNode(value, depth + 1)) return false;
      if (key.is_null()) {
        RefuseNullKey(mark, value);
        key = Value("");
      }
      members_.emplace_back(std::move(key), std::move(value));
      key_marks_.push_back(mark);
    }
    CloseMapping(out, base, std::move(merged));
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(base), members_.end());
    key_marks_.resize(base);
    return true;
  }

  void CloseMapping(Value& out, std::size_t base, std::vector<Member> merged) {
    const std::span<Member> own = std::span(members_).subspan(base);
    if (options_.reject_duplicate_keys) CheckDuplicates(own, base);
    if (merged.empty()) {
      out = Value::ObjectFrom(own);
      return;
    }
    merged.insert(merged.end(), own.begin(), own.end());
    out = Value::ObjectFrom(merged);
  }

  static constexpr std::size_t kFromMerge = static_cast<std::size_t>(-1);

  void CheckDuplicates(std::span<const Member> own, std::size_t base) {
    if (own.size() < 2) return;
    std::vector<std::pair<std::string_view, std::size_t>> names;
    names.reserve(own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (key_marks_[base + i].index != kFromMerge) names.emplace_back(own[i].name(), base + i);
    }
    std::sort(names.begin(), names.end());
    for (std::size_t i = 1; i < names.size(); ++i) {
      if (names[i].first != names[i - 1].first) continue;
      const int first_line = static_cast<int>(key_marks_[names[i - 1].second].line) + 1;
      return RefuseDuplicate(key_marks_[names[i].second], names[i].first, first_line);
    }
  }

  void RefuseDuplicate(const yaml_mark_t& mark, std::string_view key, int first_line) {
    Refuse(Phase::kDecode, mark,
           "mapping key " + Quote(key) + " already defined at line " + std::to_string(first_line));
  }

  void RefuseNullKey(const yaml_mark_t& mark, const Value& value) {
    if (error_ && phase_ <= Phase::kConvert) return;  // showing values again and again takes time
    const std::string shown = value.is_null() ? "<nil>" : GoSyntax(value);
    Refuse(Phase::kConvert, mark, "a mapping key must not be null",
           "unsupported map key of type: %!s(<nil>), key: <nil>, value: " + shown);
  }

  bool IsMergeKey() const {
    return event_.type() == YAML_SCALAR_EVENT && event_.text() == "<<" &&
           (event_->data.scalar.plain_implicit != 0 ||
            View(event_->data.scalar.tag) == "tag:yaml.org,2002:merge");
  }

  // The value of "<<". go-yaml v2 writes merged keys over those read so far and lets later
  // keys win; v3 lets every explicit key win.
  bool ReadMerge(std::size_t depth, std::vector<Member>& merged) {
    if (!Next()) return false;
    const yaml_mark_t mark = event_.mark();
    Value value;
    if (!ReadNode(value, depth + 1)) return false;
    std::vector<Value> sources;
    if (value.is_array()) {
      sources.assign(value.items().rbegin(), value.items().rend());  // earlier maps win
    } else {
      sources.push_back(value);
    }
    for (const Value& source : sources) {
      if (!source.is_object()) {
        return Refuse(Phase::kDecode, mark,
                      "map merge requires map or sequence of maps as the value");
      }
      for (const Member& member : source.members()) {
        if (options_.schema == Schema::kYaml12) {
          merged.push_back(member);
          continue;
        }
        members_.push_back(member);
        key_marks_.push_back({kFromMerge, mark.line, mark.column});
      }
    }
    return true;
  }

  // A string, or null where the mapping's value is still wanted for the error.
  bool ReadKey(Value& out, std::size_t depth) {
    const yaml_mark_t mark = event_.mark();
    Value key;
    if (!ReadNode(key, depth + 1)) return false;
    if (options_.through_kyaml && !key.is_string()) {
      Refuse(Phase::kMarshal, mark,
             "a mapping key must be a string, quote it (json: unsupported type: "
             "map[interface {}]interface {})",
             "json: unsupported type: map[interface {}]interface {}");
    }
    if (!key.is_null() && !ToKey(key)) {
      const bool first = !error_ || phase_ > Phase::kDecode;
      Refuse(Phase::kDecode, mark, "a mapping key must be a scalar, not a list or mapping",
             "yaml: invalid map key: " + (first ? GoSyntax(key) : ""));
      key = Value("");
    }
    out = std::move(key);
    return true;
  }

  // --- scalars ---
  bool ReadScalar(Value& out) {
    const std::string_view text = event_.text();
    std::string_view tag = View(event_->data.scalar.tag);
    constexpr std::string_view kPrefix = "tag:yaml.org,2002:";
    // go-yaml resolves such a scalar like any other, but takes nothing at all for "".
    if (tag == "!" && event_->data.scalar.plain_implicit != 0) tag = {};
    const bool standard = tag.starts_with(kPrefix);
    if (standard) tag.remove_prefix(kPrefix.size());
    if (tag.empty() && event_->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
      const bool folded = event_->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
      out = folded && options_.through_kyaml ? Value(RereadFolded(text)) : Value(text);
      return CheckEscapes();
    }
    if (tag.empty()) return Resolve(text, out);
    if (standard && tag == "binary") return ReadBinary(text, out);
    if (standard && (tag == "bool" || tag == "int" || tag == "float" || tag == "null")) {
      return ReadTagged(tag, text, out);
    }
    out = Value(text);  // !!str, and tags that nobody here knows
    return true;
  }

  // libyaml knows an escape that go-yaml does not: of the slash.
  bool CheckEscapes() {
    if (event_->data.scalar.style != YAML_DOUBLE_QUOTED_SCALAR_STYLE) return true;
    const auto at = slash_escapes_.Find(event_->start_mark, event_->end_mark);
    if (!at) return true;
    error_ = ScannerError(*at, "found unknown escape character", options_);
    phase_ = Phase::kParse;
    return false;
  }

  bool Resolve(std::string_view text, Value& out) {
    const Scalar scalar = ResolvePlain(text, options_.schema);
    if (PlainValue(scalar, text, options_, out)) return true;
    const char* const number = std::isnan(scalar.number) ? "NaN"
                               : scalar.number > 0       ? "+Inf"
                                                         : "-Inf";
    return Refuse(Phase::kMarshal, event_.mark(),
                  "unsupported value: " + std::string(text) +
                      " has no form in JSON (quote it if text is meant)",
                  std::string("json: unsupported value: ") + number);
  }

  bool ReadTagged(std::string_view tag, std::string_view text, Value& out) {
    const ScalarKind kind = ResolvePlain(text, options_.schema).kind;
    const bool fits = tag == TagOf(kind) || (tag == "float" && kind == ScalarKind::kInt);
    if (!fits) {
      const std::string message = "`" + std::string(text) + "` as a !!" + std::string(tag);
      return Refuse(Phase::kDecode, event_.mark(), "cannot decode " + message,
                    "yaml: cannot decode !!" + std::string(TagOf(kind)) + " " + message);
    }
    if (!Resolve(text, out)) return false;
    if (tag == "float" && out.is_int()) out = Value(out.as_float());
    return true;
  }

  // Timestamps are none where another tag is asked for.
  static std::string_view TagOf(ScalarKind kind) {
    switch (kind) {
      case ScalarKind::kNull:
        return "null";
      case ScalarKind::kBool:
        return "bool";
      case ScalarKind::kInt:
        return "int";
      case ScalarKind::kFloat:
        return "float";
      case ScalarKind::kString:
      case ScalarKind::kTimestamp:
        break;
    }
    return "str";
  }

  bool ReadBinary(std::string_view text, Value& out) {
    const auto bytes = Base64Decode(text);
    if (!bytes) {
      return Refuse(Phase::kDecode, event_.mark(), "!!binary value contains invalid base64 data");
    }
    out = Value(ReplaceInvalidUtf8(*bytes));
    return true;
  }

  const std::string_view text_;
  const ParseOptions& options_;
  yaml_parser_t parser_;
  bool ready_ = false;
  SlashEscapes slash_escapes_{text_};
  Event event_;
  std::map<std::string, Anchor, std::less<>> anchors_;  // of the current document
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;        // of scalars, aliases expanded
  std::size_t alias_bytes_ = 0;  // of them, what aliases repeat
  std::size_t deepest_ = 0;      // levels reached inside the collection being read
  // Finished elements wait here until their collection closes.
  std::vector<Value> items_;
  std::vector<Member> members_;
  std::vector<yaml_mark_t> key_marks_;  // parallel to members_; index kFromMerge: merged in
  std::optional<Error> error_;
  Phase phase_ = Phase::kParse;  // of error_
};

}  // namespace

Result<std::vector<Document>> ReadEvents(std::string_view text, const ParseOptions& options) {
  return Reader(text, options).Run();
}

Result<std::vector<Document>> ParseAll(std::string_view text, const ParseOptions& options) {
  if (auto documents = ReadFast(text, options)) return std::move(*documents);
  return ReadEvents(text, options);
}

Result<Value> Parse(std::string_view text, const ParseOptions& options) {
  std::vector<Document> documents = TRY(ParseAll(text, options));
  if (documents.empty()) return Value();
  if (documents.size() > 1) {
    return Fail(InvalidArgument("the text holds a second YAML document where one is expected")
                    .At({options.file, documents[1].line, 1}));
  }
  return std::move(documents[0].value);
}

}  // namespace swell::yaml
