#pragma once
// What a new object gets from the cluster itself: uid, addresses, ports, generated names.

#include <cstdint>
#include <random>
#include <string>

#include "base/value/value.h"
#include "server/sandbox/resource.h"

namespace swell::sandbox {

class Allocator {
 public:
  explicit Allocator(std::uint64_t seed) : random_(seed) {}

  std::string Uid();
  // Five letters and digits, as generateName appends.
  std::string Suffix();
  // A load balancer's public address.
  std::string PublicAddress();
  std::string PodAddress();

  // Fills in what depends on the cluster: a Service's addresses and ports, a Job's selector, a
  // Namespace's finalizer, first statuses. `old` is null for a new object; then
  // object.metadata.uid is set already.
  Value Fill(const Resource& resource, const Value& object, const Value* old);

 private:
  Value FillService(const Value& service, const Value* old);
  std::string ClusterAddress();

  std::mt19937_64 random_;
  std::uint32_t next_service_ = 10;
  std::uint32_t next_pod_ = 2;
  std::uint32_t next_public_ = 1;
  std::uint32_t next_node_port_ = 0;
};

}  // namespace swell::sandbox
