#pragma once
// Rendered files into manifests: cut at "---", told apart from hooks, put in install order
// (helm's pkg/release/v1/util).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::helm {

struct Manifest {
  std::string source;  // "chart/templates/deploy.yaml"
  std::string text;
  std::string kind;      // "" where the document names none
  bool is_test = false;  // a hook for `helm test`
  // What the text holds where it is one document; else it has to be read for itself.
  std::optional<Value> content = {};
};

struct SortedManifests {
  std::vector<Manifest> manifests;
  std::vector<Manifest> hooks;
};

// The documents of a rendered file. Only a "---" at the start of a line separates, and it takes
// the white space around it along.
std::vector<std::string> SplitManifests(std::string_view text);

// `files`: rendered texts by path. Errors: a document that is no YAML map, or whose kind or
// annotations are no strings; the message names the file and has helm's words. Much text is read on
// `threads` threads; of several errors the first in order is returned.
Result<SortedManifests> SortManifests(const std::map<std::string, std::string>& files,
                                      unsigned threads = 1);

}  // namespace swell::helm
