#include "reconciler/kube/credentials.h"

#include "base/core/strings.h"
#include "base/telemetry/log.h"
#include "reconciler/kube/read_file.h"

namespace swell::kube {
namespace {

// How long the content of files is believed: rotation replaces it long before it expires.
constexpr std::chrono::seconds kFileAge{10};
// A credential is not used in its last moments.
constexpr std::chrono::seconds kExpiryMargin{10};
constexpr std::size_t kMaxToken = 256 * 1024;
constexpr std::size_t kMaxCertificates = 4 * 1024 * 1024;

Error NotUsable(const char* what, Error why) {
  return Error(ErrorCode::kUnauthenticated, std::string(what) + ": " + why.message());
}

Result<std::string> ReadCertificateFile(const std::string& path) {
  auto text = ReadFile(path, kMaxCertificates);
  if (!text) return Fail(NotUsable("certificate", std::move(text.error())));
  return text;
}

Result<Credential> ReadTokenFile(const std::string& path) {
  auto text = ReadFile(path, kMaxToken);
  if (!text) return Fail(NotUsable("token", std::move(text.error())));
  std::string token(Trim(*text));
  if (token.empty() || token.find_first_of("\r\n") != std::string::npos) {
    return Fail(Error(ErrorCode::kUnauthenticated, "token file " + path + " holds no token"));
  }
  Credential out;
  out.token = Secret(std::move(token));
  return out;
}

}  // namespace

CredentialSource::CredentialSource(net::Loop& loop, Executor* executor, const ClusterAccess& access)
    : loop_(loop.ref()), executor_(executor), access_(access) {
  if (!changes()) {
    auto fixed = std::make_shared<Credential>();
    fixed->token = access_.token;
    current_ = std::move(fixed);
  }
}

bool CredentialSource::changes() const {
  return !access_.token_file.empty() || !access_.exec.command.empty() ||
         !access_.client_cert_file.empty() || !access_.client_key_file.empty() ||
         !access_.ca_file.empty();
}

bool CredentialSource::Usable() const {
  if (!current_) return false;
  return !current_->expires || SystemClock().Now() + kExpiryMargin < *current_->expires;
}

bool CredentialSource::Old() const {
  // What a plugin gives lasts until it expires or is refused, files or not.
  if (!changes() || !access_.exec.command.empty()) return false;
  return std::chrono::steady_clock::now() - loaded_at_ >= kFileAge;
}

Result<Credential> CredentialSource::Load(const CredentialPtr& last) const {
  Credential out;
  if (!access_.token_file.empty()) {
    out = TRY(ReadTokenFile(access_.token_file));
  } else if (!access_.exec.command.empty()) {
    out = TRY(RunExecPlugin(access_.exec, access_));
  } else {
    out.token = access_.token;
  }
  TRY(LoadFiles(last, out));
  return out;
}

Status CredentialSource::LoadFiles(const CredentialPtr& last, Credential& out) const {
  const bool has_cert = !out.client_cert_pem.empty();  // of the plugin, which goes first
  const auto read = [&]() -> Status {
    using net::CheckTlsConfig;
    if (!access_.ca_file.empty()) out.ca_pem = TRY(ReadCertificateFile(access_.ca_file));
    const bool own_cert =
        !has_cert && !(access_.client_cert_file.empty() && access_.client_key_file.empty());
    if (!own_cert) return out.ca_pem.empty() ? Status() : CheckTlsConfig({.ca_pem = out.ca_pem});
    out.client_cert_pem = access_.client_cert_file.empty()
                              ? access_.tls.client_cert_pem
                              : TRY(ReadCertificateFile(access_.client_cert_file));
    out.client_key = access_.client_key_file.empty()
                         ? access_.tls.client_key
                         : Secret(TRY(ReadCertificateFile(access_.client_key_file)));
    return CheckTlsConfig({.ca_pem = out.ca_pem,
                           .client_cert_pem = out.client_cert_pem,
                           .client_key = out.client_key});
  };
  Status status = read();
  if (status || !last) return status;
  telemetry::LogWarning("certificate files are not usable: what was read before serves on",
                        {{"server", access_.server}, {"error", status.error()}});
  out.ca_pem = last->ca_pem;
  if (!has_cert) {
    out.client_cert_pem = last->client_cert_pem;
    out.client_key = last->client_key;
  }
  return {};
}

void CredentialSource::Get(Done done) {
  if (Usable()) {
    // Whoever calls need not wait for files that hardly ever change.
    if (Old()) StartLoading();
    return done(current_);
  }
  waiting_.push_back(std::move(done));
  StartLoading();
}

void CredentialSource::StartLoading() {
  if (std::exchange(loading_, true)) return;
  if (!executor_) return OnLoaded(Load(last_));  // files: Client::Create refuses plugins
  auto posted = executor_->Post([self = shared_from_this(), last = last_] {
    auto loaded = self->Load(last);
    self->loop_.Post(
        [self, loaded = std::move(loaded)]() mutable { self->OnLoaded(std::move(loaded)); });
  });
  if (!posted) OnLoaded(Fail(std::move(posted.error()).Wrap("read credentials")));
}

void CredentialSource::OnLoaded(Result<Credential> loaded) {
  loading_ = false;
  loaded_at_ = std::chrono::steady_clock::now();
  Result<CredentialPtr> result;
  if (loaded) {
    current_ = last_ = std::make_shared<const Credential>(std::move(*loaded));
    result = current_;
  } else if (Usable()) {
    telemetry::LogWarning("credentials cannot be read anew: what was read before serves on",
                          {{"server", access_.server}, {"error", loaded.error()}});
    result = current_;
  } else {
    result = Fail(std::move(loaded.error()));
  }
  for (Done& done : std::exchange(waiting_, {})) done(result);
}

bool CredentialSource::Reject(const CredentialPtr& credential) {
  if (!changes()) return false;
  if (current_ == credential) current_.reset();
  return true;
}

}  // namespace swell::kube
