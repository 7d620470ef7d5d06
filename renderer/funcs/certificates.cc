// genPrivateKey, genCA, genSelfSignedCert, genSignedCert, their …WithKey twins, buildCustomCert.

#include "base/core/encoding.h"
#include "renderer/funcs/stable.h"
#include "renderer/funcs/system_families.h"
#include "renderer/funcs/x509.h"
#include "renderer/gotemplate/format.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
using gotemplate::Type;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

constexpr int kCertificateRsaBits = 2048;
constexpr int kKeyRsaBits = 4096;

const Type* CertificateType() {
  static const Type kType{.name = "sprig.certificate", .kind = "struct"};
  return &kType;
}

class CertificateObject final : public gotemplate::Object {
 public:
  CertificateObject(std::string cert, std::string key)
      : cert_(std::move(cert)), key_(std::move(key)) {}
  const Type* type() const override { return CertificateType(); }
  std::optional<Any> Field(std::string_view name) const override {
    if (name == "Cert") return Any::String(cert_);
    if (name == "Key") return Any::String(key_);
    return std::nullopt;
  }
  std::string PrintText() const override { return "{" + cert_ + " " + key_ + "}"; }
  std::vector<gotemplate::JsonField> JsonFields() const override {
    return {{"Cert", Any::String(cert_)}, {"Key", Any::String(key_)}};
  }
  bool Equals(const Object& other) const override { return PrintText() == other.PrintText(); }
  const std::string& cert() const { return cert_; }
  const std::string& key() const { return key_; }

 private:
  std::string cert_;
  std::string key_;
};

Any MakeObject(std::string cert, std::string key) {
  return Any::Of(new CertificateObject(std::move(cert), std::move(key)));
}

// Texts of a list; `complaint` tells what is wrong with an item that is none.
Result<std::vector<std::string>> Texts(Context& context, const Any& any, const char* complaint) {
  std::vector<std::string> out;
  if (any.as_list() == nullptr) return out;
  for (const Any& item : any.as_list()->items()) {
    if (!item.is_string()) {
      return Fail(InvalidArgument(complaint + TRY(gotemplate::FormatValue(item, context.budget())) +
                                  " is not a string"));
    }
    out.push_back(item.str());
  }
  return out;
}

CertificateRequest BaseRequest(Context& context, const Any& common_name, const Any& days) {
  CertificateRequest request;
  request.common_name = common_name.str();
  request.days_valid = days.as_int();
  request.not_before = context.host().Now().time_since_epoch().count() / 1000;
  request.serial.resize(16);
  context.host().Random(
      {reinterpret_cast<unsigned char*>(request.serial.data()), request.serial.size()});
  return request;
}

Result<CertificateRequest> RequestFrom(Context& context, Args args) {
  CertificateRequest request = BaseRequest(context, args[0], args[3]);
  request.ips = TRY(Texts(context, args[1], "error parsing ip: "));
  request.dns_names = TRY(Texts(context, args[2], "error processing alternate dns name: "));
  TRY(CheckIps(request.ips));
  return request;
}

