#include "renderer/kustomize/parameters.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/core/strings.h"
#include "renderer/kustomize/decode.h"
#include "renderer/kustomize/entries.h"
#include "renderer/kustomize/git_url.h"

namespace swell::kustomize {
namespace {

constexpr std::string_view kKeep = "*";
constexpr UnknownFields kUnknown = UnknownFields::kRefuse;

struct Parameters {
  std::string ns;
  std::string name_prefix;
  std::string name_suffix;
  Value images;
  std::vector<Replica> replicas;
  std::map<std::string, std::string> common_labels;
  bool force_labels = false;
  bool without_selector = false;
  bool include_templates = false;
  std::map<std::string, std::string> common_annotations;
  bool force_annotations = false;
  std::vector<PatchEntry> patches;
  std::vector<ReplacementEntry> replacements;
  std::vector<std::string> components;
  bool ignore_missing_components = false;
};

// A count may be a text: one that a label's value was put into.
Status ReadReplicaParameter(const Value& value, Replica& replica, UnknownFields unknown) {
  if (!value["count"].is_string()) return ReadReplica(value, replica, unknown);
  const std::string text = value["count"].str();
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Fail(InvalidArgument("replicas: the count " + Quote(text) + " of " +
                                Quote(value["name"].str()) + " is not a whole number"));
  }
  return ReadReplica(value.With("count", Value(count)), replica, unknown);
}

Result<Parameters> ReadParameters(const Value& fields) {
  Parameters p;
  TRY(ReadStruct(fields, "Kustomization",
                 {{"namespace", Into(p.ns)},
                  {"namePrefix", Into(p.name_prefix)},
                  {"nameSuffix", Into(p.name_suffix)},
                  {"images", Into(p.images)},
                  {"replicas", IntoList(p.replicas, ReadReplicaParameter, kUnknown)},
                  {"commonLabels", Into(p.common_labels)},
                  {"forceCommonLabels", Into(p.force_labels)},
                  {"labelWithoutSelector", Into(p.without_selector)},
                  {"labelIncludeTemplates", Into(p.include_templates)},
                  {"commonAnnotations", Into(p.common_annotations)},
                  {"forceCommonAnnotations", Into(p.force_annotations)},
                  {"patches", IntoList(p.patches, ReadPatch, kUnknown)},
                  {"replacements", IntoList(p.replacements, ReadReplacement, kUnknown)},
                  {"components", Into(p.components)},
                  {"ignoreMissingComponents", Into(p.ignore_missing_components)}}));
  if (p.include_templates && !p.without_selector) {
    return Fail(InvalidArgument("labelIncludeTemplates needs labelWithoutSelector: true"));
  }
  return p;
}

// "name=newname:tag@digest" and its parts; a colon before the first slash belongs to a registry.
Result<Image> ParseImage(const std::string& text) {
  const std::size_t equals = text.find('=');
  std::string rest = equals == text.npos ? text : text.substr(equals + 1);
  Image image;
  const std::size_t slash = rest.find('/');
  const std::size_t begin = slash == rest.npos ? 0 : slash;
  const std::size_t at = rest.find('@', begin);
  if (at != rest.npos) {
    image.digest = rest.substr(at + 1);
    rest.resize(at);
  }
  const std::size_t colon = rest.find(':', begin);
  if (colon != rest.npos) {
    image.new_tag = rest.substr(colon + 1);
    rest.resize(colon);
  }
  if (equals == text.npos) {
    image.name = rest;
  } else {
    image.name = text.substr(0, equals);
    image.new_name = rest;
  }
  if (image.name.empty() ||
      (image.new_name.empty() && image.new_tag.empty() && image.digest.empty())) {
    return Fail(InvalidArgument(Quote(text) +
                                " is not of the form name=newname:tag, name:tag or name@digest"));
  }
  return image;
}

// As `kustomize edit set image`: the whole entry is another, but for what `*` keeps.
void ReplaceImage(Image image, Image& entry) {
  if (image.new_name == kKeep) image.new_name = entry.new_name;
  if (image.new_tag == kKeep) image.new_tag = entry.new_tag;
  if (image.digest == kKeep) image.digest = entry.digest;
  entry = std::move(image);
}

// As Flux: what is not given stays, and a tag drops a digest that was there, and the reverse.
void MergeImage(const Image& image, Image& entry) {
  if (!image.new_name.empty()) entry.new_name = image.new_name;
  if (!image.new_tag.empty() || !image.digest.empty()) {
    entry.new_tag = image.new_tag;
    entry.digest = image.digest;
  }
}

Image& EntryFor(const std::string& name, std::vector<Image>& images) {
  const auto found = std::ranges::find(images, name, &Image::name);
  if (found != images.end()) return *found;
  Image& added = images.emplace_back();
  added.name = name;
  return added;
}

// One entry a name, the last, in the order of their names: what `kustomize edit` leaves.
template <class Entry>
void SortByName(std::vector<Entry>& entries) {
  std::map<std::string, Entry> by_name;
  for (Entry& entry : entries) by_name.insert_or_assign(entry.name, std::move(entry));
  entries.clear();
  for (auto& [name, entry] : by_name) entries.push_back(std::move(entry));
}

Status WriteImages(const Value& parameter, std::vector<Image>& images) {
  if (parameter.is_null()) return {};
  if (!parameter.is_array()) return Fail(InvalidArgument("images: expected a list"));
  bool as_edit = false;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const Value& item = parameter[i];
    const std::string where = "images[" + std::to_string(i) + "]";
    if (item.is_string()) {
      as_edit = true;
      Image image = TRY_WRAP(ParseImage(item.str()), where);
      Image& entry = EntryFor(image.name, images);
      ReplaceImage(std::move(image), entry);
      continue;
    }
    Image image;
    TRY_WRAP(ReadImage(item, image, kUnknown), where);
    if (image.name.empty()) return Fail(InvalidArgument(where + ": name is required"));
    MergeImage(image, EntryFor(image.name, images));
  }
  if (as_edit) SortByName(images);
  return {};
}

