#include <set>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/pointer.h"
#include "renderer/jsonschema/compiled.h"

namespace swell::jsonschema {
namespace {

constexpr std::string_view kBase = "file:///values.schema.json";

// Keywords whose value is a schema, an array of schemas, or a map of schemas.
constexpr std::string_view kOne[] = {"additionalItems",
                                     "additionalProperties",
                                     "contains",
                                     "contentSchema",
                                     "else",
                                     "if",
                                     "items",
                                     "not",
                                     "then",
                                     "propertyNames",
                                     "unevaluatedItems",
                                     "unevaluatedProperties"};
constexpr std::string_view kMany[] = {"allOf", "anyOf", "items", "oneOf", "prefixItems"};
constexpr std::string_view kMaps[] = {"$defs",      "definitions",       "dependencies",
                                      "properties", "patternProperties", "dependentSchemas"};

Result<Draft> DraftOf(const Value& root) {
  std::string uri = root["$schema"].str();
  if (uri.empty()) return Draft::k2020;
  while (uri.ends_with('#')) uri.pop_back();
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!uri.starts_with(scheme)) continue;
    const std::string_view rest = std::string_view(uri).substr(scheme.size());
    if (rest == "json-schema.org/draft-04/schema") return Draft::k4;
    if (rest == "json-schema.org/draft-06/schema") return Draft::k6;
    if (rest == "json-schema.org/draft-07/schema") return Draft::k7;
    if (rest == "json-schema.org/draft/2019-09/schema") return Draft::k2019;
    if (rest == "json-schema.org/draft/2020-12/schema" || rest == "json-schema.org/schema") {
      return Draft::k2020;
    }
  }
  return Fail(Unimplemented("values.schema.json has $schema " + Quote(uri) +
                            ": Swell knows drafts 4, 6, 7, 2019-09 and 2020-12"));
}

