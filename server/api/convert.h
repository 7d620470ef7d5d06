#pragma once
// The domain as API messages. Generated types stop at this room's door.

#include "server/control/engine.h"
#include "swell/v1/swell.pb.h"

namespace swell::api {

namespace v1 = ::swell::v1;

enum class Clusters { kWith, kWithout };

void Fill(const Revision& from, v1::Revision& to);
void Fill(const Health& from, v1::Health& to);
void Fill(const RolloutState& from, Clusters clusters, v1::Rollout& to);
void Fill(const control::ApplicationStatus& from, v1::ApplicationStatus& to);
void Fill(const control::ClusterStatus& from, v1::ClusterStatus& to);
void Fill(const control::DiffResult& from, v1::DiffResponse& to);
void Fill(const LedgerEvent& from, v1::Event& to);
void FillDiffGroup(const control::DiffGroup& from, v1::DiffGroup& to);
void Fill(const VerifyReport& from, v1::VerifyHistoryResponse& to);

}  // namespace swell::api
