#include "server/store/sealer.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/core/check.h"
#include "base/core/encoding.h"
#include "base/core/strings.h"

namespace swell::store {
namespace {

constexpr std::size_t kKeyBytes = 32, kNonceBytes = 12, kTagBytes = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

unsigned char* Bytes(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }
const unsigned char* Bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

Status MakeKeyFile(const std::string& path) {
  std::string key(kKeyBytes, '\0');
  SWELL_CHECK(RAND_bytes(Bytes(key), kKeyBytes) == 1);
  const std::string text = HexEncode(key) + "\n";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = fd >= 0 &&
                       ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written) {
    return Fail(Unavailable("make the key file " + path + ": " + std::strerror(error)));
  }
  return {};
}

}  // namespace

std::string Compress(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t n = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
  SWELL_CHECK(!ZSTD_isError(n));
  out.resize(n);
  return out;
}

Result<std::string> Decompress(std::string_view bytes, std::size_t max_bytes) {
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > max_bytes) {
    return Fail(Error(ErrorCode::kDataLoss, "recorded content is damaged: not a zstd frame"));
  }
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t n = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(n) || n != out.size()) {
    return Fail(Error(ErrorCode::kDataLoss, "recorded content is damaged: zstd cannot read it"));
  }
  return out;
}

Result<Sealer> Sealer::Open(const std::string& key_file) {
  struct stat info{};
  if (::stat(key_file.c_str(), &info) != 0) {
    if (errno != ENOENT) {
      return Fail(Unavailable("read the key file " + key_file + ": " + std::strerror(errno)));
    }
    TRY(MakeKeyFile(key_file));
  } else if ((info.st_mode & 077) != 0) {
    return Fail(FailedPrecondition("the key file " + key_file +
                                   " can be read by others: run chmod 600 on it"));
  }
  std::ifstream in(key_file);
  std::stringstream text;
  text << in.rdbuf();
  const std::string content = text.str();
  auto key = HexDecode(Trim(content));
  if (!key || key->size() != kKeyBytes) {
    return Fail(FailedPrecondition("the key file " + key_file + " does not hold 64 hex digits"));
  }
  return Sealer(Secret(std::move(*key)));
}

std::string Sealer::Seal(std::string_view plain, std::string_view context) const {
  std::string out(kNonceBytes + plain.size() + kTagBytes, '\0');
  SWELL_CHECK(RAND_bytes(Bytes(out), kNonceBytes) == 1);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int n = 0;
  bool ok = EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_.Reveal()),
                               Bytes(out)) == 1;
  ok = ok && EVP_EncryptUpdate(cipher.get(), nullptr, &n, Bytes(context),
                               static_cast<int>(context.size())) == 1;
  ok = ok && EVP_EncryptUpdate(cipher.get(), Bytes(out) + kNonceBytes, &n, Bytes(plain),
                               static_cast<int>(plain.size())) == 1;
  ok = ok && EVP_EncryptFinal_ex(cipher.get(), Bytes(out) + kNonceBytes + n, &n) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                                 Bytes(out) + kNonceBytes + plain.size()) == 1;
  SWELL_CHECK(ok);
  return out;
}

Result<std::string> Sealer::Unseal(std::string_view sealed, std::string_view context) const {
  const auto damaged = [] {
    return Fail(Error(ErrorCode::kDataLoss,
                      "recorded content cannot be decrypted: the key file is another one, or the "
                      "content is damaged"));
  };
  if (sealed.size() < kNonceBytes + kTagBytes) return damaged();
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string out(body.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int n = 0;
  bool ok = EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key_.Reveal()),
                               Bytes(sealed)) == 1;
  ok = ok && EVP_DecryptUpdate(cipher.get(), nullptr, &n, Bytes(context),
                               static_cast<int>(context.size())) == 1;
  ok = ok && EVP_DecryptUpdate(cipher.get(), Bytes(out), &n, Bytes(body),
                               static_cast<int>(body.size())) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(tag)) == 1;
  ok = ok && EVP_DecryptFinal_ex(cipher.get(), Bytes(out) + n, &n) == 1;
  if (!ok) return damaged();
  return out;
}

}  // namespace swell::store
