#include "reconciler/plan/object_policy.h"

#include <algorithm>
#include <string_view>

#include "base/core/strings.h"

namespace swell::plan {
namespace {

constexpr char kReconcile[] = "kustomize.toolkit.fluxcd.io/reconcile";
constexpr char kSsa[] = "kustomize.toolkit.fluxcd.io/ssa";
constexpr char kCompareOptions[] = "argocd.argoproj.io/compare-options";

std::string_view Annotation(const Value& object, const char* key) {
  return Trim(object["metadata"]["annotations"][key].as_string());
}

bool Says(const Value& object, const char* key, std::string_view word) {
  return ToLower(Annotation(object, key)) == ToLower(word);
}

std::vector<std::string_view> Options(const Value& object) {
  std::vector<std::string_view> words;
  for (std::string_view word : Split(Annotation(object, kCompareOptions), ',')) {
    if (word = Trim(word); !word.empty()) words.push_back(word);
  }
  return words;
}

// "" where the word does what it says.
std::string Remark(std::string_view option) {
  const std::string named = std::string(kCompareOptions) + ": " + std::string(option);
  const std::string_view key = option.substr(0, option.find('='));
  if (key == "IgnoreExtraneous") return "";
  if (key == "ServerSideDiff") {
    return named + " has no effect: objects are always compared by the rules of server-side apply";
  }
  if (key == "IncludeMutationWebhook") {
    return named + " has no effect: what admission changes is told apart by who owns the field";
  }
  return named + " is not known and has no effect";
}

}  // namespace

std::string WhyLeftAlone(const Value& desired, const Value& live) {
  for (const Value* object : {&desired, &live}) {
    if (Says(*object, kReconcile, "disabled")) return std::string(kReconcile) + ": disabled";
  }
  for (const Value* object : {&desired, &live}) {
    if (Says(*object, kSsa, "Ignore")) return std::string(kSsa) + ": Ignore";
    if (!live.is_null() && Says(*object, kSsa, "IfNotPresent")) {
      return std::string(kSsa) + ": IfNotPresent";
    }
  }
  return "";
}

bool IsExtraneous(const Value& live) {
  const auto options = Options(live);
  return std::ranges::find(options, "IgnoreExtraneous") != options.end();
}

ComparisonRules::ComparisonRules(const Application& application) {
  auto book = diff::RuleBook::Compile(application.ignore_differences);
  if (book) {
    book_ = *std::move(book);
  } else {
    // It was declared to a server that knew more; CheckResource refuses it now.
    problems_.push_back("no ignore rule is in force: " + book.error().ToString());
  }
}

void ComparisonRules::NoteOptions(const Value& desired, const ObjectId& id) {
  for (std::string_view option : Options(desired)) {
    if (std::string remark = Remark(option); !remark.empty()) {
      remarks_[std::move(remark)].push_back(id.ToString());
    }
  }
}

void ComparisonRules::NoteProblem(const ObjectId& id, const std::string& problem) {
  problems_.push_back(id.ToString() + ": an ignore rule is not in force: " + problem);
}

std::vector<std::string> ComparisonRules::Warnings() const {
  std::vector<std::string> out = problems_;
  for (const auto& [remark, objects] : remarks_) {
    const std::size_t more = objects.size() - 1;
    out.push_back(objects.front() + (more == 0 ? "" : " and " + std::to_string(more) + " more") +
                  ": " + remark);
  }
  return out;
}

}  // namespace swell::plan
