#include "renderer/funcs/x509.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace swell::funcs {
namespace {

template <class T, void (*free)(T*)>
struct Deleter {
  void operator()(T* p) const { free(p); }
};
struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;
using Certificate = std::unique_ptr<X509, Deleter<X509, &X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION, &X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES, &GENERAL_NAMES_free>>;

Error Failed(std::string_view what) {
  return Internal("error creating certificate: " + std::string(what));
}

std::string Contents(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Bio Reading(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate ReadCertificate(std::string_view pem) {
  Bio bio = Reading(pem);
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

Status AddExtension(X509& certificate, X509& issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (extension == nullptr || X509_add_ext(&certificate, extension.get(), -1) != 1) {
    return Fail(Failed(value));
  }
  return {};
}

Status AddAlternativeNames(X509& certificate, const CertificateRequest& request) {
  if (request.ips.empty() && request.dns_names.empty()) return {};
  Names names(GENERAL_NAMES_new());
  for (const std::string& dns : request.dns_names) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, dns.data(), static_cast<int>(dns.size()));
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names.get(), name);
  }
  for (const std::string& ip : request.ips) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_IPADD, a2i_IPADDRESS(ip.c_str()));
    sk_GENERAL_NAME_push(names.get(), name);
  }
  if (X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_APPEND) !=
      1) {
    return Fail(Failed("alternative names"));
  }
  return {};
}

Status SetValidity(X509& certificate, const CertificateRequest& request) {
  constexpr std::int64_t kDay = 86'400;
  ASN1_TIME_set(X509_getm_notBefore(&certificate), static_cast<time_t>(request.not_before));
  ASN1_TIME* end =
      ASN1_TIME_set(X509_getm_notAfter(&certificate),
                    static_cast<time_t>(request.not_before + request.days_valid * kDay));
  if (end == nullptr) return Fail(Failed("the end of its validity is out of range"));
  return {};
}

Status SetSerial(X509& certificate, const std::string& bytes) {
  BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()), nullptr);
  const bool ok = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(&certificate)) != nullptr;
  BN_free(number);
  if (!ok) return Fail(Failed("serial number"));
  return {};
}

Status AddExtensions(X509& certificate, X509& issuer, const CertificateRequest& request,
                     bool self_signed) {
  TRY(AddExtension(certificate, issuer, NID_key_usage,
                   request.is_ca ? "critical,digitalSignature,keyEncipherment,keyCertSign"
                                 : "critical,digitalSignature,keyEncipherment"));
  TRY(AddExtension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth"));
  TRY(AddExtension(certificate, issuer, NID_basic_constraints,
                   request.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE"));
  if (request.is_ca) TRY(AddExtension(certificate, issuer, NID_subject_key_identifier, "hash"));
  if (!self_signed && X509_get0_subject_key_id(&issuer) != nullptr) {
    TRY(AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid"));
  }
  return AddAlternativeNames(certificate, request);
}

}  // namespace

Result<PrivateKey> GenerateEcP256Key() {
  PrivateKey key(EVP_EC_gen("P-256"));
  if (key == nullptr) return Fail(Internal("failed to generate private key"));
  return key;
}

Result<PrivateKey> GenerateEd25519Key() {
  PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (key == nullptr) return Fail(Internal("failed to generate private key"));
  return key;
}

Result<std::string> KeyToPem(EVP_PKEY& key) {
  Bio bio(BIO_new(BIO_s_mem()));
  const bool traditional = EVP_PKEY_get_base_id(&key) != EVP_PKEY_ED25519;
  const int ok = traditional ? PEM_write_bio_PrivateKey_traditional(bio.get(), &key, nullptr,
                                                                    nullptr, 0, nullptr, nullptr)
                             : PEM_write_bio_PrivateKey(bio.get(), &key, nullptr, nullptr, 0,
                                                        nullptr, nullptr);
  if (ok != 1) return Fail(Internal("error pem-encoding key"));
  return Contents(*bio);
}

Result<PrivateKey> KeyFromPem(std::string_view pem) {
  if (pem.find("-----BEGIN ") == std::string_view::npos) {
    return Fail(InvalidArgument("no PEM data in input"));
  }
  Bio bio = Reading(pem);
  // An encrypted key must not ask for its password on the terminal.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) return Fail(InvalidArgument("no private key data in PEM block"));
  return key;
}

Status CheckIps(const std::vector<std::string>& ips) {
  for (const std::string& ip : ips) {
    ASN1_OCTET_STRING* parsed = a2i_IPADDRESS(ip.c_str());
    if (parsed == nullptr) return Fail(InvalidArgument("error parsing ip: " + ip));
    ASN1_OCTET_STRING_free(parsed);
  }
  return {};
}

Status CheckCertificate(std::string_view pem) {
  if (pem.find("-----BEGIN ") == std::string_view::npos) {
    return Fail(InvalidArgument("unable to decode certificate"));
  }
  if (ReadCertificate(pem) == nullptr) {
    return Fail(InvalidArgument(
        "error parsing certificate: decodedCert.Bytes: x509: malformed certificate"));
  }
  return {};
}

Result<std::string> MakeCertificate(const CertificateRequest& request, EVP_PKEY& key,
                                    std::string_view ca_pem, EVP_PKEY& ca_key) {
  TRY(CheckIps(request.ips));
  Certificate ca;
  if (!ca_pem.empty()) {
    TRY(CheckCertificate(ca_pem));
    ca = ReadCertificate(ca_pem);
  }
  Certificate certificate(X509_new());
  if (certificate == nullptr) return Fail(Failed("no memory"));
  X509_set_version(certificate.get(), X509_VERSION_3);
  TRY(SetSerial(*certificate, request.serial));
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  if (!request.common_name.empty() &&
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(request.common_name.data()),
                                 static_cast<int>(request.common_name.size()), -1, 0) != 1) {
    return Fail(InvalidArgument("error creating certificate: common name " + request.common_name +
                                " is not valid (at most 64 characters)"));
  }
  X509& issuer = ca != nullptr ? *ca : *certificate;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(&issuer));
  TRY(SetValidity(*certificate, request));
  X509_set_pubkey(certificate.get(), &key);
  TRY(AddExtensions(*certificate, issuer, request, ca == nullptr));
  const bool digest_free = EVP_PKEY_get_base_id(&ca_key) == EVP_PKEY_ED25519;
  if (X509_sign(certificate.get(), &ca_key, digest_free ? nullptr : EVP_sha256()) == 0) {
    return Fail(Failed("signing failed"));
  }
  Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate.get()) != 1) {
    return Fail(Internal("error pem-encoding certificate"));
  }
  return Contents(*bio);
}

}  // namespace swell::funcs
