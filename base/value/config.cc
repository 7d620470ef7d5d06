#include "base/value/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/core/strings.h"
#include "base/value/pointer.h"
#include "base/value/yaml.h"
#include "base/value/yaml_scalar.h"

namespace swell::config {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxNodes = 200'000;  // after alias expansion

// Turns yaml-cpp's nodes into a Value and remembers where each began. Nothing here throws but
// yaml-cpp, whose exceptions ParseAll catches.
class Converter {
 public:
  explicit Converter(const std::string& file) : file_(file) {}

  Result<Document> Run(const YAML::Node& node) {
    Document document;
    document.value = TRY(Convert(node, "", 0, document));
    return document;
  }

 private:
  SourceSpan Span(const YAML::Mark& mark) const {
    return mark.is_null() ? SourceSpan{file_, 0, 0}
                          : SourceSpan{file_, mark.line + 1, mark.column + 1};
  }

  Result<Value> Convert(const YAML::Node& node, const std::string& pointer, int depth,
                        Document& document) {
    const SourceSpan span = Span(node.Mark());
    if (depth > kMaxDepth) {
      return Fail(ResourceExhausted("the document nests deeper than " + std::to_string(kMaxDepth) +
                                    " levels")
                      .At(span));
    }
    if (++nodes_ > kMaxNodes) {
      return Fail(ResourceExhausted("the document has more than " + std::to_string(kMaxNodes) +
                                    " values once its aliases are expanded")
                      .At(span));
    }
    document.spans.emplace(pointer, span);
    if (node.IsScalar()) return Scalar(node, span);
    if (node.IsSequence()) return Sequence(node, pointer, depth, document);
    if (node.IsMap()) return Mapping(node, pointer, depth, document);
    return Value();
  }

  Result<Value> Sequence(const YAML::Node& node, const std::string& pointer, int depth,
                         Document& document) {
    std::vector<Value> items;
    for (const YAML::Node& item : node) {
      const std::string place = pointer + "/" + std::to_string(items.size());
      items.push_back(TRY(Convert(item, place, depth + 1, document)));
    }
    return Value::ArrayFrom(items);
  }

  Result<Value> Mapping(const YAML::Node& node, const std::string& pointer, int depth,
                        Document& document) {
    std::vector<Member> members;
    std::map<std::string, int> lines;
    for (const auto& entry : node) {
      const SourceSpan span = Span(entry.first.Mark());
      if (!entry.first.IsScalar()) {
        return Fail(InvalidArgument("a mapping key must be a string").At(span));
      }
      const std::string& key = entry.first.Scalar();
      if (key == "<<") {
        return Fail(Unimplemented("merge keys (<<) are not supported in Swell's own files; write "
                                  "the fields out or use an alias for the whole value")
                        .At(span));
      }
      const auto [known, inserted] = lines.emplace(key, span.line);
      if (!inserted) {
        return Fail(InvalidArgument("mapping key " + Quote(key) + " already defined at line " +
                                    std::to_string(known->second))
                        .At(span));
      }
      const std::string place = pointer + "/" + EscapePointerToken(key);
      members.emplace_back(key, TRY(Convert(entry.second, place, depth + 1, document)));
    }
    return Value::Object(std::move(members));
  }

  // YAML 1.2 scalars: quoted ones carry the tag "!", plain ones "?".
  Result<Value> Scalar(const YAML::Node& node, const SourceSpan& span) {
    const std::string& tag = node.Tag();
    const std::string& text = node.Scalar();
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return Value(text);
    if (!tag.empty() && tag != "?") {
      return Fail(Unimplemented("the YAML tag " + Quote(tag) + " is not supported").At(span));
    }
    const yaml::Scalar scalar = yaml::ResolvePlain(text, yaml::Schema::kYaml12);
    switch (scalar.kind) {
      case yaml::ScalarKind::kNull:
        return Value();
      case yaml::ScalarKind::kBool:
        return Value(scalar.boolean);
      case yaml::ScalarKind::kInt:
        return scalar.too_big ? Value(scalar.number) : Value(scalar.integer);
      case yaml::ScalarKind::kFloat:
        if (!(scalar.number - scalar.number == 0)) {
          return Fail(InvalidArgument(text + " is not a number that Swell can use").At(span));
        }
        return Value(scalar.number);
      default:
        return Value(text);
    }
  }

  const std::string& file_;
  std::size_t nodes_ = 0;
};

}  // namespace

SourceSpan Document::SpanOf(std::string_view pointer) const {
  for (;;) {
    const auto it = spans.find(std::string(pointer));
    if (it != spans.end()) return it->second;
    if (pointer.empty()) return {};
    pointer = pointer.substr(0, pointer.rfind('/'));
    if (pointer.data() == nullptr) pointer = "";
  }
}

Result<std::vector<Document>> ParseAll(std::string_view text, const std::string& file) {
  // yaml-cpp recurses without a limit and expands nothing lazily: libyaml, which has budgets,
  // reads first, and also gives the better messages.
  TRY(yaml::ParseAll(text, {.file = file,
                            .schema = yaml::Schema::kYaml12,
                            .max_depth = kMaxDepth,
                            .max_nodes = kMaxNodes}));
  std::vector<Document> documents;
  try {
    for (const YAML::Node& node : YAML::LoadAll(std::string(text))) {
      if (node.IsNull() || !node.IsDefined()) continue;
      documents.push_back(TRY(Converter(file).Run(node)));
    }
  } catch (const YAML::Exception& e) {
    SourceSpan span{file, 0, 0};
    if (!e.mark.is_null()) span = {file, e.mark.line + 1, e.mark.column + 1};
    return Fail(InvalidArgument("invalid YAML: " + e.msg).At(span));
  } catch (const std::exception& e) {
    return Fail(InvalidArgument(std::string("invalid YAML: ") + e.what()).At({file, 0, 0}));
  }
  return documents;
}

}  // namespace swell::config
