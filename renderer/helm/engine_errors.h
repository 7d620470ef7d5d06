#pragma once
// How helm shows the errors of text/template.

#include <string>
#include <string_view>

namespace swell::helm {

// "template: a/b.yaml:3: function "x" not defined" ->
// "parse error at (a/b.yaml:3): function "x" not defined"
std::string CleanParseError(std::string_view file, std::string_view error);

// Of a chain "template: F:L:C: executing "T" at <N>: error calling include: template: …" the
// multi-line form, one block a level; what fail and required said where they spoke; the chain
// as it is where a level of it is no template error.
std::string ReformatExecError(std::string_view error);

// fail's and required's messages travel through the template chain between these marks.
std::string MarkMessage(std::string_view message);

}  // namespace swell::helm
