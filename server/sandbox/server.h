#pragma once
// A simulated cluster behind a port: HTTP/1.1 for kubectl and curl, HTTP/2 with prior knowledge
// for Swell's own client, both in plain text.

#include <cstdint>
#include <memory>
#include <string>

#include "base/core/result.h"
#include "base/net/loop.h"
#include "server/sandbox/cluster.h"

namespace swell::sandbox {

// Runs a cluster's later calls on a network loop.
class LoopScheduler final : public Scheduler {
 public:
  explicit LoopScheduler(net::Loop& loop) : loop_(loop) {}
  void After(Duration delay, Function fn) override { loop_.PostAfter(delay, std::move(fn)); }

 private:
  net::Loop& loop_;
};

// The network side of one cluster. The cluster lives on the loop's thread.
class ClusterServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one
    ClusterOptions cluster;
  };
  // Listens when it returns; errors name the address and port. Must not be called on the loop's
  // thread. Loop, scheduler, clock and interner must outlive it; the interner belongs to the
  // loop's thread.
  static Result<std::unique_ptr<ClusterServer>> Start(net::Loop& loop, Scheduler& scheduler,
                                                      const Clock& clock, Interner& interner,
                                                      Options options);
  // Stops listening and cuts every connection.
  ~ClusterServer();

  std::uint16_t port() const;
  // "http://127.0.0.1:40001"
  std::string url() const;

 private:
  struct Impl;
  explicit ClusterServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace swell::sandbox
