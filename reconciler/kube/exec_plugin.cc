#include "reconciler/kube/exec_plugin.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "base/runtime/deadline.h"
#include "base/value/json.h"
#include "reconciler/kube/text.h"

namespace swell::kube {
namespace {

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd() { Close(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  void Reset(int fd) {
    Close();
    fd_ = fd;
  }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

struct Pipe {
  Fd read, write;
  bool Open() {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) return false;
    read.Reset(fds[0]);
    write.Reset(fds[1]);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    return true;
  }
};

std::string ExecInfo(const ExecPlugin& plugin, const ClusterAccess& access) {
  Value spec = Value::EmptyObject().With("interactive", Value(false));
  if (plugin.provide_cluster_info) {
    Value cluster = Value::EmptyObject().With("server", Value(access.server));
    if (!access.tls.ca_pem.empty()) {
      cluster = cluster.With("certificate-authority-data", Value(Base64Encode(access.tls.ca_pem)));
    }
    if (!access.tls.server_name.empty()) {
      cluster = cluster.With("tls-server-name", Value(access.tls.server_name));
    }
    if (access.proxy) {
      cluster = cluster.With("proxy-url", Value(access.proxy->WithCredentials().Reveal()));
    }
    if (access.tls.insecure_skip_verify) {
      cluster = cluster.With("insecure-skip-tls-verify", Value(true));
    }
    spec = spec.With("cluster", cluster);
  }
  return json::Write(Value::EmptyObject()
                         .With("kind", Value("ExecCredential"))
                         .With("apiVersion", Value(plugin.api_version))
                         .With("spec", spec));
}

std::vector<std::string> Environment(const ExecPlugin& plugin, const ClusterAccess& access) {
  std::vector<std::string> env;
  for (const char* name : {"PATH", "HOME"}) {
    if (const char* value = std::getenv(name)) env.push_back(std::string(name) + "=" + value);
  }
  for (const auto& [name, value] : plugin.env) env.push_back(name + "=" + value);
  env.push_back("KUBERNETES_EXEC_INFO=" + ExecInfo(plugin, access));
  return env;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& s : strings) out.push_back(s.data());
  out.push_back(nullptr);
  return out;
}

// A process group of its own, so that a timeout ends the plugin's children too.
Result<pid_t> Spawn(const ExecPlugin& plugin, const ClusterAccess& access, const Pipe& out,
                    const Pipe& err) {
  std::vector<std::string> args = {plugin.command};
  args.insert(args.end(), plugin.args.begin(), plugin.args.end());
  std::vector<std::string> env = Environment(plugin, access);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, err.write.get(), 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, plugin.command.c_str(), &actions, &attributes,
                                Pointers(args).data(), Pointers(env).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return Fail(Unavailable("credential plugin " + plugin.command +
                            " cannot be started: " + std::strerror(error)));
  }
  return pid;
}

// Reads what is there. False at the end of the stream.
bool ReadSome(Fd& fd, std::string& to, std::size_t max) {
  char buffer[8192];
  const ssize_t n = read(fd.get(), buffer, sizeof buffer);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  to.append(buffer, static_cast<std::size_t>(n));
  if (to.size() > max) to.resize(max + 1);
  return true;
}

enum class Ended { kByItself, kTimeout, kTooMuch };

Ended ReadAll(Pipe& out, Pipe& err, Deadline deadline, const ExecLimits& limits, std::string& text,
              std::string& errors) {
  constexpr std::size_t kMaxErrors = 4096;
  while (out.read.get() >= 0 || err.read.get() >= 0) {
    pollfd fds[2] = {{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}};
    const auto wait = deadline.Remaining();
    if (wait.count() == 0) return Ended::kTimeout;
    if (poll(fds, 2, static_cast<int>(wait.count())) < 0 && errno != EINTR) break;
    if (fds[0].revents != 0 && !ReadSome(out.read, text, limits.max_output_bytes)) out.read.Close();
    if (fds[1].revents != 0 && !ReadSome(err.read, errors, kMaxErrors)) err.read.Close();
    if (text.size() > limits.max_output_bytes) return Ended::kTooMuch;
  }
  return Ended::kByItself;
}

// The exit status, or nothing where the process had to be killed.
std::optional<int> Reap(pid_t pid, Ended ended, Deadline deadline) {
  int status = 0;
  while (ended == Ended::kByItself) {
    const pid_t reaped = waitpid(pid, &status, WNOHANG);
    if (reaped == pid) return status;
    if (reaped < 0 && errno != EINTR) return std::nullopt;
    if (deadline.passed()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill(-pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return std::nullopt;
}

}  // namespace

Result<Credential> RunExecPlugin(const ExecPlugin& plugin, const ClusterAccess& access,
                                 const ExecLimits& limits) {
  const std::string name = "credential plugin " + plugin.command;
  Pipe out, err;
  if (!out.Open() || !err.Open()) return Fail(Unavailable(name + ": no pipe: out of descriptors"));
  const Deadline deadline = Deadline::After(limits.timeout);
  const pid_t pid = TRY(Spawn(plugin, access, out, err));
  out.write.Close();
  err.write.Close();
  std::string text, errors;
  const Ended ended = ReadAll(out, err, deadline, limits, text, errors);
  const std::optional<int> status = Reap(pid, ended, deadline);
  if (ended == Ended::kTooMuch) {
    return Fail(ResourceExhausted(name + " printed more than " +
                                  std::to_string(limits.max_output_bytes) + " bytes"));
  }
  if (!status) {
    return Fail(Error(ErrorCode::kDeadlineExceeded,
                      name + " did not end within " + FormatDuration(limits.timeout)));
  }
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
    const std::string how = WIFEXITED(*status) ? "exit code " + std::to_string(WEXITSTATUS(*status))
                                               : "signal " + std::to_string(WTERMSIG(*status));
    return Fail(Error(ErrorCode::kUnauthenticated,
                      name + " failed (" + how + "): " + Printable(errors, 200)));
  }
  const Secret output(std::move(text));
  return TRY_WRAP(ParseExecCredential(output.Reveal(), plugin.api_version), name);
}

Result<Credential> ParseExecCredential(std::string_view text, const std::string& api_version) {
  const auto bad = [](const std::string& why) {
    return Fail(Error(ErrorCode::kUnauthenticated, "bad ExecCredential: " + why));
  };
  const auto parsed = json::Parse(text, {.max_depth = 32, .max_nodes = 10'000});
  if (!parsed || !parsed->is_object()) return bad("the output is no JSON object");
  const Value& root = *parsed;
  if (root["kind"].as_string() != "ExecCredential") return bad("kind is not ExecCredential");
  if (root["apiVersion"].as_string() != api_version) {
    return bad("apiVersion is " + Quote(root["apiVersion"].as_string().substr(0, 100)) +
               ", the kubeconfig says " + api_version);
  }
  const Value& status = root["status"];
  Credential out;
  out.token = Secret(status["token"].str());
  out.client_cert_pem = status["clientCertificateData"].str();
  out.client_key = Secret(status["clientKeyData"].str());
  if (out.client_cert_pem.empty() != out.client_key.empty()) {
    return bad("clientCertificateData and clientKeyData go together");
  }
  if (out.token.empty() && out.client_cert_pem.empty()) {
    return bad("it holds neither a token nor a client certificate");
  }
  if (out.token.Reveal().find_first_of("\r\n") != std::string::npos) return bad("bad token");
  if (const std::string expires = status["expirationTimestamp"].str(); !expires.empty()) {
    const auto time = ParseTimestamp(expires);
    if (!time) return bad("expirationTimestamp is no RFC 3339 time");
    out.expires = *time;
  }
  return out;
}

}  // namespace swell::kube
