#include "cli/commands/declared.h"

#include <fstream>
#include <sstream>
#include <vector>

#include "reconciler/domain/source.h"
#include "reconciler/fleet/overrides.h"

namespace swell::cli {
namespace {

Result<std::vector<Resource>> ReadResources(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return Fail(NotFound("cannot read " + file));
  return ParseResources(text.str(), file);
}

}  // namespace

Result<RenderRequest> DeclaredRequest(const std::string& file, Cluster cluster) {
  std::vector<Resource> resources = TRY(ReadResources(file));
  const Application* application = nullptr;
  int applications = 0;
  for (const Resource& resource : resources) {
    if (const auto* declared = std::get_if<Cluster>(&resource)) {
      if (declared->name != cluster.name) continue;
      cluster.labels.insert(declared->labels.begin(), declared->labels.end());
    } else if (const auto* found = std::get_if<Application>(&resource)) {
      application = found;
      ++applications;
    }
  }
  if (applications != 1) {
    return Fail(InvalidArgument(file + " holds " + std::to_string(applications) +
                                " Applications; one is rendered at a time"));
  }
  if (IsChart(KeyOf(application->source))) {
    return Fail(Unimplemented(file + ": the source of " + application->name +
                              " is a chart of a chart repository, not a folder; fetch it and "
                              "render its folder"));
  }
  return fleet::RequestFor(*application, cluster);
}

}  // namespace swell::cli
