#pragma once
// Charts in OCI registries: tags, manifests, blobs (the distribution specification, version 1).

#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "reconciler/charts/oci_name.h"
#include "reconciler/charts/registry_auth.h"

namespace swell::charts {

// What a chart's manifest says.
struct OciManifest {
  Digest digest;   // of the manifest itself
  Digest archive;  // of the layer that is the chart
  std::uint64_t archive_bytes = 0;
  std::string version;  // its annotation; "" where it has none
  Timestamp created;    // its annotation; epoch: unknown
};

// One chart's repository. Not thread-safe; cheap to make.
class OciRepository {
 public:
  // `client` must outlive it.
  OciRepository(RegistryClient& client, OciName name, Access access)
      : client_(client), name_(std::move(name)), access_(std::move(access)) {}

  // Every version that a tag names, newest first; tags that are no versions are left out.
  Result<std::vector<std::string>> Versions(Deadline deadline);
  // By tag, or by digest ("sha256:…"). kFailedPrecondition where it is no chart's manifest,
  // kDataLoss where it is not what its digest says.
  Result<OciManifest> Manifest(const std::string& reference, Deadline deadline);
  // The blob's bytes, verified: kDataLoss where they are not what was asked for.
  Result<std::string> Blob(const Digest& digest, std::uint64_t max_bytes, Deadline deadline);

 private:
  std::string Base() const;
  Result<fetch::HttpResponse> Get(fetch::HttpRequest request, Deadline deadline);

  RegistryClient& client_;
  const OciName name_;
  const Access access_;
};

// The "next" of a Link header: "</v2/a/tags/list?last=b>; rel=\"next\""; "" where there is none.
std::string NextLink(std::string_view header);

// A manifest's text; `digest` is its own.
Result<OciManifest> ParseManifest(std::string_view text, const Digest& digest);

}  // namespace swell::charts
