// bcrypt, htpasswd, derivePassword, encryptAES, decryptAES.

#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#include <array>
#include <cstring>
#include <memory>

#include "base/core/encoding.h"
#include "renderer/funcs/stable.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

constexpr unsigned long kBcryptCost = 10;
constexpr std::size_t kBcryptMaxBytes = 72;

std::string Random(Context& context, std::size_t count) {
  std::string bytes(count, '\0');
  context.host().Random({reinterpret_cast<unsigned char*>(bytes.data()), count});
  return bytes;
}

Result<std::string> Bcrypt(Context& context, std::string_view password) {
  TRY(context.budget().Spend(100'000));  // slow on purpose
  if (password.size() > kBcryptMaxBytes) {
    return std::string(
        "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes");
  }
  const std::string random = Random(context, 16);
  char salt[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn("$2a$", kBcryptCost, random.data(), static_cast<int>(random.size()), salt,
                       sizeof salt) == nullptr) {
    return Fail(Internal("libcrypt has no bcrypt"));
  }
  auto data = std::make_unique<crypt_data>();
  std::memset(data.get(), 0, sizeof *data);
  const char* hash = crypt_r(std::string(password).c_str(), salt, data.get());
  if (hash == nullptr || hash[0] != '$') return Fail(Internal("bcrypt failed"));
  return std::string(hash);
}

Result<Any> BcryptFunction(Context& context, Args args) {
  return Any::String(TRY(Bcrypt(context, args[0].as_string())));
}

Result<Any> Htpasswd(Context& context, Args args) {
  const std::string user = args[0].str();
  if (user.find(':') != std::string::npos) return Any::String("invalid username: " + user);
  return Any::String(user + ":" + TRY(Bcrypt(context, args[1].as_string())));
}

// --- derivePassword: the Master Password algorithm ---

struct PasswordType {
  std::string_view name;
  std::vector<std::string_view> templates;
};

const std::vector<PasswordType>& PasswordTypes() {
  static const std::vector<PasswordType> kTypes = {
      {"maximum", {"anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"}},
      {"long",
       {"CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv",
        "CvccCvcvCvcvno", "CvcvnoCvccCvcv", "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc",
        "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv", "CvccCvccCvcvno",
        "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc",
        "CvccCvcvCvccno"}},
      {"medium", {"CvcnoCvc", "CvcCvcno"}},
      {"short", {"Cvcn"}},
      {"basic", {"aaanaaan", "aannaaan", "aaannaaa"}},
      {"pin", {"nnnn"}},
  };
  return kTypes;
}

std::string_view CharactersOf(char element) {
  switch (element) {
    case 'V':
      return "AEIOU";
    case 'C':
      return "BCDFGHJKLMNPQRSTVWXYZ";
    case 'v':
      return "aeiou";
    case 'c':
      return "bcdfghjklmnpqrstvwxyz";
    case 'A':
      return "AEIOUBCDFGHJKLMNPQRSTVWXYZ";
    case 'a':
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    case 'n':
      return "0123456789";
    case 'o':
      return "@&%?,=[]_:-+*$#!'^~;()/.";
    default:
      return "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()";
  }
}

std::string BigEndian32(std::uint64_t number) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
  return out;
}

Result<Any> DerivePassword(Context& context, Args args) {
  TRY(context.budget().Spend(200'000));  // slow on purpose
  constexpr std::string_view kSeed = "com.lyndir.masterpassword";
  const std::vector<std::string_view>* templates = nullptr;
  for (const PasswordType& type : PasswordTypes()) {
    if (type.name == args[1].as_string()) templates = &type.templates;
  }
  if (templates == nullptr) {
    return Any::String("cannot find password template " + args[1].str());
  }
  const std::string_view password = args[2].as_string();
  const std::string_view user = args[3].as_string();
  const std::string_view site = args[4].as_string();
  const std::string salt = std::string(kSeed) + BigEndian32(user.size()) + std::string(user);
  std::array<unsigned char, 64> key;
  if (EVP_PBE_scrypt(password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), 32768, 8, 2,
                     128u << 20, key.data(), key.size()) != 1) {
    return Fail(Internal("scrypt failed"));
  }
  const std::string message = std::string(kSeed) + BigEndian32(site.size()) + std::string(site) +
                              BigEndian32(static_cast<std::uint64_t>(args[0].as_int()));
  unsigned char seed[EVP_MAX_MD_SIZE];
  unsigned int seed_size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), seed, &seed_size);
  const std::string_view shape = (*templates)[seed[0] % templates->size()];
  std::string out;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::string_view characters = CharactersOf(shape[i]);
    out += characters[seed[i + 1] % characters.size()];
  }
  return Any::String(std::move(out));
}