// "http://a/b/c.json" + "d.json" -> "http://a/b/d.json"; the fragment is cut.
std::string ResolveUri(const std::string& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  if (reference.empty()) return base;
  const std::size_t colon = reference.find(':');
  const std::size_t slash = reference.find('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon < slash)) {
    return std::string(reference);
  }
  if (reference.starts_with('/')) {
    const std::size_t host = base.find("://");
    const std::size_t path = host == std::string::npos ? 0 : base.find('/', host + 3);
    return base.substr(0, path) + std::string(reference);
  }
  while (reference.starts_with("./")) reference.remove_prefix(2);
  return base.substr(0, base.rfind('/') + 1) + std::string(reference);
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto hex = [&](std::size_t at) {
      return std::string_view("0123456789abcdef").find(static_cast<char>(text[at] | 0x20));
    };
    if (text[i] == '%' && i + 2 < text.size() && hex(i + 1) < 16 && hex(i + 2) < 16) {
      out += static_cast<char>(hex(i + 1) * 16 + hex(i + 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

class Compiler {
 public:
  explicit Compiler(Schema::Compiled& out) : out_(out) {}

  Status Run() {
    const auto base = std::make_shared<const std::string>(kBase);
    TRY(Index(out_.root, base, 0));
    resources_.emplace(kBase, &out_.root);
    return Visit(out_.root, base, "", 0);
  }

 private:
  static constexpr int kMaxDepth = 512;
  static constexpr std::size_t kMaxUriBytes = 4'096;
  static constexpr std::size_t kMaxPatterns = 10'000;

  // What relative references are relative to; one string for all the schemas of a resource.
  using Base = std::shared_ptr<const std::string>;

  // Notes what $id and $anchor name, wherever in the document. Deeper than the parser's own
  // limit nothing exists.
  Status Index(const Value& node, Base base, int depth) {
    if (depth > kMaxDepth) return {};
    for (const Value& item : node.items()) TRY(Index(item, base, depth + 1));
    if (!node.is_object()) return {};
    const std::string_view id = node[out_.draft == Draft::k4 ? "id" : "$id"].as_string();
    const bool ref_hides = out_.draft < Draft::k2019 && node.Has("$ref");
    if (!id.empty() && !ref_hides) {
      TRY(CheckUri(id.size() + base->size()));
      if (id.starts_with('#')) {
        resources_.emplace(*base + std::string(id), &node);
      } else {
        base = std::make_shared<const std::string>(ResolveUri(*base, id));
        resources_.emplace(*base, &node);
      }
    }
    bases_[&node] = base;
    for (const char* keyword : {"$anchor", "$dynamicAnchor"}) {
      if (!node[keyword].is_string()) continue;
      TRY(CheckUri(node[keyword].as_string().size() + base->size()));
      resources_.emplace(*base + "#" + node[keyword].str(), &node);
    }
    for (const Member& m : node.members()) {
      if (m.name() != "enum" && m.name() != "const") TRY(Index(m.value, base, depth + 1));
    }
    return {};
  }

  static Status CheckUri(std::size_t bytes) {
    if (bytes <= kMaxUriBytes) return {};
    return Fail(ResourceExhausted("values.schema.json has a name or reference of " +
                                  std::to_string(bytes) + " bytes; at most " +
                                  std::to_string(kMaxUriBytes) + " are taken"));
  }

  static Error At(const std::string& path, const std::string& message) {
    return InvalidArgument("\"file:///values.schema.json#\" is not valid against metaschema: at '" +
                           path + "': " + message);
  }

  Result<const Value*> Resolve(const std::string& base, const std::string& reference) {
    TRY(CheckUri(reference.size()));
    const std::string uri = ResolveUri(base, reference);
    const std::size_t hash = reference.find('#');
    const std::string fragment =
        hash == std::string::npos ? "" : PercentDecode(reference.substr(hash + 1));
    static const Value kTrue(true);
    if (uri.starts_with("urn:") && !resources_.contains(uri)) return &kTrue;  // helm's choice
    const auto document = resources_.find(uri);
    if (document == resources_.end()) {
      return Fail(
          Unimplemented("values.schema.json refers to " + Quote(uri) +
                        ": Swell does not fetch schemas; put it into the document's $defs"));
    }
    if (fragment.empty()) return document->second;
    if (!fragment.starts_with('/')) {
      const auto anchor = resources_.find(uri + "#" + fragment);
      if (anchor != resources_.end()) return anchor->second;
      return Fail(
          InvalidArgument("anchor " + Quote(fragment) + " not found in schema " + Quote(uri)));
    }
    const Value* target = FindPointer(*document->second, TRY(ParsePointer(fragment)));
    if (target == nullptr) {
      return Fail(
          InvalidArgument("jsonpointer " + Quote(fragment) + " not found in " + Quote(uri)));
    }
    return target;
  }

  Status AddPattern(const Value& text, const std::string& path) {
    if (!text.is_string()) return Fail(At(path, "a regular expression must be a string"));
    if (out_.patterns.contains(text.as_string())) return {};
    if (out_.patterns.size() >= kMaxPatterns) {
      return Fail(ResourceExhausted("values.schema.json has more than " +
                                    std::to_string(kMaxPatterns) + " regular expressions"));
    }
    auto compiled = Pattern::Compile(text.as_string());
    if (!compiled) return Fail(At(path, compiled.error().message()));
    out_.patterns.emplace(text.str(), *std::move(compiled));
    return {};
  }

  Status Follow(const Value& node, const char* keyword, const Base& base, const std::string& path,
                int depth, std::unordered_map<const Value*, const Value*>& into) {
    const Value& reference = node[keyword];
    if (reference.is_null()) return {};
    if (!reference.is_string()) return Fail(At(path + "/" + keyword, "must be a string"));
    const Value* target = TRY(Resolve(*base, reference.str()));
    into[&node] = target;
    const auto known = bases_.find(target);
    return Visit(*target, known == bases_.end() ? base : known->second, reference.str(), depth + 1);
  }

  Status CheckKeywords(const Value& node, const std::string& path);

  // Visits every schema that can be reached from the root.
  Status Visit(const Value& node, const Base& inherited, const std::string& path, int depth) {
    if (node.is_bool()) return {};
    if (!node.is_object()) return Fail(At(path, "a schema must be an object or a boolean"));
    if (depth > kMaxDepth) {
      return Fail(ResourceExhausted("values.schema.json is nested deeper than " +
                                    std::to_string(kMaxDepth) + " schemas"));
    }
    if (!seen_.insert(&node).second) return {};
    TRY(CheckUri(path.size()));
    const auto known = bases_.find(&node);
    const Base base = known == bases_.end() ? inherited : known->second;
    TRY(Follow(node, "$ref", base, path, depth, out_.references));
    if (out_.draft < Draft::k2019 && node.Has("$ref")) return {};
    TRY(Follow(node, "$dynamicRef", base, path, depth, out_.dynamic));
    TRY(Follow(node, "$recursiveRef", base, path, depth, out_.dynamic));
    TRY(CheckKeywords(node, path));
    for (std::string_view keyword : kOne) {
      const Value* sub = node.Find(keyword);
      if (sub == nullptr || (keyword == "items" && sub->is_array())) continue;
      TRY(Visit(*sub, base, path + "/" + std::string(keyword), depth + 1));
    }
    for (std::string_view keyword : kMany) {
      const Value* subs = node.Find(keyword);
      if (subs == nullptr || (keyword == "items" && !subs->is_array())) continue;
      if (!subs->is_array()) return Fail(At(path + "/" + std::string(keyword), "must be an array"));
      for (std::size_t i = 0; i < subs->size(); ++i) {
        TRY(Visit((*subs)[i], base, path + "/" + std::string(keyword) + "/" + std::to_string(i),
                  depth + 1));
      }
    }
    return VisitMaps(node, base, path, depth);
  }

  Status VisitMaps(const Value& node, const Base& base, const std::string& path, int depth) {
    for (std::string_view keyword : kMaps) {
      const Value* map = node.Find(keyword);
      if (map == nullptr) continue;
      const std::string here = path + "/" + std::string(keyword);
      if (!map->is_object()) return Fail(At(here, "must be an object"));
      for (const Member& m : map->members()) {
        if (keyword == "dependencies" && m.value.is_array()) continue;
        if (keyword == "patternProperties") {
          TRY(AddPattern(Value(m.name()), here + "/" + std::string(m.name())));
        }
        TRY(Visit(m.value, base, here + "/" + std::string(m.name()), depth + 1));
      }
    }
    return {};
  }

  Schema::Compiled& out_;
  std::map<std::string, const Value*, std::less<>> resources_;  // by absolute URI
  std::unordered_map<const Value*, Base> bases_;
  std::set<const Value*> seen_;
};

bool IsTypeName(std::string_view name) {
  for (std::string_view known :
       {"array", "boolean", "integer", "null", "number", "object", "string"}) {
    if (name == known) return true;
  }
  return false;
}

Status Compiler::CheckKeywords(const Value& node, const std::string& path) {
  if (const Value* type = node.Find("type")) {
    bool ok = type->is_string() ? IsTypeName(type->as_string()) : type->is_array();
    for (const Value& item : type->items()) ok = ok && IsTypeName(item.as_string());
    if (!ok) {
      return Fail(At(path + "/type",
                     "value must be one of 'array', 'boolean', 'integer', 'null', 'number', "
                     "'object', 'string'"));
    }
  }
  for (const char* keyword : {"minLength", "maxLength", "minItems", "maxItems", "minProperties",
                              "maxProperties", "minContains", "maxContains"}) {
    const Value* limit = node.Find(keyword);
    if (limit != nullptr && (!limit->is_number() || limit->as_float() < 0)) {
      return Fail(At(path + "/" + keyword, "must be a number that is not negative"));
    }
  }
  for (const char* keyword : {"minimum", "maximum", "multipleOf"}) {
    const Value* limit = node.Find(keyword);
    if (limit != nullptr && !limit->is_number()) {
      return Fail(At(path + "/" + keyword, "must be a number"));
    }
  }
  for (const char* keyword : {"enum", "required"}) {
    const Value* list = node.Find(keyword);
    if (list != nullptr && !list->is_array()) {
      return Fail(At(path + "/" + keyword, "must be an array"));
    }
  }
  if (const Value* pattern = node.Find("pattern")) TRY(AddPattern(*pattern, path + "/pattern"));
  return {};
}

}  // namespace

Result<Schema> Schema::Compile(std::string_view text) {
  auto compiled = std::make_shared<Compiled>();
  compiled->root = TRY(json::Parse(text));
  compiled->draft = TRY(DraftOf(compiled->root));
  TRY(Compiler(*compiled).Run());
  Schema schema;
  schema.compiled_ = std::move(compiled);
  return schema;
}

}  // namespace swell::jsonschema
