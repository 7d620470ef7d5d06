#include "reconciler/kube/kubeconfig.h"

#include <algorithm>
#include <cstdlib>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "base/net/url.h"
#include "base/value/yaml.h"
#include "reconciler/kube/read_file.h"

namespace swell::kube {
namespace {

// One entry of clusters, users or contexts, and how to speak of it.
class Entry {
 public:
  Entry(const Value& value, std::string where, const KubeconfigOptions& options)
      : value_(value), where_(std::move(where)), options_(options) {}

  Error Bad(std::string_view field, const std::string& why) const {
    return InvalidArgument(Where(field) + ": " + why);
  }
  Error Refused(std::string_view field, const std::string& why) const {
    return Unimplemented(Where(field) + ": " + why);
  }
  std::string Where(std::string_view field) const { return where_ + "." + std::string(field); }
  bool Has(std::string_view field) const {
    const Value& v = value_[field];
    return !v.is_null() && !(v.is_string() && v.as_string().empty());
  }
  const Value& operator[](std::string_view field) const { return value_[field]; }

  // A string; "" where absent.
  Result<std::string> String(std::string_view field) const {
    const Value& v = value_[field];
    if (v.is_null()) return std::string();
    if (!v.is_string()) return Fail(Bad(field, "must be a string"));
    return v.str();
  }

  // The name of a file, absolute; "" where absent.
  Result<std::string> Path(std::string_view field) const {
    std::string path = TRY(String(field));
    if (path.empty()) return path;
    if (options_.files == KubeconfigOptions::Files::kRefuse) {
      return Fail(InvalidArgument(Where(field) + ": files of the server may not be named here; " +
                                  "put the content inline (the field ending in -data, or token)"));
    }
    if (path.starts_with('/')) return path;
    if (options_.base_dir.empty()) return Fail(Bad(field, "must be an absolute path"));
    return options_.base_dir + "/" + path;
  }

  // The file that DataOrFile(field) reads, or "".
  Result<std::string> FileOf(std::string_view field) const {
    if (Has(std::string(field) + "-data")) return std::string();
    return Path(field);
  }

  // `field`-data decoded, else the content of the file in `field`; "" where both are absent.
  Result<std::string> DataOrFile(std::string_view field) const {
    const std::string data_field = std::string(field) + "-data";
    const std::string data = TRY(String(data_field));
    if (!data.empty()) {
      auto decoded = Base64Decode(data);
      if (!decoded) return Fail(Bad(data_field, "is not base64"));
      return std::move(*decoded);
    }
    const std::string path = TRY(Path(field));
    if (path.empty()) return path;
    return TRY_WRAP(ReadFile(path, options_.max_bytes), Where(field));
  }

