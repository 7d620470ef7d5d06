// semver and semverCompare: Masterminds/semver.

#include "base/text/semver.h"

#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::Function;
using gotemplate::FunctionMap;
using gotemplate::Type;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

const Function* VersionMethod(std::string_view name);
// Methods with a value receiver return plain versions: semver.Version.
const Type* PointerType() {
  static const Type kType{.name = "*semver.Version", .kind = "ptr"};
  return &kType;
}
const Type* PlainType() {
  static const Type kType{.name = "semver.Version", .kind = "struct"};
  return &kType;
}

class VersionObject final : public gotemplate::Object {
 public:
  VersionObject(Semver version, const Type* type) : version_(std::move(version)), type_(type) {}
  const Type* type() const override { return type_; }
  const Function* FindMethod(std::string_view name) const override { return VersionMethod(name); }
  std::string PrintText() const override { return version_.ToString(); }
  Value ToJson() const override { return Value(version_.ToString()); }
  bool Equals(const Object& other) const override {
    const Semver& that = static_cast<const VersionObject&>(other).version_;
    return version_.ToString() == that.ToString() && version_.original == that.original;
  }
  const Semver& version() const { return version_; }

 private:
  Semver version_;
  const Type* type_;
};

const Semver& Receiver(const Any& any) {
  return static_cast<const VersionObject*>(any.as_object())->version();
}

Result<Any> MakeVersion(Context&, Args args) {
  // Not inside new's parentheses: on an error the memory that new took would be lost.
  Semver version = TRY(Semver::ParseLenient(args[0].as_string()));
  return Any::Of(new VersionObject(std::move(version), PointerType()));
}

Result<Any> Compare(Context&, Args args) {
  const auto constraint = TRY(SemverConstraint::Parse(args[0].as_string()));
  return Any::Bool(constraint.Matches(TRY(Semver::ParseLenient(args[1].as_string()))));
}

std::strong_ordering Order(Args args) { return Receiver(args[0]) <=> Receiver(args[1]); }

template <class Test>
Function Comparison(const char* name, Test test) {
  return {.name = name,
          .params = {PointerType()},
          .call = [test](Context&, Args args) -> Result<Any> { return test(Order(args)); }};
}

template <class Get>
Function Getter(const char* name, Get get) {
  return {.name = name,
          .call = [get](Context&, Args args) -> Result<Any> { return get(Receiver(args[0])); }};
}

// A prerelease is dropped; a patch is counted up only where there was none.
Any Increased(Semver version, int part) {
  const bool was_prerelease = !version.prerelease.empty();
  version.prerelease.clear();
  version.metadata.clear();
  if (part == 2) {
    if (!was_prerelease) ++version.patch;
  } else {
    version.patch = 0;
    version.minor = part == 1 ? version.minor + 1 : 0;
    if (part == 0) ++version.major;
  }
  version.original = (version.original.starts_with('v') ? "v" : "") + version.ToString();
  return Any::Of(new VersionObject(std::move(version), PlainType()));
}

const Function* VersionMethod(std::string_view name) {
  static const Function kMethods[] = {
      Getter("Major", [](const Semver& v) { return Any::Uint64(v.major); }),
      Getter("Minor", [](const Semver& v) { return Any::Uint64(v.minor); }),
      Getter("Patch", [](const Semver& v) { return Any::Uint64(v.patch); }),
      Getter("Prerelease", [](const Semver& v) { return Any::String(v.prerelease); }),
      Getter("Metadata", [](const Semver& v) { return Any::String(v.metadata); }),
      Getter("Original", [](const Semver& v) { return Any::String(v.original); }),
      Getter("String", [](const Semver& v) { return Any::String(v.ToString()); }),
      Getter("IncMajor", [](const Semver& v) { return Increased(v, 0); }),
      Getter("IncMinor", [](const Semver& v) { return Increased(v, 1); }),
      Getter("IncPatch", [](const Semver& v) { return Increased(v, 2); }),
      Comparison("Compare", [](auto o) { return Any::Int(o < 0   ? -1
                                                         : o > 0 ? 1
                                                                 : 0); }),
      Comparison("GreaterThan", [](auto o) { return Any::Bool(o > 0); }),
      Comparison("GreaterThanEqual", [](auto o) { return Any::Bool(o >= 0); }),
      Comparison("LessThan", [](auto o) { return Any::Bool(o < 0); }),
      Comparison("LessThanEqual", [](auto o) { return Any::Bool(o <= 0); }),
      Comparison("Equal", [](auto o) { return Any::Bool(o == 0); }),
  };
  for (const Function& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

}  // namespace

void RegisterSemver(FunctionMap& functions) {
  functions.Add("semver", {types::kString}, &MakeVersion);
  functions.Add("semverCompare", {types::kString, types::kString}, &Compare);
}

}  // namespace swell::funcs