void WriteReplicas(std::vector<Replica> parameters, std::vector<Replica>& replicas) {
  if (parameters.empty()) return;
  for (Replica& replica : parameters) replicas.push_back(std::move(replica));
  SortByName(replicas);
}

struct MapField {
  std::string_view name;   // "commonLabels"
  std::string_view entry;  // "label"
  std::string_view force;  // the parameter that allows to override
  bool forced = false;     // and what it says
};

Status WriteEntries(const std::map<std::string, std::string>& entries, const MapField& field,
                    std::map<std::string, std::string>& into) {
  for (const auto& [key, value] : entries) {
    if (into.contains(key) && !field.forced) {
      return Fail(InvalidArgument(std::string(field.name) + ": " + std::string(field.entry) + " " +
                                  key + " already in kustomization file; set " +
                                  std::string(field.force) + ": true to override it"));
    }
    into[key] = value;
  }
  return {};
}

Status WriteLabels(const Parameters& p, Kustomization& k) {
  const MapField field{"commonLabels", "label", "forceCommonLabels", p.force_labels};
  if (p.common_labels.empty()) return {};
  if (!p.without_selector) {
    return WriteEntries(p.common_labels, field, k.common_labels);
  }
  const auto fits = [&](const LabelEntry& entry) {
    return !entry.include_selectors && entry.include_templates == p.include_templates;
  };
  auto entry = std::ranges::find_if(k.labels, fits);
  if (entry == k.labels.end()) {
    LabelEntry added;
    added.include_templates = p.include_templates;
    entry = k.labels.insert(k.labels.end(), std::move(added));
  }
  return WriteEntries(p.common_labels, field, entry->pairs);
}

// Whether nothing at all is there. A path that leaves the repository is not missing but wrong.
bool IsMissing(const Loader& loader, const std::string& component) {
  if (ParseGitUrl(component)) return false;
  const auto folder = loader.Locate(component);
  if (!folder) return false;
  const auto entry = loader.tree()->Stat(*folder);
  return !entry && entry.error().code() == ErrorCode::kNotFound;
}

void WriteComponents(const Loader& loader, const Parameters& p, Kustomization& k) {
  for (const std::string& component : p.components) {
    if (std::ranges::find(k.components, component) != k.components.end()) continue;
    if (p.ignore_missing_components && IsMissing(loader, component)) continue;
    k.components.push_back(component);
  }
}

template <class T>
void Append(std::vector<T> more, std::vector<T>& to) {
  std::ranges::move(more, std::back_inserter(to));
}

}  // namespace

Status WriteParameters(const Loader& loader, const Value& parameters, Kustomization& k) {
  Parameters p = TRY(ReadParameters(parameters));
  if (!p.ns.empty()) k.ns = p.ns;
  if (!p.name_prefix.empty()) k.name_prefix = p.name_prefix;
  if (!p.name_suffix.empty()) k.name_suffix = p.name_suffix;
  TRY(WriteImages(p.images, k.images));
  WriteReplicas(std::move(p.replicas), k.replicas);
  TRY(WriteLabels(p, k));
  TRY(WriteEntries(
      p.common_annotations,
      {"commonAnnotations", "annotation", "forceCommonAnnotations", p.force_annotations},
      k.common_annotations));
  Append(std::move(p.patches), k.patches);
  Append(std::move(p.replacements), k.replacements);
  WriteComponents(loader, p, k);
  return {};
}

}  // namespace swell::kustomize
