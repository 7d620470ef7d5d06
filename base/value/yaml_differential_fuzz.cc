// Our YAML reader (libyaml with go-yaml's rules) against yaml-cpp: what both take must mean the
// same. What one alone refuses is not looked at: libyaml and yaml-cpp differ there by design.

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/check.h"
#include "base/value/json.h"
#include "base/value/value.h"
#include "base/value/yaml.h"
#include "base/value/yaml_scalar.h"

namespace {

using namespace swell;

constexpr int kMaxDepth = 50;

// yaml-cpp's reading, scalars resolved by our rules; nothing where it holds what we never take.
class Converter {
 public:
  std::optional<Value> Run(const YAML::Node& node) {
    Value value = Convert(node, 0);
    if (refused_) return std::nullopt;
    return value;
  }

 private:
  Value Convert(const YAML::Node& node, int depth) {
    if (depth > kMaxDepth || ++nodes_ > 20'000) refused_ = true;
    if (refused_ || !node.IsDefined() || node.IsNull()) return Value();
    if (node.IsScalar()) return Scalar(node.Tag(), node.Scalar());
    if (node.IsSequence()) {
      std::vector<Value> items;
      for (const YAML::Node& item : node) items.push_back(Convert(item, depth + 1));
      return Value::Array(std::move(items));
    }
    std::vector<Member> members;
    for (const auto& entry : node) {
      // Merge keys are applied by us alone, keys that are no text are printed as text.
      if (!entry.first.IsScalar() || entry.first.Scalar() == "<<") {
        refused_ = true;
        return Value();
      }
      const Value key = Scalar(entry.first.Tag(), entry.first.Scalar());
      if (!key.is_string()) refused_ = true;
      members.emplace_back(key, Convert(entry.second, depth + 1));
    }
    return Value::Object(std::move(members));
  }

  Value Scalar(const std::string& tag, const std::string& text) {
    if (tag == "!") return Value(text);  // quoted, or tagged so: we resolve the latter
    if (!tag.empty() && tag != "?") {
      refused_ = true;
      return Value();
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
        if (!std::isfinite(scalar.number)) refused_ = true;
        return Value(scalar.number);
      case yaml::ScalarKind::kTimestamp:
        return Value(*yaml::CanonicalTimestamp(text));
      case yaml::ScalarKind::kString:
        break;
    }
    return Value(text);
  }

  bool refused_ = false;
  int nodes_ = 0;
};

// Nothing where it refuses the text, or takes what we never do.
std::optional<std::vector<Value>> ByYamlCpp(std::string_view text) {
  try {
    std::vector<Value> documents;
    for (const YAML::Node& node : YAML::LoadAll(std::string(text))) {
      const auto value = Converter().Run(node);
      if (!value) return std::nullopt;
      documents.push_back(*value);
    }
    return documents;
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

// libyaml's anchors are made of letters, digits, '_' and '-'; yaml-cpp's go on to the next blank
// (right in 1.2).
bool HasOddAnchor(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '&' && text[i] != '*') continue;
    while (++i < text.size() &&
           std::string_view(" \n,[]{}").find(text[i]) == std::string_view::npos) {
      if (std::isalnum(static_cast<unsigned char>(text[i])) == 0 && text[i] != '_' &&
          text[i] != '-') {
        return true;
      }
    }
  }
  return false;
}

// A quoted text of line breaks alone: yaml-cpp reads "", libyaml one break less than there are
// (right).
bool HasQuotedBreaks(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\'' && text[i] != '"') continue;
    const std::size_t end = text.find_first_not_of(" \n", i + 1);
    if (end != std::string_view::npos && text[end] == text[i] &&
        text.substr(i, end - i).contains('\n')) {
      return true;
    }
  }
  return false;
}

// A quoted text that ends in three or more line breaks: yaml-cpp keeps one of them, libyaml, PyYAML
// and go-yaml one less than there are (right).
bool EndsQuotedInBreaks(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '\'' && text[i] != '"') continue;
    const std::size_t last = text.substr(0, i).find_last_not_of(" \n");
    if (last == std::string_view::npos || !text.substr(0, last).contains(text[i])) continue;
    if (std::ranges::count(text.substr(last, i - last), '\n') >= 3) return true;
  }
  return false;
}

// libyaml takes a block scalar at the margin for the item of a "-" before it; yaml-cpp begins
// another document (both should refuse it).
bool HasBlockAtMargin(std::string_view text) {
  return text.find("\n|") != std::string_view::npos || text.find("\n>") != std::string_view::npos;
}

// yaml-cpp loops for ever over some plain texts of several lines that begin with an anchor.
bool HasAnchoredLine(std::string_view text) {
  return text.starts_with('&') || text.find("\n&") != std::string_view::npos;
}

// A folded block scalar that keeps its last line breaks: yaml-cpp loses one of them.
bool HasKeptFold(std::string_view text) {
  for (std::size_t i = text.find('>'); i != std::string_view::npos; i = text.find('>', i + 1)) {
    if (text.substr(i + 1, 2).contains('+')) return true;
  }
  return false;
}

// A text that ends in blanks alone, behind a folded block scalar: yaml-cpp takes them for a line of
// text and folds the break before them into a blank; go-yaml and PyYAML read an empty line (right).
bool EndsFoldedInBlanks(std::string_view text) {
  const std::size_t last = text.find_last_not_of(' ');
  return last != std::string_view::npos && last + 1 < text.size() && text[last] == '\n' &&
         text.substr(0, last).contains('>');
}

// Where yaml-cpp 0.7 and libyaml part, seen and looked at one by one: texts that hold any of this
// are not compared. Each line says who is right by YAML 1.1 and 1.2.
bool HasKnownDifference(std::string_view text) {
  const auto holds = [text](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // libyaml refuses control characters and bytes that are no UTF-8 (right), and takes \r alone
    // for a line break (right in 1.1); yaml-cpp takes all.
    if (byte == '\r' || byte == '\t' || (byte < 0x20 && byte != '\n') || byte >= 0x7f) return true;
  }
  // yaml-cpp puts single bytes for these escapes, which are no UTF-8.
  if (holds("\\N") || holds("\\_")) return true;
  return holds("%") || holds("!") || holds("?") || HasOddAnchor(text) || HasQuotedBreaks(text) ||
         HasAnchoredLine(text) || HasBlockAtMargin(text) || EndsFoldedInBlanks(text) ||
         EndsQuotedInBreaks(text) || HasKeptFold(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (HasKnownDifference(text)) return 0;
  const auto ours =
      yaml::ParseAll(text, {.schema = yaml::Schema::kYaml12, .max_depth = 40, .max_nodes = 10'000});
  if (!ours) return 0;
  const auto theirs = ByYamlCpp(text);
  if (!theirs) return 0;
  // Documents without content are left out by us.
  std::vector<Value> a, b;
  for (const yaml::Document& document : *ours) {
    if (!document.value.is_null()) a.push_back(document.value);
  }
  for (const Value& value : *theirs) {
    if (!value.is_null()) b.push_back(value);
  }
  if (a == b) return 0;
  // yaml-cpp ends an anchored plain scalar with its line and takes the next for a new document.
  if (text.find('&') != std::string_view::npos && theirs->size() > ours->size()) {
    return 0;
  }
  for (const Value& value : a) std::fprintf(stderr, "ours:   %s\n", json::Write(value).c_str());
  for (const Value& value : b) std::fprintf(stderr, "theirs: %s\n", json::Write(value).c_str());
  SWELL_CHECK(a == b);
  return 0;
}