 private:
  const Value& value_;
  std::string where_;
  const KubeconfigOptions& options_;
};

// clusters[name].cluster and its like. client-go takes the first of equal names.
Result<Entry> FindEntry(const Value& root, const char* list, const char* inner,
                        const std::string& name, const std::string& why,
                        const KubeconfigOptions& options) {
  const auto items = root[list].items();
  for (const Value& item : items) {
    if (item["name"].as_string() == name) {
      return Entry(item[inner], options.file + ": " + list + "[" + name + "]." + inner, options);
    }
  }
  std::vector<std::string> names;
  for (const Value& item : items.first(std::min<std::size_t>(items.size(), 20))) {
    names.push_back(item["name"].str());
  }
  return Fail(InvalidArgument(options.file + ": " + why + " " + Quote(name) + " is not in " + list +
                              " (there are: " + Join(names, ", ") + ")"));
}

Status ReadCluster(const Entry& cluster, ClusterAccess& access) {
  access.server = TRY(cluster.String("server"));
  if (access.server.empty()) return Fail(cluster.Bad("server", "is missing"));
  const auto url = net::Url::Parse(access.server);
  if (!url) return Fail(cluster.Bad("server", url.error().message()));
  if (url->scheme != "https" && url->scheme != "http") {
    return Fail(
        cluster.Bad("server", "scheme " + Quote(url->scheme) + " is neither https nor http"));
  }
  if (!url->query.empty() || !url->fragment.empty()) {
    return Fail(cluster.Bad("server", "must not have a query or fragment"));
  }
  if (const std::string text = TRY(cluster.String("proxy-url")); !text.empty()) {
    auto proxy = net::Proxy::Parse(text);
    if (!proxy) return Fail(cluster.Bad("proxy-url", proxy.error().message()));
    access.proxy = std::move(*proxy);
  }
  access.tls.ca_pem = TRY(cluster.DataOrFile("certificate-authority"));
  access.ca_file = TRY(cluster.FileOf("certificate-authority"));
  access.tls.server_name = TRY(cluster.String("tls-server-name"));
  access.tls.insecure_skip_verify = cluster["insecure-skip-tls-verify"].as_bool();
  if (access.tls.insecure_skip_verify) {
    if (!access.tls.ca_pem.empty()) {
      return Fail(cluster.Bad("insecure-skip-tls-verify", "contradicts certificate-authority"));
    }
    access.warnings.push_back("insecure-skip-tls-verify: the server's certificate is not verified");
  }
  if (url->scheme == "http") {
    access.warnings.push_back("plain http: neither encrypted nor verified");
  }
  return {};
}

Status ReadExec(const Entry& user, const KubeconfigOptions& options, ExecPlugin& exec) {
  const Value& value = user["exec"];
  exec.api_version = value["apiVersion"].str();
  if (exec.api_version != "client.authentication.k8s.io/v1" &&
      exec.api_version != "client.authentication.k8s.io/v1beta1") {
    return Fail(user.Refused(
        "exec.apiVersion",
        Quote(exec.api_version) + " is neither client.authentication.k8s.io/v1 nor v1beta1"));
  }
  const std::string command = value["command"].str();
  if (std::ranges::find(options.allowed_commands, command) == options.allowed_commands.end()) {
    return Fail(Error(ErrorCode::kPermissionDenied,
                      user.Where("exec.command") + ": " + Quote(command) +
                          " is not on the server's list of allowed credential plugins (swelld "
                          "--allow-exec)" +
                          (command.starts_with('/') ? "" : "; it must be an absolute path")));
  }
  if (!command.starts_with('/')) {
    return Fail(user.Bad("exec.command", "must be an absolute path"));
  }
  if (value["interactiveMode"].as_string() == "Always") {
    return Fail(user.Refused("exec.interactiveMode", "a server has nobody to ask"));
  }
  exec.command = command;
  for (const Value& arg : value["args"].items()) {
    if (!arg.is_string()) return Fail(user.Bad("exec.args", "must be strings"));
    exec.args.push_back(arg.str());
  }
  for (const Value& env : value["env"].items()) {
    const std::string name = env["name"].str();
    if (name.empty() || name.contains('=')) return Fail(user.Bad("exec.env", "has a bad name"));
    exec.env.emplace_back(name, env["value"].str());
  }
  exec.provide_cluster_info = value["provideClusterInfo"].as_bool();
  return {};
}

Status RefuseUnsupported(const Entry& user) {
  if (user.Has("username") || user.Has("password")) {
    return Fail(user.Refused("username",
                             "basic authentication is not supported: API servers "
                             "dropped it in 1.19; use a token or a client certificate"));
  }
  if (user.Has("auth-provider")) {
    return Fail(user.Refused("auth-provider",
                             "is not supported: client-go dropped it in 1.26; "
                             "use exec or a token"));
  }
  return {};
}

Result<std::vector<std::string>> Strings(const Entry& user, const std::string& field,
                                         const Value& list) {
  std::vector<std::string> out;
  if (!list.is_null() && !list.is_array()) return Fail(user.Bad(field, "must be a list"));
  for (const Value& item : list.items()) {
    // They become header fields.
    if (!item.is_string() || item.as_string().find_first_of("\r\n") != std::string_view::npos) {
      return Fail(user.Bad(field, "must be strings without line breaks"));
    }
    out.push_back(item.str());
  }
  return out;
}

Status ReadImpersonation(const Entry& user, Impersonation& out) {
  out.user = TRY(user.String("as"));
  out.uid = TRY(user.String("as-uid"));
  out.groups = TRY(Strings(user, "as-groups", user["as-groups"]));
  const Value& extra = user["as-user-extra"];
  if (!extra.is_null() && !extra.is_object()) {
    return Fail(user.Bad("as-user-extra", "must be lists of strings by name"));
  }
  for (const auto& [name, values] : extra.members()) {
    const std::string key = name.str();
    out.extra[key] = TRY(Strings(user, "as-user-extra[" + key + "]", values));
  }
  if ((out.user + out.uid).find_first_of("\r\n") != std::string::npos) {
    return Fail(user.Bad("as", "holds line breaks"));
  }
  // As client-go says.
  if (out.user.empty() && !(out.uid.empty() && out.groups.empty() && out.extra.empty())) {
    return Fail(user.Bad("as", "is missing: as-uid, as-groups and as-user-extra go with it"));
  }
  return {};
}

Status ReadUser(const Entry& user, const KubeconfigOptions& options, ClusterAccess& access) {
  TRY(RefuseUnsupported(user));
  access.tls.client_cert_pem = TRY(user.DataOrFile("client-certificate"));
  access.tls.client_key = Secret(TRY(user.DataOrFile("client-key")));
  access.client_cert_file = TRY(user.FileOf("client-certificate"));
  access.client_key_file = TRY(user.FileOf("client-key"));
  TRY(ReadImpersonation(user, access.impersonate));
  access.token_file = TRY(user.Path("tokenFile"));
  // A token file takes precedence, as in client-go.
  if (access.token_file.empty()) access.token = Secret(TRY(user.String("token")));
  if (!user["exec"].is_null()) {
    if (!access.token.empty() || !access.token_file.empty()) {
      return Fail(user.Bad("exec", "contradicts token and tokenFile"));
    }
    TRY(ReadExec(user, options, access.exec));
  }
  return {};
}

bool IsHttps(const std::string& server) { return ToLower(server.substr(0, 8)) == "https://"; }

Result<Value> ParseDocument(std::string_view text, const KubeconfigOptions& options) {
  if (text.size() > options.max_bytes) {
    return Fail(ResourceExhausted(options.file + ": larger than " +
                                  std::to_string(options.max_bytes) + " bytes"));
  }
  auto parsed = yaml::Parse(text, {.file = options.file, .max_depth = 64, .max_nodes = 200'000});
  if (!parsed) {
    // The parser's words may quote the text, which holds credentials: only the place is kept.
    Error error = InvalidArgument(options.file + ": not valid YAML");
    if (parsed.error().span()) error.At(*parsed.error().span());
    return Fail(std::move(error));
  }
  if (!parsed->is_object() || (*parsed)["kind"].as_string() != "Config") {
    return Fail(InvalidArgument(options.file + ": no kubeconfig (kind is not Config)"));
  }
  return *std::move(parsed);
}

Result<ClusterAccess> ReadContext(const Value& root, const KubeconfigOptions& options) {
  const std::string context_name =
      options.context.empty() ? root["current-context"].str() : options.context;
  if (context_name.empty()) {
    return Fail(InvalidArgument(options.file + ": no context was asked for and current-context "
                                               "is not set"));
  }
  const Entry context =
      TRY(FindEntry(root, "contexts", "context", context_name, "context", options));
  ClusterAccess access;
  access.default_namespace = TRY(context.String("namespace"));
  const std::string cluster_name = TRY(context.String("cluster"));
  const std::string user_name = TRY(context.String("user"));
  TRY(ReadCluster(
      TRY(FindEntry(root, "clusters", "cluster", cluster_name, context.Where("cluster"), options)),
      access));
  if (!user_name.empty()) {
    TRY(ReadUser(TRY(FindEntry(root, "users", "user", user_name, context.Where("user"), options)),
                 options, access));
  }
  if (IsHttps(access.server)) TRY_WRAP(net::CheckTlsConfig(access.tls), options.file);
  return access;
}

// As those of a file are read.
KubeconfigOptions ForFile(const std::string& path, KubeconfigOptions options) {
  if (options.file.empty()) options.file = path;
  const auto slash = path.rfind('/');
  options.base_dir = slash == std::string::npos ? "." : path.substr(0, slash);
  return options;
}

}  // namespace

Result<ClusterAccess> ParseKubeconfig(std::string_view text, const KubeconfigOptions& given) {
  KubeconfigOptions options = given;
  if (options.file.empty()) options.file = "kubeconfig";
  return ReadContext(TRY(ParseDocument(text, options)), options);
}

Result<ClusterAccess> LoadKubeconfig(const std::string& path, KubeconfigOptions options) {
  return ParseKubeconfig(TRY(ReadFile(path, options.max_bytes)), ForFile(path, std::move(options)));
}

Result<ClusterAccess> KubeconfigFile::Load(const std::string& path, KubeconfigOptions given) {
  const KubeconfigOptions options = ForFile(path, std::move(given));
  std::string text = TRY(ReadFile(path, options.max_bytes));
  Value root;
  {
    const std::lock_guard lock(mutex_);
    if (path == path_ && text == text_) root = root_;
  }
  if (root.is_null()) {
    root = TRY(ParseDocument(text, options));
    const std::lock_guard lock(mutex_);
    path_ = path;
    text_ = std::move(text);
    root_ = root;
  }
  return ReadContext(root, options);
}

Result<ClusterAccess> InClusterAccess() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (!host || !port) {
    return Fail(FailedPrecondition(
        "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"));
  }
  const std::string dir = "/var/run/secrets/kubernetes.io/serviceaccount/";
  ClusterAccess access;
  const std::string name = host;
  access.server = "https://" + (name.contains(':') ? "[" + name + "]" : name) + ":" + port;
  access.tls.ca_pem = TRY(ReadFile(dir + "ca.crt", 4 * 1024 * 1024));
  access.ca_file = dir + "ca.crt";
  access.token_file = dir + "token";
  TRY(net::Url::Parse(access.server));
  TRY(net::CheckTlsConfig(access.tls));
  return access;
}

}  // namespace swell::kube
