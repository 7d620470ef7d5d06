#pragma once
// Runs a credential plugin. For reconciler/kube's own sources.

#include <optional>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/kube/kubeconfig.h"

namespace swell::kube {

// What a plugin gives, or files do.
struct Credential {
  Secret token;                 // or empty
  std::string client_cert_pem;  // with client_key, or empty
  Secret client_key;
  std::string ca_pem;  // that the server's certificate is verified by; "" = as ClusterAccess says
  std::optional<Timestamp> expires;
};

struct ExecLimits {
  Duration timeout = std::chrono::seconds(30);
  std::size_t max_output_bytes = 256 * 1024;
};

// Blocks until the plugin ends. It gets PATH, HOME, what the kubeconfig adds and
// KUBERNETES_EXEC_INFO; its standard error is quoted in errors, its output never is.
Result<Credential> RunExecPlugin(const ExecPlugin& plugin, const ClusterAccess& access,
                                 const ExecLimits& limits = {});

// Reads an ExecCredential of the given apiVersion.
Result<Credential> ParseExecCredential(std::string_view text, const std::string& api_version);

}  // namespace swell::kube
