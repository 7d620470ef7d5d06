// Pairs of a desired and a live object as a real API server returns it: defaults filled in, status,
// managedFields of us and of a controller. Items are pairs.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/core/check.h"
#include "base/value/json.h"
#include "reconciler/diff/diff.h"
#include "reconciler/diff/explain.h"

namespace swell::diff {
namespace {

struct Pair {
  Value desired;
  Value live;
};

Value Json(const std::string& text) {
  auto value = json::Parse(text);
  SWELL_CHECK(value.has_value());
  return *value;
}

std::string Replaced(std::string text, const std::string& number) {
  for (std::size_t at; (at = text.find('#')) != std::string::npos;) text.replace(at, 1, number);
  return text;
}

constexpr char kServerMeta[] =
    R"("uid":"0d9c3e2a-77aa-4b6f-9a7e-0000000#","resourceVersion":"9#","generation":3,)"
    R"("creationTimestamp":"2026-01-01T00:00:00Z",)";

Pair Deployment(const std::string& number) {
  const std::string metadata =
      R"("name":"web-#","namespace":"shop","labels":{"app":"web","team":"shop","tier":"front"},)"
      R"("annotations":{"swell.dev/owner":"web")";
  const std::string desired =
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{)" + metadata +
      R"(}},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{
      "labels":{"app":"web"}},"spec":{"serviceAccountName":"web","containers":[
      {"name":"app","image":"registry.example.com/web:1.#","args":["--listen=:8080","--v=2"],
       "env":[{"name":"A","value":"1"},{"name":"B","value":"2"},{"name":"C","valueFrom":
         {"secretKeyRef":{"name":"s","key":"c"}}}],
       "ports":[{"containerPort":8080,"name":"http"},{"containerPort":9090,"name":"metrics"}],
       "resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"256Mi"}},
       "readinessProbe":{"httpGet":{"path":"/ready","port":"http"},"periodSeconds":5},
       "volumeMounts":[{"name":"config","mountPath":"/etc/web"},{"name":"tmp","mountPath":"/tmp"}]},
      {"name":"log","image":"registry.example.com/log:2"}],
      "volumes":[{"name":"config","configMap":{"name":"web"}},{"name":"tmp","emptyDir":{}}]}}}})";
  const std::string live =
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{)" + std::string(kServerMeta) +
      R"("managedFields":[{"manager":"swell","operation":"Apply","apiVersion":"apps/v1",
      "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{
      "f:annotations":{"f:swell.dev/owner":{}},"f:labels":{"f:app":{},"f:team":{},"f:tier":{}}},
      "f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},
      "f:spec":{"f:serviceAccountName":{},"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:name":{},
      "f:image":{},"f:args":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}},
      "k:{\"name\":\"B\"}":{".":{},"f:name":{},"f:value":{}},"k:{\"name\":\"C\"}":{".":{},
      "f:name":{},"f:valueFrom":{"f:secretKeyRef":{}}}},"f:ports":{
      "k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:name":{}},
      "k:{\"containerPort\":9090,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:name":{}}},
      "f:readinessProbe":{"f:httpGet":{"f:path":{},"f:port":{}},"f:periodSeconds":{}},
      "f:resources":{"f:limits":{"f:memory":{}},"f:requests":{"f:cpu":{},"f:memory":{}}},
      "f:volumeMounts":{"k:{\"mountPath\":\"/etc/web\"}":{".":{},"f:mountPath":{},"f:name":{}},
      "k:{\"mountPath\":\"/tmp\"}":{".":{},"f:mountPath":{},"f:name":{}}}},
      "k:{\"name\":\"log\"}":{".":{},"f:name":{},"f:image":{}}},"f:volumes":{
      "k:{\"name\":\"config\"}":{".":{},"f:name":{},"f:configMap":{"f:name":{}}},
      "k:{\"name\":\"tmp\"}":{".":{},"f:name":{},"f:emptyDir":{}}}}}}}},
      {"manager":"kube-controller-manager","operation":"Update","apiVersion":"apps/v1",
      "subresource":"status","time":"2026-01-01T00:00:09Z","fieldsType":"FieldsV1","fieldsV1":{
      "f:metadata":{"f:annotations":{"f:deployment.kubernetes.io/revision":{}}},"f:status":{
      "f:availableReplicas":{},"f:conditions":{".":{},"k:{\"type\":\"Available\"}":{".":{},
      "f:status":{},"f:type":{}}},"f:observedGeneration":{},"f:readyReplicas":{}}}}],)" +
      metadata + R"(,"deployment.kubernetes.io/revision":"3"}},"spec":{"replicas":3,
      "progressDeadlineSeconds":600,"revisionHistoryLimit":10,"strategy":{"type":"RollingUpdate",
      "rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}},"selector":{"matchLabels":{
      "app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{
      "serviceAccountName":"web","serviceAccount":"web","dnsPolicy":"ClusterFirst",
      "restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},
      "terminationGracePeriodSeconds":30,"containers":[
      {"name":"app","image":"registry.example.com/web:1.#","args":["--listen=:8080","--v=2"],
       "imagePullPolicy":"IfNotPresent","terminationMessagePath":"/dev/termination-log",
       "terminationMessagePolicy":"File",
       "env":[{"name":"A","value":"1"},{"name":"B","value":"2"},{"name":"C","valueFrom":
         {"secretKeyRef":{"name":"s","key":"c"}}}],
       "ports":[{"containerPort":8080,"name":"http","protocol":"TCP"},
         {"containerPort":9090,"name":"metrics","protocol":"TCP"}],
       "resources":{"requests":{"cpu":"100m","memory":"128Mi"},"limits":{"memory":"256Mi"}},
       "readinessProbe":{"httpGet":{"path":"/ready","port":"http","scheme":"HTTP"},
         "periodSeconds":5,"failureThreshold":3,"successThreshold":1,"timeoutSeconds":1},
       "volumeMounts":[{"name":"config","mountPath":"/etc/web"},{"name":"tmp","mountPath":"/tmp"}]},
      {"name":"log","image":"registry.example.com/log:2","imagePullPolicy":"IfNotPresent",
       "resources":{},"terminationMessagePath":"/dev/termination-log",
       "terminationMessagePolicy":"File"}],
      "volumes":[{"name":"config","configMap":{"name":"web","defaultMode":420}},
        {"name":"tmp","emptyDir":{}}]}}},"status":{"availableReplicas":3,"observedGeneration":3,
      "readyReplicas":3,"replicas":3,"updatedReplicas":3,"conditions":[{"type":"Available",
      "status":"True","reason":"MinimumReplicasAvailable","message":"m"}]}})";
  return {Json(Replaced(desired, number)), Json(Replaced(live, number))};
}

