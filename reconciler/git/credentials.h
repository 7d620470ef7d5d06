#pragma once
// What libgit2 asks while it connects: who we are, and whether the other side is who it claims.

#include <git2.h>

#include <memory>
#include <optional>
#include <string>

#include "base/core/clock.h"
#include "reconciler/domain/application.h"

namespace swell::git {

// One connection's answers. Lives as long as the callbacks that point at it.
class Session {
 public:
  Session(std::string url, std::shared_ptr<const Repository> credentials, Timestamp give_up_at,
          std::uint64_t max_bytes)
      : url_(std::move(url)),
        credentials_(std::move(credentials)),
        give_up_at_(give_up_at),
        max_bytes_(max_bytes) {}

  git_remote_callbacks Callbacks();
  // Why a callback ended the connection; libgit2 only knows that one did.
  const std::optional<Error>& refusal() const { return refusal_; }

 private:
  static int OnCredentials(git_credential** out, const char* url, const char* user,
                           unsigned allowed, void* payload);
  static int OnCertificate(git_cert* cert, int valid, const char* host, void* payload);
  static int OnProgress(const git_indexer_progress* stats, void* payload);
  int Refuse(Error error);

  const std::string url_;
  const std::shared_ptr<const Repository> credentials_;
  const Timestamp give_up_at_;
  const std::uint64_t max_bytes_;  // received
  int asked_ = 0;
  std::optional<Error> refusal_;
};

// Whether known_hosts text names this key for this host ("host" or "[host]:port"); plain and
// hashed entries, no patterns. `key` is the raw public key.
bool KnownHostsHas(std::string_view known_hosts, std::string_view host, std::string_view key);

}  // namespace swell::git
