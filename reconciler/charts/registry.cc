#include "reconciler/charts/registry.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/net/url.h"
#include "base/text/semver.h"
#include "base/value/json.h"
#include "reconciler/charts/versions.h"

namespace swell::charts {
namespace {

constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kConfigType = "application/vnd.cncf.helm.config.v1+json";
constexpr std::string_view kChartType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
constexpr std::string_view kLegacyChartType = "application/tar+gzip";

constexpr std::size_t kMaxManifestBytes = 4u << 20;  // as other clients
constexpr std::size_t kMaxTagPageBytes = 16u << 20;
constexpr int kMaxTagPages = 100;

Error NoChart(const std::string& why) {
  return FailedPrecondition("the manifest is not a Helm chart's: " + why);
}

}  // namespace

std::string NextLink(std::string_view header) {
  for (const std::string_view link : Split(header, ',')) {
    const std::size_t open = link.find('<'), close = link.find('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) continue;
    const std::string_view parameters = link.substr(close + 1);
    if (parameters.find("rel=\"next\"") == std::string_view::npos &&
        parameters.find("rel=next") == std::string_view::npos) {
      continue;
    }
    return std::string(link.substr(open + 1, close - open - 1));
  }
  return "";
}

Result<OciManifest> ParseManifest(std::string_view text, const Digest& digest) {
  const Value manifest = TRY_WRAP(json::Parse(text), "read the manifest");
  const std::string type = manifest["mediaType"].str();
  if (type == kIndexType || manifest.Has("manifests")) {
    return Fail(NoChart("it is an index of several images"));
  }
  const std::string config = manifest["config"]["mediaType"].str();
  if (config != kConfigType) {
    return Fail(NoChart("its config is " + Quote(config) + ", not " + std::string(kConfigType)));
  }
  OciManifest out;
  out.digest = digest;
  for (const Value& layer : manifest["layers"].items()) {
    const std::string_view media = layer["mediaType"].as_string();
    if (media != kChartType && media != kLegacyChartType) continue;
    out.archive = TRY_WRAP(Digest::Parse(layer["digest"].as_string()), "the chart's layer");
    out.archive_bytes =
        static_cast<std::uint64_t>(std::max<std::int64_t>(layer["size"].as_int(), 0));
  }
  if (out.archive.empty()) return Fail(NoChart("it has no layer " + std::string(kChartType)));
  const Value& annotations = manifest["annotations"];
  out.version = annotations["org.opencontainers.image.version"].str();
  const auto created = ParseTimestamp(annotations["org.opencontainers.image.created"].str());
  if (created) out.created = *created;
  return out;
}

std::string OciRepository::Base() const {
  // Docker Hub's API has another name than the registry.
  const std::string host = name_.registry == "docker.io" ? "registry-1.docker.io" : name_.registry;
  return (access_.plain_http ? "http://" : "https://") + host + "/v2/" + name_.repository;
}

Result<fetch::HttpResponse> OciRepository::Get(fetch::HttpRequest request, Deadline deadline) {
  request.ca_file = access_.ca_file;
  const std::string url = fetch::ShowUrl(request.url);
  fetch::HttpResponse response = TRY(client_.Get(
      std::move(request), "repository:" + name_.repository + ":pull", access_, deadline));
  switch (response.status) {
    case 200:
      return response;
    case 401:
    case 403:
      return Fail(Rejected(response, url, access_));
    case 404:
      return Fail(NotFound(url + " is not there"));
    default:
      return Fail(Unavailable(url + " answers " + std::to_string(response.status) + " " +
                              std::string(net::StatusText(response.status))));
  }
}

Result<std::vector<std::string>> OciRepository::Versions(Deadline deadline) {
  std::vector<std::string> out;
  net::Url at = TRY(net::Url::Parse(Base() + "/tags/list?n=1000"));
  for (int page = 1;; ++page) {
    fetch::HttpRequest request;
    request.url = at.ToString();
    request.max_bytes = kMaxTagPageBytes;
    request.budget = "max_tag_page_bytes";
    const fetch::HttpResponse response = TRY(Get(std::move(request), deadline));
    const Value tags = TRY_WRAP(json::Parse(response.body), "read the tags of " + name_.ToString());
    for (const Value& tag : tags["tags"].items()) {
      std::string version = VersionOf(tag.as_string());
      if (Semver::ParseStrict(version)) out.push_back(std::move(version));
    }
    const std::string next = NextLink(response.headers.Get("link"));
    if (next.empty()) break;
    if (page == kMaxTagPages) {
      return Fail(ResourceExhausted(name_.ToString() + " has more than " +
                                    std::to_string(kMaxTagPages) +
                                    " pages of tags (budget max_tag_pages)"));
    }
    const net::Url follow = TRY_WRAP(at.Resolve(next), "the next page of tags");
    if (follow.Origin() != at.Origin()) {
      return Fail(Error(ErrorCode::kPermissionDenied,
                        name_.ToString() + ": the next page of tags is at another host, " +
                            fetch::ShowUrl(next)));
    }
    at = follow;
  }
  SortNewestFirst(out);
  return out;
}

Result<OciManifest> OciRepository::Manifest(const std::string& reference, Deadline deadline) {
  const bool by_digest = reference.starts_with("sha256:");
  if (!by_digest && !IsTag(reference)) {
    return Fail(InvalidArgument(Quote(reference) + " cannot be a tag"));
  }
  fetch::HttpRequest request;
  request.url = Base() + "/manifests/" + reference;
  request.headers = {{"Accept", std::string(kManifestType) + ", " + std::string(kIndexType)}};
  request.max_bytes = kMaxManifestBytes;
  request.budget = "max_manifest_bytes";
  const fetch::HttpResponse response = TRY(Get(std::move(request), deadline));
  const Digest digest = Digest::Of(response.body);
  // What the registry says it is must be what came; a tag alone proves nothing.
  const std::string said(by_digest ? std::string_view(reference)
                                   : response.headers.Get("docker-content-digest"));
  if (said.starts_with("sha256:") && said != digest.ToString()) {
    return Fail(Error(ErrorCode::kDataLoss, "the manifest of " + name_.ToString() + " should be " +
                                                said + " but is " + digest.ToString()));
  }
  return TRY_WRAP(ParseManifest(response.body, digest), name_.ToString() + " " + reference);
}

Result<std::string> OciRepository::Blob(const Digest& digest, std::uint64_t max_bytes,
                                        Deadline deadline) {
  fetch::HttpRequest request;
  request.url = Base() + "/blobs/" + digest.ToString();
  request.max_bytes = max_bytes;
  request.budget = "max_archive_bytes";
  fetch::HttpResponse response = TRY(Get(std::move(request), deadline));
  const Digest got = Digest::Of(response.body);
  if (got != digest) {
    return Fail(Error(ErrorCode::kDataLoss, "the archive of " + name_.ToString() + " should be " +
                                                digest.ToString() + " but is " + got.ToString()));
  }
  return std::move(response.body);
}

}  // namespace swell::charts
