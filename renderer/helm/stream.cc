// What `helm template` prints.

#include "base/core/strings.h"
#include "base/text/glob.h"
#include "renderer/helm/helm.h"
#include "renderer/helm/manifests.h"

namespace swell::helm {
namespace {

constexpr std::string_view kSource = "# Source: ";

void Append(const RenderedDocument& document, std::string& out) {
  out += "---\n";
  out += kSource;
  out += document.source;
  out += '\n';
  out += document.text;
  out += '\n';
}

// The path below the chart of a document's "# Source: chart/templates/a.yaml", or "".
std::string_view SourceBelowChart(std::string_view document) {
  const std::size_t at = document.find(kSource);
  if (at == std::string_view::npos) return "";
  std::string_view path = document.substr(at + kSource.size());
  path = path.substr(0, path.find('\n'));
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? "" : path.substr(slash + 1);
}

}  // namespace

std::string TemplateStream(const Output& output) {
  std::size_t bytes = 1;
  for (const RenderedDocument& document : output.documents) {
    bytes += document.source.size() + document.text.size() + 32;
  }
  std::string out;
  out.reserve(bytes);
  for (const RenderedDocument& document : output.documents) {
    if (!document.is_hook) Append(document, out);
  }
  // They begin with "---": white space stands at their end alone.
  out.resize(Trim(out).size());
  out += '\n';
  for (const RenderedDocument& document : output.documents) {
    if (document.is_hook) Append(document, out);
  }
  return out;
}

Result<std::string> ShowOnly(std::string_view stream, const std::vector<std::string>& patterns) {
  const std::vector<std::string> documents = SplitManifests(stream);
  std::string out;
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (const std::string& document : documents) {
      const std::string_view source = SourceBelowChart(document);
      if (source.empty() || !PathMatch(pattern, source).value_or(false)) continue;
      out += "---\n" + document + "\n";
      found = true;
    }
    if (!found) return Fail(NotFound("could not find template " + pattern + " in chart"));
  }
  return out;
}

}  // namespace swell::helm
