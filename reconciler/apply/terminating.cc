// What is left in a namespace that does not go away.

#include <algorithm>

#include "base/core/clock.h"
#include "base/core/strings.h"
#include "reconciler/apply/context.h"
#include "reconciler/plan/keep.h"

namespace swell::apply {
namespace {

using Done = std::move_only_function<void(std::string)>;

constexpr std::size_t kMaxKinds = 4;     // that are listed
constexpr std::size_t kMaxNames = 3;     // of each that are named
constexpr std::size_t kMaxListed = 500;  // objects of a kind

// "widgets" of "e.com", from the namespace controller's "widgets.e.com has 3 resource instances".
struct Remaining {
  std::string resource;
  std::string group;
};

std::vector<Remaining> RemainingIn(const Value& space) {
  constexpr std::string_view kHas = " has ";
  std::vector<Remaining> out;
  for (const Value& condition : space["status"]["conditions"].items()) {
    if (condition["type"].as_string() != "NamespaceContentRemaining" ||
        condition["status"].as_string() != "True") {
      continue;
    }
    std::string_view text = condition["message"].as_string();
    text = text.substr(std::min(text.size(), text.find(": ") + 2));
    for (std::string_view part : Split(text, ',')) {
      const std::string_view name = Trim(part).substr(0, Trim(part).find(kHas));
      const auto dot = name.find('.');
      if (dot == std::string_view::npos || out.size() == kMaxKinds) continue;
      out.push_back({std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))});
    }
  }
  return out;
}

class Explainer : public std::enable_shared_from_this<Explainer> {
 public:
  Explainer(ContextPtr context, ObjectId space, std::string text, Done done)
      : context_(std::move(context)),
        space_(std::move(space)),
        text_(std::move(text)),
        done_(std::move(done)) {}

  void Start(const Value& live) {
    const auto resources = context_->discovery().Current();
    std::vector<live::TaskPool::Task> tasks;
    for (const Remaining& remaining : RemainingIn(live)) {
      if (!resources) break;
      const auto all = resources->all();
      const auto known = std::ranges::find_if(all, [&](const kube::ApiResource& r) {
        return r.resource == remaining.resource && r.group == remaining.group && r.namespaced;
      });
      if (known == all.end()) continue;
      tasks.push_back([self = shared_from_this(), resource = *known](auto finished) {
        self->List(resource, std::move(finished));
      });
    }
    live::TaskPool::Run(std::move(tasks), kMaxKinds,
                        [self = shared_from_this()] { self->done_(std::move(self->text_)); });
  }

 private:
  void List(const kube::ApiResource& resource, live::TaskPool::Finished finished) {
    kube::ListOptions options;
    options.timeout = std::chrono::seconds(5);
    options.max_items = kMaxListed;
    context_->client().List(
        resource.Ref(space_.name, ""),
        context_->OnLoop<kube::ListResult>([self = shared_from_this(), resource,
                                            finished = std::move(finished)](auto list) mutable {
          // What cannot be listed is told by number alone, by the condition.
          if (list) self->Name(resource, list->items);
          finished();
        }),
        options);
  }

  void Name(const kube::ApiResource& resource, const std::vector<Value>& items) {
    std::string names;
    std::size_t count = 0;
    for (const Value& item : items) {
      if (item["metadata"]["finalizers"].empty() || ++count > kMaxNames) continue;
      names +=
          (names.empty() ? "" : ", ") + resource.resource + "/" + item["metadata"]["name"].str();
    }
    if (count == 0) return;
    if (count > kMaxNames) names += " and " + std::to_string(count - kMaxNames) + " more";
    const std::string kind =
        resource.resource + (resource.group.empty() ? "" : "." + resource.group);
    text_ += "; with finalizers: " + names +
             ". Their controllers take these away; where a controller is gone: kubectl patch " +
             kind + " NAME -n " + space_.name +
             R"( --type=json -p='[{"op":"remove","path":"/metadata/finalizers"}]')";
  }

  ContextPtr context_;
  ObjectId space_;
  std::string text_;
  Done done_;
};

}  // namespace

void ExplainTerminating(const ContextPtr& context, const ObjectId& id, const Value& live,
                        Done done) {
  std::string text = plan::DescribeTerminating(id, live, SystemClock().Now());
  if (!id.group.empty() || id.kind != "Namespace") return done(std::move(text));
  std::make_shared<Explainer>(context, id, std::move(text), std::move(done))->Start(live);
}

}  // namespace swell::apply
