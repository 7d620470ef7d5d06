#include "reconciler/git/credentials.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <fstream>
#include <sstream>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "reconciler/git/library.h"

namespace swell::git {
namespace {

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return Fail(FailedPrecondition("cannot read " + path));
  return text.str();
}

// "|1|salt|hash": HMAC-SHA1 of the host under the salt.
bool HashedHostIs(std::string_view entry, std::string_view host) {
  const auto parts = Split(entry, '|');
  if (parts.size() != 4 || parts[1] != "1") return false;
  const auto salt = Base64Decode(parts[2]);
  const auto hash = Base64Decode(parts[3]);
  if (!salt || !hash) return false;
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha1(), salt->data(), static_cast<int>(salt->size()),
       reinterpret_cast<const unsigned char*>(host.data()), host.size(), out, &size);
  return *hash == std::string(reinterpret_cast<const char*>(out), size);
}

// Host and port of an ssh URL as known_hosts writes them.
std::string KnownHostName(const std::string& url, std::string_view host) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return std::string(host);
  const std::size_t end = url.find('/', scheme + 3);
  const std::string authority = url.substr(scheme + 3, end - scheme - 3);
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string::npos || authority.find(']', colon) != std::string::npos) {
    return std::string(host);
  }
  const std::string port = authority.substr(colon + 1);
  return port == "22" ? std::string(host) : "[" + std::string(host) + "]:" + port;
}

}  // namespace

bool KnownHostsHas(std::string_view known_hosts, std::string_view host, std::string_view key) {
  const std::string wanted = Base64Encode(key);
  for (const auto raw : Split(known_hosts, '\n')) {
    const std::string_view line = Trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == '@') continue;
    std::istringstream fields{std::string(line)};
    std::string hosts, type, blob;
    fields >> hosts >> type >> blob;
    if (blob != wanted) continue;
    for (const auto entry : Split(hosts, ',')) {
      if (entry == host || (entry.starts_with("|") && HashedHostIs(entry, host))) return true;
    }
  }
  return false;
}

git_remote_callbacks Session::Callbacks() {
  git_remote_callbacks callbacks = GIT_REMOTE_CALLBACKS_INIT;
  callbacks.credentials = OnCredentials;
  callbacks.certificate_check = OnCertificate;
  callbacks.transfer_progress = OnProgress;
  callbacks.payload = this;
  return callbacks;
}

int Session::Refuse(Error error) {
  if (!refusal_) refusal_ = std::move(error);
  return GIT_EUSER;
}

int Session::OnCredentials(git_credential** out, const char*, const char* user, unsigned allowed,
                           void* payload) {
  auto* self = static_cast<Session*>(payload);
  const Repository* r = self->credentials_.get();
  if (!r) {
    return self->Refuse(Error(ErrorCode::kUnauthenticated,
                              "the repository asks for credentials and no Repository resource has "
                              "any for this URL"));
  }
  // libgit2 asks again when what it got was not accepted.
  if (++self->asked_ > 3) {
    return self->Refuse(Error(ErrorCode::kUnauthenticated,
                              "the credentials of Repository " + r->name + " are not accepted"));
  }
  const std::string name = !r->username.empty() ? r->username : user ? user : "git";
  if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) {
    return Git().credential_username_new(out, name.c_str());
  }
  if ((allowed & GIT_CREDENTIAL_SSH_KEY) != 0 && !r->ssh_key_file.empty()) {
    return Git().credential_ssh_key_new(out, name.c_str(), nullptr, r->ssh_key_file.c_str(),
                                        r->ssh_key_passphrase.Reveal().c_str());
  }
  if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0) {
    Secret password = r->password;
    if (!r->password_file.empty()) {
      auto text = ReadFile(r->password_file);
      if (!text) return self->Refuse(std::move(text.error()));
      password = Secret(std::string(Trim(*text)));
    }
    if (!password.empty()) {
      return Git().credential_userpass_plaintext_new(out, name.c_str(), password.Reveal().c_str());
    }
  }
  return self->Refuse(
      Error(ErrorCode::kUnauthenticated,
            "Repository " + r->name + " has no credentials of the kind that the server asks for"));
}

int Session::OnCertificate(git_cert* cert, int valid, const char* host, void* payload) {
  auto* self = static_cast<Session*>(payload);
  if (valid != 0) return 0;
  const Repository* r = self->credentials_.get();
  if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2 && r && !r->known_hosts_file.empty()) {
    const auto* key = reinterpret_cast<const git_cert_hostkey*>(cert);
    auto known = ReadFile(r->known_hosts_file);
    if (!known) return self->Refuse(std::move(known.error()));
    const bool has_raw = (key->type & GIT_CERT_SSH_RAW) != 0;
    if (has_raw &&
        KnownHostsHas(*known, KnownHostName(self->url_, host), {key->hostkey, key->hostkey_len})) {
      return 0;
    }
    return self->Refuse(
        Error(ErrorCode::kPermissionDenied,
              "the host key of " + std::string(host) + " is not in " + r->known_hosts_file));
  }
  return self->Refuse(Error(ErrorCode::kPermissionDenied,
                            cert->cert_type == GIT_CERT_X509
                                ? "the certificate of " + std::string(host) +
                                      " is not trusted; set caFile of a Repository"
                                : "the host key of " + std::string(host) +
                                      " is not known; set knownHostsFile of a Repository"));
}

int Session::OnProgress(const git_indexer_progress* stats, void* payload) {
  auto* self = static_cast<Session*>(payload);
  if (stats->received_bytes > self->max_bytes_) {
    return self->Refuse(ResourceExhausted("the remote sends more than " +
                                          std::to_string(self->max_bytes_) +
                                          " bytes (budget max_fetch_bytes)"));
  }
  if (SystemClock().Now() < self->give_up_at_) return 0;
  return self->Refuse(Error(ErrorCode::kDeadlineExceeded, "the fetch took too long"));
}

}  // namespace swell::git
