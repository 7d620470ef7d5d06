// The life of a Value on a list of Kubernetes objects of about 5 MB: parse, copy, compare,
// edit, serialise, destroy. Bytes per second are of the JSON (or YAML) text.

#include <benchmark/benchmark.h>

#include <string>

#include "base/value/json.h"
#include "base/value/yaml.h"

namespace swell {
namespace {

Value Pod(int i) {
  const std::string name = "web-" + std::to_string(i);
  const Value container = Value::Object({
      {"name", Value("app")},
      {"image", Value("registry.example.com/shop/web:1.2." + std::to_string(i % 9))},
      {"args", Value::Array({Value("--listen=0.0.0.0:8080"), Value("--log-level=info")})},
      {"ports", Value::Array({Value::Object({{"containerPort", Value(8080)}})})},
      {"resources", Value::Object({{"limits", Value::Object({{"cpu", Value("500m")},
                                                             {"memory", Value("1Gi")}})}})},
      {"terminationMessagePath", Value("/dev/termination-log")},
  });
  return Value::Object({
      {"apiVersion", Value("v1")},
      {"kind", Value("Pod")},
      {"metadata",
       Value::Object(
           {{"name", Value(name)},
            {"namespace", Value("shop")},
            {"uid", Value("0d9c3e2a-77aa-4b6f-9a7e-" + std::to_string(100000000000 + i))},
            {"resourceVersion", Value(std::to_string(1000 + i))},
            {"labels",
             Value::Object({{"app", Value("web")}, {"pod-template-hash", Value("5d4f8c7b9")}})},
            {"annotations", Value::Object({{"checksum/config", Value(std::string(64, 'a'))}})}})},
      {"spec", Value::Object({{"containers", Value::Array({container, container})},
                              {"nodeName", Value("node-" + std::to_string(i % 40))},
                              {"terminationGracePeriodSeconds", Value(30)}})},
      {"status",
       Value::Object(
           {{"phase", Value("Running")}, {"ready", Value(true)}, {"load", Value(0.25 * (i % 7))}})},
  });
}

const Value& List() {
  static const Value list = [] {
    std::vector<Value> items;
    for (int i = 0; i < 5000; ++i) items.push_back(Pod(i));
    return Value::Object({{"apiVersion", Value("v1")},
                          {"kind", Value("List")},
                          {"items", Value::Array(std::move(items))}});
  }();
  return list;
}

void CountBytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

void BM_JsonLife(benchmark::State& state) {
  const std::string text = json::Write(List());
  for (auto _ : state) {
    const Value value = json::Parse(text).value();
    const Value copy = value;
    const Value other = json::Parse(text).value();
    bool same = copy == other;
    benchmark::DoNotOptimize(same);
    benchmark::DoNotOptimize(json::Write(copy));
  }
  CountBytes(state, text.size());
}

void BM_JsonParse(benchmark::State& state) {
  const std::string text = json::Write(List());
  for (auto _ : state) benchmark::DoNotOptimize(json::Parse(text));
  CountBytes(state, text.size());
}

void BM_JsonWrite(benchmark::State& state) {
  const std::size_t bytes = json::Write(List()).size();
  for (auto _ : state) benchmark::DoNotOptimize(json::Write(List()));
  CountBytes(state, bytes);
}

void BM_CompareDeep(benchmark::State& state) {
  const std::string text = json::Write(List());
  const Value a = json::Parse(text).value(), b = json::Parse(text).value();
  for (auto _ : state) {
    bool same = a == b;
    benchmark::DoNotOptimize(same);
  }
  CountBytes(state, text.size());
}

void BM_EditAndCompare(benchmark::State& state) {
  const Value& list = List();
  for (auto _ : state) {
    const Value item = list["items"][7].WithAt({"spec", "nodeName"}, Value("node-99"));
    const Value edited = list.With("items", list["items"].WithItem(7, item));
    bool same = edited == list;  // all but one path is shared
    benchmark::DoNotOptimize(same);
  }
}

void BM_YamlParse(benchmark::State& state) {
  const std::string text = yaml::Write(List());
  for (auto _ : state) benchmark::DoNotOptimize(yaml::Parse(text));
  CountBytes(state, text.size());
}

void BM_YamlWrite(benchmark::State& state) {
  const std::size_t bytes = yaml::Write(List()).size();
  for (auto _ : state) benchmark::DoNotOptimize(yaml::Write(List()));
  CountBytes(state, bytes);
}

BENCHMARK(BM_JsonLife)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_JsonParse)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_JsonWrite)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_CompareDeep)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_EditAndCompare)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_YamlParse)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_YamlWrite)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace swell