Pair Service(const std::string& number) {
  const std::string desired =
      R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"web-#","namespace":"shop",
      "labels":{"app":"web"}},"spec":{"selector":{"app":"web"},"ports":[
      {"name":"http","port":80,"targetPort":"http","protocol":"TCP"},
      {"name":"metrics","port":9090,"targetPort":9090,"protocol":"TCP"}]}})";
  const std::string live =
      R"({"apiVersion":"v1","kind":"Service","metadata":{)" + std::string(kServerMeta) +
      R"("managedFields":[{"manager":"swell","operation":"Apply","apiVersion":"v1",
      "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{
      "f:app":{}}},"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},
      "f:port":{},"f:protocol":{},"f:targetPort":{}},"k:{\"port\":9090,\"protocol\":\"TCP\"}":{
      ".":{},"f:name":{},"f:port":{},"f:protocol":{},"f:targetPort":{}}},"f:selector":{}}}}],
      "name":"web-#","namespace":"shop","labels":{"app":"web"}},"spec":{"selector":{"app":"web"},
      "clusterIP":"10.0.0.#","clusterIPs":["10.0.0.#"],"internalTrafficPolicy":"Cluster",
      "ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","sessionAffinity":"None",
      "type":"ClusterIP","ports":[
      {"name":"http","port":80,"targetPort":"http","protocol":"TCP"},
      {"name":"metrics","port":9090,"targetPort":9090,"protocol":"TCP"}]},
      "status":{"loadBalancer":{}}})";
  return {Json(Replaced(desired, number)), Json(Replaced(live, number))};
}

Pair ConfigMap(const std::string& number) {
  std::string data, fields;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i);
    data += (i == 0 ? "\"" : ",\"") + key + "\":\"a value of some length, number # " + key + "\"";
    fields += (i == 0 ? "\"f:" : ",\"f:") + key + "\":{}";
  }
  const std::string named = R"("name":"web-#","namespace":"shop"},"data":{)" + data + "}}";
  const std::string head = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{)";
  const std::string managed =
      R"("managedFields":[{"manager":"swell","operation":"Apply","apiVersion":"v1",
      "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{)" +
      fields + "}}}],";
  return {Json(Replaced(head + named, number)),
          Json(Replaced(head + kServerMeta + managed + named, number))};
}

