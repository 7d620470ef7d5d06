#include "renderer/pipeline/resolve.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/core/strings.h"
#include "renderer/source/path.h"

namespace swell {
namespace {

constexpr std::string_view kForms =
    "{{ .cluster.name }}, {{ .cluster.labels.NAME }} or {{ index .cluster.labels \"NAME\" }}";

// The inside of an action: "{{- x -}}" -> "x".
std::string_view Inside(std::string_view action) {
  if (action.starts_with("- ")) action.remove_prefix(1);
  if (action.ends_with(" -")) action.remove_suffix(1);
  return Trim(action);
}

// Whether .cluster is read from the root ("{{ .Values.cluster }}" does not).
bool MentionsCluster(std::string_view action) {
  constexpr std::string_view kWord = ".cluster";
  for (std::size_t at = 0; (at = action.find(kWord, at)) != std::string_view::npos; ++at) {
    const char before = at == 0 ? ' ' : action[at - 1];
    const char after = at + kWord.size() < action.size() ? action[at + kWord.size()] : ' ';
    const bool root = before == ' ' || before == '(' || before == '$' || before == '\t' ||
                      before == '|' || before == '-';
    const bool whole = after == '.' || after == ' ' || after == ')' || after == '|' ||
                       after == '\t' || after == '-';
    if (root && whole) return true;
  }
  return false;
}

bool IsFieldName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
  });
}

// The label that the action asks for, or nothing where it is written in no known form.
std::optional<std::string> LabelOf(std::string_view action) {
  constexpr std::string_view kField = ".cluster.labels.", kIndex = "index ",
                             kLabels = ".cluster.labels";
  if (action.starts_with(kField)) {
    const std::string_view name = action.substr(kField.size());
    return IsFieldName(name) ? std::optional<std::string>(name) : std::nullopt;
  }
  if (!action.starts_with(kIndex)) return std::nullopt;
  action = Trim(action.substr(kIndex.size()));
  if (!action.starts_with(kLabels)) return std::nullopt;
  action = Trim(action.substr(kLabels.size()));
  if (action.size() < 3 || action.front() != action.back()) return std::nullopt;
  if (action.front() != '"' && action.front() != '`') return std::nullopt;
  const std::string_view name = action.substr(1, action.size() - 2);
  if (name.find_first_of("\"`\\") != std::string_view::npos) return std::nullopt;
  return std::string(name);
}

bool IsPlain(std::string_view fact) {
  const auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  };
  if (fact.empty()) return true;
  return is_word(fact.front()) && is_word(fact.back()) && std::ranges::all_of(fact, [&](char c) {
           return is_word(c) || c == '-' || c == '_' || c == '.';
         });
}

Result<std::string> Evaluate(std::string_view action, const ClusterFacts& cluster) {
  const std::string shown = "{{ " + std::string(action) + " }}";
  if (action == ".cluster.name") {
    if (cluster.name.empty()) {
      return Fail(InvalidArgument(shown + ": no cluster is given for this render"));
    }
    return cluster.name;
  }
  const auto label = LabelOf(action);
  if (!label) {
    return Fail(Unimplemented(shown + " is not supported here; write " + std::string(kForms)));
  }
  const auto it = cluster.labels.find(*label);
  if (it == cluster.labels.end()) {
    return Fail(InvalidArgument(shown + ": " +
                                (cluster.name.empty()
                                     ? "no cluster is given for this render, so there is no label "
                                     : "cluster " + Quote(cluster.name) + " has no label ") +
                                Quote(*label)));
  }
  return it->second;
}

Result<std::string> EvaluateAs(FactText facts, std::string_view action,
                               const ClusterFacts& cluster) {
  std::string fact = TRY(Evaluate(action, cluster));
  if (facts == FactText::kAny || IsPlain(fact)) return fact;
  return Fail(InvalidArgument("{{ " + std::string(action) + " }} is " + Quote(fact) +
                              " for cluster " + Quote(cluster.name) +
                              ": what is put in here may hold letters, digits, '-', '_' and '.' "
                              "alone, and begins and ends with a letter or digit"));
}

Result<Value> SubstituteLeaves(const Value& value, const ClusterFacts& cluster, FactText facts) {
  if (value.is_string()) {
    if (value.as_string().find("{{") == std::string_view::npos) return value;
    return Value(TRY(SubstituteCluster(value.as_string(), cluster, OtherActions::kKeep, facts)));
  }
  if (value.is_array()) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < value.size(); ++i) {
      items.push_back(
          TRY_WRAP(SubstituteLeaves(value[i], cluster, facts), "[" + std::to_string(i) + "]"));
    }
    return Value::ArrayFrom(items);
  }
  if (!value.is_object()) return value;
  std::vector<Member> members;
  for (const Member& m : value.members()) {
    members.emplace_back(
        m.key, TRY_WRAP(SubstituteLeaves(m.value, cluster, facts), std::string(m.name())));
  }
  return Value::ObjectFrom(members);
}

bool TextUsesCluster(std::string_view text) {
  for (std::size_t open = 0; (open = text.find("{{", open)) != std::string_view::npos;) {
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return false;
    if (MentionsCluster(text.substr(open + 2, close - open - 2))) return true;
    open = close + 2;
  }
  return false;
}

bool ValueUsesCluster(const Value& value) {
  if (value.is_string()) return TextUsesCluster(value.as_string());
  return std::ranges::any_of(value.items(), ValueUsesCluster) ||
         std::ranges::any_of(value.members(),
                             [](const Member& m) { return ValueUsesCluster(m.value); });
}

}  // namespace

Result<std::string> SubstituteCluster(std::string_view text, const ClusterFacts& cluster,
                                      OtherActions others, FactText facts) {
  std::string out;
  for (;;) {
    const std::size_t open = text.find("{{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos) {
      if (others == OtherActions::kKeep) return out.append(text.substr(open));
      return Fail(InvalidArgument(Quote(text) + " has a {{ without its }}"));
    }
    const std::string_view whole = text.substr(open, close + 2 - open);
    const std::string_view action = whole.substr(2, whole.size() - 4);
    text.remove_prefix(close + 2);
    if (MentionsCluster(action) || others == OtherActions::kRefuse) {
      out += TRY(EvaluateAs(facts, Inside(action), cluster));
    } else {
      out += whole;
    }
  }
}

Result<RenderRequest> ResolveRequest(const RenderRequest& request) {
  RenderRequest out = request;
  const std::string path =
      TRY_WRAP(SubstituteCluster(request.path, request.cluster, OtherActions::kRefuse), "path");
  out.path = TRY_WRAP(CleanPath(path), "path");
  for (std::string& file : out.helm.value_files) {
    file = TRY_WRAP(SubstituteCluster(file, request.cluster, OtherActions::kRefuse),
                    "value file " + Quote(file));
  }
  out.helm.values = TRY_WRAP(SubstituteLeaves(request.helm.values, request.cluster, FactText::kAny),
                             "helm values");
  out.kustomize = TRY_WRAP(SubstituteLeaves(request.kustomize, request.cluster, FactText::kPlain),
                           "kustomize parameters");
  if (out.helm.release_name.empty()) out.helm.release_name = request.application;
  return out;
}

bool UsesClusterTemplates(const RenderRequest& request) {
  return TextUsesCluster(request.path) ||
         std::ranges::any_of(request.helm.value_files, TextUsesCluster) ||
         ValueUsesCluster(request.helm.values) || ValueUsesCluster(request.kustomize);
}

}  // namespace swell
