// The rules that every object's metadata must keep: names, labels, annotations, owners.

#include <algorithm>

#include "base/core/strings.h"
#include "server/sandbox/errors.h"
#include "server/sandbox/kinds.h"

namespace swell::sandbox::kinds {
namespace {

using errors::InvalidValue;

constexpr std::size_t kMaxAnnotationBytes = 256 * 1024;

constexpr char kSubdomain[] =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr char kLabel[] =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr char kServiceName[] =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
    "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr char kLabelValue[] =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  "
    "or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr char kQualifiedName[] =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

bool IsLower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsAlnum(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z'); }

bool IsDnsLabel(std::string_view text) {
  return !text.empty() && text.size() <= 63 && IsLower(text.front()) && IsLower(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLower(c) || c == '-'; });
}

bool IsDnsSubdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  const auto parts = Split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return !part.empty() && IsLower(part.front()) && IsLower(part.back()) &&
           std::all_of(part.begin(), part.end(), [](char c) { return IsLower(c) || c == '-'; });
  });
}

bool IsWord(std::string_view text) {
  return !text.empty() && text.size() <= 63 && IsAlnum(text.front()) && IsAlnum(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool IsQualifiedName(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return IsWord(text);
  return IsDnsSubdomain(text.substr(0, slash)) && IsWord(text.substr(slash + 1));
}

void CheckName(const Resource& resource, const Value& metadata, std::vector<Cause>& causes) {
  const std::string_view name = metadata["name"].as_string();
  if (name.empty()) {
    causes.push_back(errors::Required("metadata.name", "name or generateName is required"));
    return;
  }
  if (resource.group == "rbac.authorization.k8s.io") return;  // any path segment will do
  if (resource.group.empty() && resource.kind == "Namespace") {
    if (!IsDnsLabel(name)) causes.push_back(InvalidValue("metadata.name", Value(name), kLabel));
  } else if (resource.group.empty() && resource.kind == "Service") {
    if (!IsDnsLabel(name) || (name[0] >= '0' && name[0] <= '9')) {
      causes.push_back(InvalidValue("metadata.name", Value(name), kServiceName));
    }
  } else if (!IsDnsSubdomain(name)) {
    causes.push_back(InvalidValue("metadata.name", Value(name), kSubdomain));
  }
}

}  // namespace

std::vector<Cause> ValidateMetadata(const Resource& resource, const Value& object) {
  std::vector<Cause> causes;
  const Value& metadata = object["metadata"];
  CheckName(resource, metadata, causes);
  for (const Member& label : metadata["labels"].members()) {
    if (!IsQualifiedName(label.name())) {
      causes.push_back(InvalidValue("metadata.labels", Value(label.name()), kQualifiedName));
    }
    const std::string_view value = label.value.as_string();
    if (!value.empty() && !IsWord(value)) {
      causes.push_back(
          InvalidValue("metadata.labels", label.value,
                       value.size() > 63 ? "must be no more than 63 characters" : kLabelValue));
    }
  }
  std::size_t bytes = 0;
  for (const Member& annotation : metadata["annotations"].members()) {
    bytes += annotation.name().size() + annotation.value.as_string().size();
    if (!IsQualifiedName(ToLower(annotation.name()))) {
      causes.push_back(
          InvalidValue("metadata.annotations", Value(annotation.name()), kQualifiedName));
    }
  }
  if (bytes > kMaxAnnotationBytes) {
    causes.push_back({"FieldValueTooLong", "Too long: may not be more than 262144 bytes",
                      "metadata.annotations"});
  }
  for (const Value& owner : metadata["ownerReferences"].items()) {
    for (const char* key : {"apiVersion", "kind", "name", "uid"}) {
      if (!owner[key].as_string().empty()) continue;
      causes.push_back(InvalidValue(std::string("metadata.ownerReferences.") + key, owner[key],
                                    "must not be empty"));
    }
  }
  return causes;
}

}  // namespace swell::sandbox::kinds
