// What `helm template` prints.

#include "base/core/strings.h"
#include "base/text/glob.h"
#include "renderer/helm/helm.h"
#include "renderer/helm/manifests.h"

namespace swell::helm {
namespace {

void Append(const RenderedDocument& document, std::string& out) {
  out += "---\n# Source: ";
  out += document.source;
  out += '\n';
  out += document.text;
  out += '\n';
}

// The path below the chart of a document's "# Source: chart/templates/a.yaml", or "".
std::string_view SourceBelowChart(std::string_view document) {
  constexpr std::string_view kSource = "# Source: ";
  const std::size_t at = document.find(kSource);
  if (at == std::string_view::npos) return "";
  std::string_view path = document.substr(at + kSource.size());
  path = path.substr(0, path.find('\n'));
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? "" : path.substr(slash + 1);
}

}  // namespace

std::string TemplateStream(const Output& output) {
  std::string manifests;
  std::string hooks;
  for (const RenderedDocument& document : output.documents) {
    Append(document, document.is_hook ? hooks : manifests);
  }
  return std::string(Trim(manifests)) + "\n" + hooks;
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
