#pragma once
// YAML in and out, the way go-yaml (and so Helm, Kustomize and kubectl) reads and prints it.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::yaml {

// Which plain scalars are booleans and numbers.
enum class Schema {
  kYaml11,  // go-yaml v2 as sigs.k8s.io/yaml uses it: yes/no/on/off are booleans, 0777 is octal
  kYaml12,  // go-yaml v3: true/false only (yes/no stay strings), 0o777 and 0777
};

// How errors are worded. Their span is the same either way.
enum class Wording {
  kSwell,   // what is wrong, and in which context
  kGoYaml,  // what sigs.k8s.io/yaml.Unmarshal says behind "error converting YAML to JSON: "
};

struct ParseOptions {
  std::string file;  // for error spans; may be empty
  Schema schema = Schema::kYaml11;
  bool integers_as_float = false;  // Helm's values files: every number a float64
  bool reject_duplicate_keys = true;
  // What kustomize's kyaml makes of a text on its way to JSON: folded blocks are as go-yaml v3
  // reads them back once it has written them, and keys that are no strings are refused.
  bool through_kyaml = false;
  bool first_document_only = false;  // what follows is not even parsed, as yaml.Unmarshal does
  Wording wording = Wording::kSwell;
  std::size_t max_depth = 512;
  std::size_t max_nodes = 5'000'000;        // after alias expansion: bounds "billion laughs"
  std::size_t max_alias_bytes = 64u << 20;  // of text that aliases repeat
};

struct Document {
  Value value;
  int line = 1;  // where the document's content starts, from 1
};

// Every document of a stream; documents without content (only comments) are left out, but
// with first_document_only an empty first one is null. Mapping keys must be scalars and are
// turned into strings. Merge keys ("<<") are applied: in kYaml11 in the order written (a merge
// after a key overrides it, as go-yaml v2 has it), in kYaml12 explicit keys win. Timestamps
// are strings: as written in kYaml11, in RFC 3339 form in kYaml12. Integers beyond int64
// become Float (in kYaml12 up to uint64 with all digits); .nan and .inf are refused, since JSON has
// none. Errors carry file, line and column and libyaml's own words; of several in a document, as in
// go-yaml, wrong syntax comes before values that cannot be decoded, and these before what JSON
// cannot hold.
Result<std::vector<Document>> ParseAll(std::string_view text, const ParseOptions& options = {});

// Exactly one document; an empty stream gives null, a second document is an error.
Result<Value> Parse(std::string_view text, const ParseOptions& options = {});

// Whose output is printed.
enum class Printer {
  kGoYaml2,  // sigs.k8s.io/yaml.Marshal, which reads its own JSON back with go-yaml v2
  kGoYaml3,  // yaml.v3's Encoder with an indent of 2, as helm's toYamlPretty uses it
};

struct WriteOptions {
  Printer printer = Printer::kGoYaml2;
};

// Block style, indent 2, keys sorted naturally as go-yaml does, strings quoted only where
// go-yaml quotes them; ends with a line break. kGoYaml2: list items at their key's indent,
// lines folded at column 80, bytes that are no UTF-8 become U+FFFD. kGoYaml3: list items two
// deeper, no folding, strings that are no UTF-8 become !!binary. Recurses as deep as the value.
std::string Write(const Value& value, const WriteOptions& options = {});

// As Write by kGoYaml2, but fails where sigs.k8s.io/yaml.Marshal does, which writes JSON and
// reads it back: on NaN and infinities, on U+007F and C1 control characters, on keys whose JSON
// is longer than 1,024 runes or of two lines, and on a document marker after U+0085.
Result<std::string> Marshal(const Value& value);

}  // namespace swell::yaml