Result<PrivateKey> NewKey(Context& context) {
  TRY(context.budget().Spend(200'000));  // RSA keys are slow to find
  return GenerateRsaKey(kCertificateRsaBits);
}

Result<PrivateKey> GivenKey(const Any& pem) {
  return TRY_WRAP(KeyFromPem(pem.as_string()), "parsing private key");
}

Result<Any> SelfSigned(const CertificateRequest& request, PrivateKey key) {
  std::string cert = TRY(MakeCertificate(request, *key, "", *key));
  return MakeObject(std::move(cert), TRY(KeyToPem(*key)));
}

Result<Any> SignedBy(const CertificateRequest& request, PrivateKey key, const Any& ca) {
  const auto& authority = static_cast<const CertificateObject&>(*ca.as_object());
  TRY(CheckCertificate(authority.cert()));
  const PrivateKey ca_key = TRY_WRAP(KeyFromPem(authority.key()), "error parsing private key");
  std::string cert = TRY(MakeCertificate(request, *key, authority.cert(), *ca_key));
  return MakeObject(std::move(cert), TRY(KeyToPem(*key)));
}

CertificateRequest CaRequest(Context& context, Args args) {
  CertificateRequest request = BaseRequest(context, args[0], args[1]);
  request.is_ca = true;
  return request;
}

Result<Any> GenPrivateKey(Context& context, Args args) {
  TRY(context.budget().Spend(1'000'000));
  const std::string_view kind = args[0].as_string();
  if (kind.empty() || kind == "rsa") {
    return Any::String(TRY(KeyToPem(*TRY(GenerateRsaKey(kKeyRsaBits)))));
  }
  if (kind == "ecdsa") return Any::String(TRY(KeyToPem(*TRY(GenerateEcP256Key()))));
  if (kind == "ed25519") return Any::String(TRY(KeyToPem(*TRY(GenerateEd25519Key()))));
  if (kind == "dsa") {
    return Fail(
        Unimplemented("genPrivateKey \"dsa\": Swell makes no DSA keys; use rsa, ecdsa or "
                      "ed25519"));
  }
  return Any::String("Unknown type " + std::string(kind));
}

// --- how certificates are kept ---

Value WriteCertificate(const Any& result) { return result.as_object()->ToJson(); }

Any ReadCertificate(const Value& value) {
  return MakeObject(value["Cert"].str(), value["Key"].str());
}

// When less than a fifth of its validity remains. One that never is valid is not renewed: it
// would be in every render.
Timestamp RenewAt(Timestamp now, std::int64_t days) {
  constexpr std::int64_t kForever = 100'000;
  if (days <= 0 || days > kForever) return {};
  return now + std::chrono::hours(24) * days * 4 / 5;
}

const StableForm kStableCa = {&WriteCertificate, &ReadCertificate, [](Timestamp now, Args args) {
                                return RenewAt(now, args[1].as_int());
                              }};
const StableForm kStableCertificate = {
    &WriteCertificate, &ReadCertificate,
    [](Timestamp now, Args args) { return RenewAt(now, args[3].as_int()); }};

Result<Any> BuildCustomCert(Context&, Args args) {
  auto cert = Base64Decode(args[0].as_string());
  if (!cert) return Fail(InvalidArgument("unable to decode base64 certificate"));
  auto key = Base64Decode(args[1].as_string());
  if (!key) return Fail(InvalidArgument("unable to decode base64 private key"));
  TRY(CheckCertificate(*cert));
  TRY_WRAP(KeyFromPem(*key), "error parsing private key");
  return MakeObject(*std::move(cert), *std::move(key));
}

}  // namespace

void RegisterCertificates(FunctionMap& functions) {
  using Params = std::vector<const Type*>;
  const Params leaf = {types::kString, types::kAnyList, types::kAnyList, types::kInt};
  const auto with = [](Params params, std::initializer_list<const Type*> more) {
    params.insert(params.end(), more);
    return params;
  };
  const auto add = [&](const char* name, Params params, const StableForm& form,
                       gotemplate::Callable call) {
    functions.Add(name, std::move(params), Stable(name, std::move(call), form));
  };
  functions.Add("buildCustomCert", {types::kString, types::kString}, &BuildCustomCert);
  add("genPrivateKey", {types::kString}, kStableText, &GenPrivateKey);
  add("genCA", {types::kString, types::kInt}, kStableCa, [](Context& c, Args a) -> Result<Any> {
    return SelfSigned(CaRequest(c, a), TRY(NewKey(c)));
  });
  add("genCAWithKey", {types::kString, types::kInt, types::kString}, kStableCa,
      [](Context& c, Args a) -> Result<Any> {
        return SelfSigned(CaRequest(c, a), TRY(GivenKey(a[2])));
      });
  add("genSelfSignedCert", leaf, kStableCertificate, [](Context& c, Args a) -> Result<Any> {
    const auto request = TRY(RequestFrom(c, a));
    return SelfSigned(request, TRY(NewKey(c)));
  });
  add("genSelfSignedCertWithKey", with(leaf, {types::kString}), kStableCertificate,
      [](Context& c, Args a) -> Result<Any> {
        const auto request = TRY(RequestFrom(c, a));
        return SelfSigned(request, TRY(GivenKey(a[4])));
      });
  add("genSignedCert", with(leaf, {CertificateType()}), kStableCertificate,
      [](Context& c, Args a) -> Result<Any> {
        const auto request = TRY(RequestFrom(c, a));
        return SignedBy(request, TRY(NewKey(c)), a[4]);
      });
  add("genSignedCertWithKey", with(leaf, {CertificateType(), types::kString}), kStableCertificate,
      [](Context& c, Args a) -> Result<Any> {
        const auto request = TRY(RequestFrom(c, a));
        return SignedBy(request, TRY(GivenKey(a[5])), a[4]);
      });
}

}  // namespace swell::funcs
