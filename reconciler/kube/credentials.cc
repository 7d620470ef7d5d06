#include "reconciler/kube/credentials.h"

#include <fstream>

#include "base/core/strings.h"

namespace swell::kube {
namespace {

// How long a token file's content is believed: rotation replaces it long before it expires.
constexpr std::chrono::seconds kTokenFileAge{10};
// A credential is not used in its last moments.
constexpr std::chrono::seconds kExpiryMargin{10};
constexpr std::size_t kMaxToken = 256 * 1024;

Result<Credential> ReadTokenFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kMaxToken + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) {
    return Fail(Error(ErrorCode::kUnauthenticated, "cannot read token file " + path));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  std::string token(Trim(text));
  if (token.empty() || text.size() > kMaxToken ||
      token.find_first_of("\r\n") != std::string::npos) {
    return Fail(Error(ErrorCode::kUnauthenticated, "token file " + path + " holds no token"));
  }
  Credential out;
  out.token = Secret(std::move(token));
  return out;
}

}  // namespace

CredentialSource::CredentialSource(net::Loop& loop, Executor* executor, const ClusterAccess& access)
    : loop_(loop.ref()), executor_(executor), access_(access) {
  if (access_.token_file.empty() && access_.exec.command.empty()) {
    auto fixed = std::make_shared<Credential>();
    fixed->token = access_.token;
    current_ = std::move(fixed);
  }
}

bool CredentialSource::Fresh() const {
  if (!current_) return false;
  if (current_->expires && SystemClock().Now() + kExpiryMargin >= *current_->expires) return false;
  if (access_.token_file.empty()) return true;
  return std::chrono::steady_clock::now() - loaded_at_ < kTokenFileAge;
}

Result<Credential> CredentialSource::Load() const {
  if (!access_.token_file.empty()) return ReadTokenFile(access_.token_file);
  return RunExecPlugin(access_.exec, access_);
}

void CredentialSource::Get(Done done) {
  if (Fresh()) return done(current_);
  waiting_.push_back(std::move(done));
  if (std::exchange(loading_, true)) return;
  if (!executor_) return OnLoaded(Load());  // a token file: Client::Create refuses plugins
  auto posted = executor_->Post([self = shared_from_this()] {
    auto loaded = self->Load();
    self->loop_.Post(
        [self, loaded = std::move(loaded)]() mutable { self->OnLoaded(std::move(loaded)); });
  });
  if (!posted) OnLoaded(Fail(std::move(posted.error()).Wrap("read credentials")));
}

void CredentialSource::OnLoaded(Result<Credential> loaded) {
  loading_ = false;
  Result<CredentialPtr> result;
  if (loaded) {
    loaded_at_ = std::chrono::steady_clock::now();
    current_ = std::make_shared<const Credential>(std::move(*loaded));
    result = current_;
  } else {
    result = Fail(std::move(loaded.error()));
  }
  for (Done& done : std::exchange(waiting_, {})) done(result);
}

bool CredentialSource::Reject(const CredentialPtr& credential) {
  if (access_.token_file.empty() && access_.exec.command.empty()) return false;
  if (current_ == credential) current_.reset();
  return true;
}

}  // namespace swell::kube
