// `spec.source` of an application.

#include "base/core/strings.h"
#include "reconciler/domain/source.h"
#include "reconciler/domain/source_fields.h"

namespace swell {
namespace {

HelmParameters ReadHelm(Fields fields) {
  HelmParameters out;
  out.release_name = fields.String("releaseName");
  out.value_files = fields.StringList("valueFiles");
  out.ignore_missing_value_files = fields.Bool("ignoreMissingValueFiles");
  out.values = fields.Object("values");
  out.set = fields.StringList("set");
  out.set_string = fields.StringList("setString");
  out.skip_crds = fields.Bool("skipCrds");
  const std::string random_values = fields.String("randomValues");
  if (random_values == "fresh") {
    out.random_values = RandomValues::kFresh;
  } else if (!random_values.empty() && random_values != "stable") {
    fields.Complain("randomValues", Quote(random_values) + " is not one of stable, fresh");
  }
  out.lookup = fields.Bool("lookup");
  fields.Finish();
  return out;
}

DirectoryParameters ReadDirectory(Fields fields) {
  DirectoryParameters out;
  out.recurse = fields.Bool("recurse");
  out.include = fields.String("include");
  out.exclude = fields.String("exclude");
  fields.Finish();
  return out;
}

// What one of `overrides` gives to the clusters that it is for.
SourceOverride ReadOverride(Fields& fields) {
  SourceOverride out;
  out.clusters = ReadSelector(fields.Nested("clusters", Presence::kRequired));
  if (out.clusters.empty()) fields.Complain("clusters", kSelectsNothing);
  out.path = fields.String("path");
  if (fields.Has("kustomize")) out.kustomize = ReadKustomize(fields, "kustomize");
  if (fields.Has("helm")) {
    Fields helm = fields.Nested("helm");
    out.helm_value_files = helm.StringList("valueFiles");
    out.helm_values = helm.Object("values");
    helm.Finish();
  }
  fields.Finish();  // an unknown field is more likely what is wrong
  const bool helm = !out.helm_value_files.empty() || !out.helm_values.is_null();
  if (out.path.empty() && out.kustomize.is_null() && !helm) {
    fields.Complain("", "changes nothing: give path, kustomize or helm");
  }
  return out;
}

// Whether the override fits the kind of source that it is for.
void CheckOverride(Fields& fields, const SourceSpec& source) {
  const auto is_other = [&](SourceType type) {
    return source.type != SourceType::kDetect && source.type != type;
  };
  if (fields.Has("kustomize") && is_other(SourceType::kKustomize)) {
    fields.Complain("kustomize", "the source is not of this type");
  }
  if (fields.Has("helm") && is_other(SourceType::kHelm)) {
    fields.Complain("helm", "the source is not of this type");
  }
  if (fields.Has("helm") && fields.Has("kustomize")) {
    fields.Complain("", "only one of helm and kustomize may be given");
  }
  if (fields.Has("path") && IsChart(KeyOf(source))) {
    fields.Complain("path", "a chart of a chart repository or registry has no path; remove it");
  }
}

// What a chart of a chart repository or registry is declared by.
void CheckChart(Fields& fields, SourceSpec& source) {
  const bool oci = source.repository.starts_with("oci://");
  if (source.chart.empty() && !oci) return;
  if (!oci && !source.repository.starts_with("https://") &&
      !source.repository.starts_with("http://")) {
    fields.Complain("repository", "a chart comes from an https:// or oci:// URL");
  }
  if (source.chart.find('/') != std::string::npos) {
    fields.Complain("chart", Quote(source.chart) + " is not a chart's name");
  }
  if (!source.path.empty()) {
    fields.Complain("path", "a chart of a chart repository or registry has no path; remove it");
  }
  if (source.type != SourceType::kDetect && source.type != SourceType::kHelm) {
    fields.Complain("", "a chart takes helm, not kustomize or directory");
  }
  source.type = SourceType::kHelm;
}

}  // namespace

bool KnownScheme(std::string_view url) {
  for (const char* scheme : {"file://", "https://", "http://", "ssh://", "oci://"}) {
    if (url.starts_with(scheme)) return true;
  }
  // scp-like: git@host:path
  const auto colon = url.find(':');
  return colon != std::string_view::npos && url.find("://") == std::string_view::npos &&
         url.substr(0, colon).find('@') != std::string_view::npos;
}

ClusterSelector ReadSelector(Fields fields) {
  ClusterSelector out;
  out.all = fields.Bool("all");
  out.match_labels = fields.StringMap("matchLabels");
  out.names = fields.StringList("names");
  fields.ForEach("matchExpressions", [&](Fields& item) {
    ClusterSelector::Expression e;
    e.key = item.String("key", Presence::kRequired);
    e.op = item.String("operator", Presence::kRequired);
    e.values = item.StringList("values");
    const bool set = e.op == "In" || e.op == "NotIn";
    if (!set && e.op != "Exists" && e.op != "DoesNotExist") {
      item.Complain("operator", Quote(e.op) + " is not one of In, NotIn, Exists, DoesNotExist");
    } else if (set == e.values.empty()) {
      item.Complain("values", set ? e.op + " needs values" : e.op + " takes no values");
    }
    out.match_expressions.push_back(std::move(e));
  });
  fields.Finish();
  return out;
}

SourceSpec ReadSource(Fields fields) {
  SourceSpec out;
  out.repository = fields.String("repository", Presence::kRequired);
  if (!out.repository.empty() && !KnownScheme(out.repository)) {
    fields.Complain("repository", "expected a file://, https://, ssh:// or oci:// URL");
  }
  const auto scheme_end = out.repository.find("://");
  if (scheme_end != std::string::npos && !out.repository.starts_with("ssh://") &&
      out.repository
              .substr(scheme_end + 3, out.repository.find('/', scheme_end + 3) - scheme_end - 3)
              .find('@') != std::string::npos) {
    fields.Complain("repository",
                    "credentials do not belong in the URL: declare a Repository resource instead");
  }
  out.chart = fields.String("chart");
  out.revision = fields.String("revision");
  out.path = fields.String("path");
  int given = 0;
  if (fields.Has("helm")) {
    ++given;
    out.type = SourceType::kHelm;
    out.helm = ReadHelm(fields.Nested("helm"));
  }
  if (fields.Has("kustomize")) {
    ++given;
    out.type = SourceType::kKustomize;
    out.kustomize = ReadKustomize(fields, "kustomize");
  }
  if (fields.Has("directory")) {
    ++given;
    out.type = SourceType::kDirectory;
    out.directory = ReadDirectory(fields.Nested("directory"));
  }
  if (given > 1) fields.Complain("", "only one of helm, kustomize and directory may be given");
  CheckChart(fields, out);
  fields.ForEach("overrides", [&](Fields& item) {
    CheckOverride(item, out);
    out.overrides.push_back(ReadOverride(item));
  });
  fields.Finish();
  return out;
}

}  // namespace swell
