#pragma once
// The gRPC server: the engine's door for pipelines and the CLI.

#include <memory>
#include <string>

#include "base/core/result.h"
#include "server/control/engine.h"

namespace swell::api {

struct ServerOptions {
  std::string address = "127.0.0.1:7420";  // port 0 takes any free one
  std::size_t threads = 8;                 // for calls that wait for the engine
  std::size_t max_streams = 1000;          // calls that go on: watches, logs
};

// Thread-safe. Reflection and the standard health service are on.
class Server {
 public:
  // `engine` must outlive it. kUnavailable where the address cannot be had.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                               control::Engine& engine);
  // As Stop.
  virtual ~Server() = default;
  virtual int port() const = 0;
  // Ends every call, watches included.
  virtual void Stop() = 0;
};

}  // namespace swell::api
