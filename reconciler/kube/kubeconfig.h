#pragma once
// Kubeconfig: where a cluster is and who we are there.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/core/secret.h"
#include "base/net/proxy.h"
#include "base/net/tls.h"
#include "base/value/value.h"

namespace swell::kube {

// A client-go credential plugin. Run only if the command is on the server's allow-list.
struct ExecPlugin {
  std::string api_version;  // client.authentication.k8s.io/v1 or /v1beta1
  std::string command;      // an absolute path
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  // added to the allowed environment
  bool provide_cluster_info = false;
  friend bool operator==(const ExecPlugin&, const ExecPlugin&) = default;
};

// Whom the API server is to take us for; who we are needs the verb "impersonate" there.
struct Impersonation {
  std::string user;  // "" = nobody else
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
  friend bool operator==(const Impersonation&, const Impersonation&) = default;
};

// Everything needed to talk to one API server. Of token, token_file and exec at most one is
// set; a client certificate may come with any.
struct ClusterAccess {
  std::string server;  // "https://host:port" or "http://host:port", perhaps with a path
  net::TlsConfig tls;  // insecure_skip_verify must be shown to whoever looks at the cluster
  Secret token;
  std::string token_file;  // re-read when it changes
  // Where tls.ca_pem and the client's certificate came from, "" for inline data: the files are
  // re-read when they change.
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
  ExecPlugin exec;  // command "" = none
  Impersonation impersonate;
  std::optional<net::Proxy> proxy;    // proxy-url
  std::string default_namespace;      // of the context; "" = none
  std::vector<std::string> warnings;  // "TLS verification is off", "plain http", …
};

struct KubeconfigOptions {
  std::string file;     // for messages
  std::string context;  // "" takes current-context
  // Relative file names are resolved against this folder. With "", they are refused.
  std::string base_dir;
  // Whether the kubeconfig may name files of this machine at all (certificates, tokens):
  // not for ones that came over the network.
  enum class Files { kAllow, kRefuse } files = Files::kAllow;
  // Commands (absolute paths) that a credential plugin may run.
  std::vector<std::string> allowed_commands;
  std::size_t max_bytes = 4 * 1024 * 1024;
};

// Reads one context. Certificate files are read at once (and again when they change), token
// files when they are used. kInvalidArgument names the file and field at fault; kUnimplemented
// names what Swell refuses: basic auth, auth-provider; kPermissionDenied a plugin that is not on
// the allow-list. Never repeats credentials.
Result<ClusterAccess> ParseKubeconfig(std::string_view text, const KubeconfigOptions& options);

// The same from a file, relative names resolved against its folder.
Result<ClusterAccess> LoadKubeconfig(const std::string& path, KubeconfigOptions options);

// Parses a file once for the many clusters that it may name: the file that was asked for last is
// kept, and parsed again where it does not hold the same bytes any more. Thread-safe.
class KubeconfigFile {
 public:
  // As LoadKubeconfig.
  Result<ClusterAccess> Load(const std::string& path, KubeconfigOptions options);

 private:
  std::mutex mutex_;  // guards all below
  std::string path_;
  std::string text_;  // holds credentials, as every connection does
  Value root_;
};

// Inside a pod: the service account's token file, CA, and KUBERNETES_SERVICE_HOST/PORT.
Result<ClusterAccess> InClusterAccess();

}  // namespace swell::kube