// --- AES-256-CBC; the password is the key, cut or padded with zeros to 32 bytes ---

constexpr std::size_t kBlock = 16;

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

enum class Direction { kDecrypt, kEncrypt };

Result<std::string> AesCbc(Direction direction, std::string_view password, std::string_view iv,
                           std::string_view input) {
  std::string key(password.substr(0, 32));
  key.resize(32, '\0');
  const auto bytes = [](auto* data) { return reinterpret_cast<const unsigned char*>(data); };
  std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter> cipher(EVP_CIPHER_CTX_new());
  std::string out(input.size() + kBlock, '\0');
  int length = 0;
  const bool ok =
      cipher != nullptr &&
      EVP_CipherInit_ex(cipher.get(), EVP_aes_256_cbc(), nullptr, bytes(key.data()),
                        bytes(iv.data()), direction == Direction::kEncrypt ? 1 : 0) == 1 &&
      EVP_CIPHER_CTX_set_padding(cipher.get(), 0) == 1 &&
      EVP_CipherUpdate(cipher.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
                       bytes(input.data()), static_cast<int>(input.size())) == 1;
  if (!ok) return Fail(Internal("AES failed"));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

Result<Any> EncryptAes(Context& context, Args args) {
  std::string text = args[1].str();
  if (text.empty()) return Any::String("");
  TRY(context.budget().Allow(text.size() * 2));
  const std::size_t padding = kBlock - text.size() % kBlock;
  text.append(padding, static_cast<char>(padding));
  const std::string iv = Random(context, kBlock);
  return Any::String(
      Base64Encode(iv + TRY(AesCbc(Direction::kEncrypt, args[0].as_string(), iv, text))));
}

Result<Any> DecryptAes(Context& context, Args args) {
  if (args[1].as_string().empty()) return Any::String("");
  TRY(context.budget().Allow(args[1].as_string().size()));
  auto decoded = Base64Decode(args[1].as_string());
  if (!decoded) return Fail(InvalidArgument("illegal base64 data at input byte 0"));
  const std::string_view all = *decoded;
  if (all.size() < 2 * kBlock || all.size() % kBlock != 0) {
    return Fail(InvalidArgument("crypto/cipher: input not full blocks"));
  }
  std::string text = TRY(
      AesCbc(Direction::kDecrypt, args[0].as_string(), all.substr(0, kBlock), all.substr(kBlock)));
  const auto padding = static_cast<unsigned char>(text.back());
  if (padding > text.size()) {
    return Fail(InvalidArgument("the text was not encrypted with this password"));
  }
  text.resize(text.size() - padding);
  return Any::String(std::move(text));
}

}  // namespace

void RegisterPasswords(FunctionMap& functions) {
  functions.Add("bcrypt", {types::kString}, Stable("bcrypt", &BcryptFunction));
  functions.Add("htpasswd", {types::kString, types::kString}, Stable("htpasswd", &Htpasswd));
  functions.Add("derivePassword",
                {types::kInt, types::kString, types::kString, types::kString, types::kString},
                &DerivePassword);
  functions.Add("encryptAES", {types::kString, types::kString}, Stable("encryptAES", &EncryptAes));
  functions.Add("decryptAES", {types::kString, types::kString}, &DecryptAes);
}

}  // namespace swell::funcs
