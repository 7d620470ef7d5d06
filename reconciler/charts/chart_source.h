#pragma once
// A chart of a chart repository or registry as a Source.

#include <memory>

#include "base/core/result.h"
#include "reconciler/charts/fetcher.h"
#include "reconciler/domain/source.h"

namespace swell::charts {

// Refs are versions, constraints, "" (the newest stable version), digests of manifests (registries
// alone), or the SHA-256 of an archive that is in the cache: what a Revision's commit holds.
// `fetcher` must outlive the source; credentials are its own. kInvalidArgument where the key
// names no chart.
Result<std::unique_ptr<Source>> OpenChart(Fetcher& fetcher, const SourceKey& key);

}  // namespace swell::charts