// No CRD at hand: the lists are known from managedFields alone.
Pair Custom(const std::string& number) {
  std::string routes, fields;
  for (int i = 0; i < 5; ++i) {
    const std::string name = "route" + std::to_string(i);
    routes +=
        (i == 0 ? "" : ",") + std::string(R"({"name":")") + name +
        R"(","match":{"prefix":"/a/#"},"weights":[{"to":"x","weight":90},{"to":"y","weight":10}]})";
    fields += (i == 0 ? "" : ",") + std::string(R"("k:{\"name\":\")") + name +
              R"(\"}":{".":{},"f:name":{},"f:match":{"f:prefix":{}},"f:weights":{}})";
  }
  const std::string named =
      R"("name":"r-#","namespace":"shop"},"spec":{"hosts":["a.example.com","b.example.com"],
      "timeout":"30s","routes":[)" +
      routes + "]}}";
  const std::string head = R"({"apiVersion":"mesh.example.com/v1","kind":"Router","metadata":{)";
  const std::string managed =
      R"("managedFields":[{"manager":"swell","operation":"Apply","apiVersion":"mesh.example.com/v1",
      "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:hosts":{},
      "f:timeout":{},"f:routes":{)" +
      fields + "}}}}],";
  return {Json(Replaced(head + named, number)),
          Json(Replaced(head + kServerMeta + managed + named, number))};
}

using Maker = Pair (*)(const std::string&);
enum class Last { kRecorded, kOwnership };

std::vector<Pair> Many(std::initializer_list<Maker> makers) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 500; ++i) {
    for (Maker maker : makers) pairs.push_back(maker(std::to_string(100 + i)));
  }
  return pairs;
}

void RunCompare(benchmark::State& state, const std::vector<Pair>& pairs, Last last) {
  const Options options = {.field_manager = "swell"};
  std::size_t at = 0;
  for (auto _ : state) {
    const Pair& pair = pairs[at++ % pairs.size()];
    // What was recorded is another copy: from the store, not from this render.
    const Value& recorded = last == Last::kRecorded ? pair.desired : Value();
    const auto changes = Compare(pair.desired, pair.live, recorded, options);
    SWELL_CHECK(changes.empty());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

// What a diff costs that knows nothing: members and items side by side, until all of desired was
// looked at.
std::size_t NaiveDifferences(const Value& desired, const Value& live) {
  std::size_t count = 0;
  if (desired.is_object() && live.is_object()) {
    for (const Member& member : desired.members()) {
      const Value* other = live.Find(member.name());
      count += other == nullptr ? 1 : NaiveDifferences(member.value, *other);
    }
    return count;
  }
  if (desired.is_array() && live.is_array() && desired.size() == live.size()) {
    for (std::size_t i = 0; i < desired.size(); ++i) count += NaiveDifferences(desired[i], live[i]);
    return count;
  }
  return desired == live ? 0 : 1;
}

void RunNaive(benchmark::State& state, const std::vector<Pair>& pairs) {
  std::size_t at = 0;
  for (auto _ : state) {
    const Pair& pair = pairs[at++ % pairs.size()];
    benchmark::DoNotOptimize(NaiveDifferences(pair.desired, pair.live));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

void RunExplain(benchmark::State& state, const std::vector<Pair>& pairs) {
  std::size_t at = 0;
  for (auto _ : state) {
    const Pair& pair = pairs[at++ % pairs.size()];
    benchmark::DoNotOptimize(
        Explain(pair.desired, pair.live, pair.desired, {.field_manager = "swell"}));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

#define SWELL_PAIRS(name, ...)                                                        \
  void Compare##name(benchmark::State& state) {                                       \
    RunCompare(state, Many({__VA_ARGS__}), Last::kRecorded);                          \
  }                                                                                   \
  BENCHMARK(Compare##name);                                                           \
  void CompareByOwnership##name(benchmark::State& state) {                            \
    RunCompare(state, Many({__VA_ARGS__}), Last::kOwnership);                         \
  }                                                                                   \
  BENCHMARK(CompareByOwnership##name);                                                \
  void Naive##name(benchmark::State& state) { RunNaive(state, Many({__VA_ARGS__})); } \
  BENCHMARK(Naive##name)

SWELL_PAIRS(Deployments, Deployment);
SWELL_PAIRS(Services, Service);
SWELL_PAIRS(ConfigMaps, ConfigMap);
SWELL_PAIRS(Customs, Custom);
SWELL_PAIRS(Mixed, Deployment, Service, ConfigMap, Custom);

void ExplainMixed(benchmark::State& state) {
  RunExplain(state, Many({Deployment, Service, ConfigMap, Custom}));
}
BENCHMARK(ExplainMixed);

}  // namespace
}  // namespace swell::diff
