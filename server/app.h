#pragma once
// The only place where everything is put together.

#include <functional>
#include <memory>

#include "base/core/result.h"
#include "server/config/config.h"

namespace swell {

// A running swelld. Destroying it stops it: no call and no write goes on afterwards.
class App {
 public:
  // Makes the data folder if need be, opens the ledger, resumes rollouts, listens. `on_fenced`:
  // control::Options.
  static Result<std::unique_ptr<App>> Start(const config::ServerConfig& config,
                                            std::function<void(const Error&)> on_fenced);
  ~App();

  int grpc_port() const;
  int http_port() const;  // 0 where it is off

 private:
  struct Parts;
  explicit App(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace swell
