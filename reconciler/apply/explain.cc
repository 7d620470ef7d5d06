#include "base/core/strings.h"
#include "reconciler/apply/context.h"
#include "reconciler/apply/selector.h"
#include "reconciler/health/health.h"

namespace swell::apply {
namespace {

constexpr std::size_t kMaxPods = 2'000;
constexpr Duration kPodsTimeout = std::chrono::seconds(10);

std::string Expression(const Value& expression) {
  const std::string key = expression["key"].str();
  const std::string_view op = expression["operator"].as_string();
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  std::vector<std::string> values;
  for (const Value& value : expression["values"].items()) values.push_back(value.str());
  return key + (op == "NotIn" ? " notin (" : " in (") + Join(values, ",") + ")";
}

}  // namespace

std::string SelectorText(const Value& selector) {
  std::vector<std::string> parts;
  for (const Member& label : selector["matchLabels"].members()) {
    parts.push_back(label.key.str() + "=" + label.value.str());
  }
  for (const Value& expression : selector["matchExpressions"].items()) {
    parts.push_back(Expression(expression));
  }
  return Join(parts, ",");
}

void ExplainWorkload(const kube::ConnectionPtr& connection, const Value& workload,
                     std::move_only_function<void(std::string)> done) {
  kube::ListOptions options;
  options.timeout = kPodsTimeout;
  options.label_selector = SelectorText(workload["spec"]["selector"]);
  options.max_items = kMaxPods;
  const kube::ResourceRef pods = {.group = "",
                                  .version = "v1",
                                  .resource = "pods",
                                  .ns = workload["metadata"]["namespace"].str(),
                                  .name = ""};
  kube::Client& client = *connection->client;
  client.List(pods,
              live::OnLoop<kube::ListResult>(
                  client.loop(),
                  [connection, done = std::move(done)](auto list) mutable {
                    done(list ? health::ExplainPods(list->items) : std::string());
                  }),
              options);
}

}  // namespace swell::apply
