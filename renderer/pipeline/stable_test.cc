// Random values, times and lookups: kept, shared and renewed.

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "base/core/strings.h"
#include "renderer/pipeline/cache.h"
#include "renderer/pipeline/render.h"

namespace swell {
namespace {

using Files = std::map<std::string, std::string>;

constexpr Timestamp kNow{std::chrono::hours(24) * 20'000};
constexpr auto kDay = std::chrono::hours(24);

std::string ConfigMap(const std::string& name, const std::string& expression) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata:\n  v: {{ " +
         expression + " | quote }}\n";
}

Files Chart(Files templates) {
  Files files = {{"Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"}};
  for (auto& [name, text] : templates) files["templates/" + name] = std::move(text);
  return files;
}

RenderRequest Request(StableValues known = {}) {
  return {.application = "web",
          .ns = "web",
          .cluster = {.name = "c1"},
          .stable = std::make_shared<const StableValues>(std::move(known)),
          .now = kNow};
}

Manifest MustRender(const Files& files, const RenderRequest& request) {
  auto manifest = Render(MakeMemoryTree(files), request);
  EXPECT_TRUE(manifest) << (manifest ? "" : manifest.error().ToString());
  return manifest ? *std::move(manifest) : Manifest();
}

std::string Data(const Manifest& manifest, std::string_view name = "a",
                 std::string_view key = "v") {
  for (const Object& object : manifest.objects) {
    if (object.name() == name) return object.value["data"][key].str();
  }
  return "no " + std::string(name);
}

class NondeterministicFunction : public ::testing::TestWithParam<const char*> {};

TEST_P(NondeterministicFunction, GivesTheKeptResult) {
  const Files files = Chart({{"a.yaml", ConfigMap("a", GetParam())}});
  const Manifest first = MustRender(files, Request());
  EXPECT_TRUE(first.nondeterministic);
  EXPECT_FALSE(first.stable_values.empty());
  RenderRequest later = Request(first.stable_values);
  later.now += std::chrono::hours(5);
  EXPECT_EQ(Data(MustRender(files, later)), Data(first));
  later.stable = nullptr;
  const Manifest fresh = MustRender(files, later);
  EXPECT_NE(Data(fresh), Data(first));
  EXPECT_TRUE(fresh.nondeterministic);
  EXPECT_TRUE(fresh.stable_values.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, NondeterministicFunction,
    ::testing::Values(
        "randAlphaNum 16", "randAlpha 16", "randNumeric 16", "randAscii 16", "randBytes 16",
        "randInt 1 1000000000", "uuidv4", "shuffle `abcdefghijklmnopqrstuvwxyz0123456789`",
        "bcrypt `p`", "htpasswd `u` `p`", "encryptAES `key` `text`", "genPrivateKey `ed25519`",
        "genPrivateKey `ecdsa`", "(genCA `ca` 30).Cert",
        "(genCAWithKey `ca` 30 (genPrivateKey `ecdsa`)).Cert",
        "(genSelfSignedCert `c` nil nil 30).Key",
        "(genSelfSignedCertWithKey `c` nil nil 30 (genPrivateKey `ecdsa`)).Cert",
        "(genSignedCert `c` nil nil 30 (genCAWithKey `ca` 30 (genPrivateKey `ecdsa`))).Cert",
        "(genSignedCertWithKey `c` nil nil 30 (genCAWithKey `ca` 30 (genPrivateKey `ecdsa`)) "
        "(genPrivateKey `ecdsa`)).Cert",
        "now", "now | unixEpoch", "now | date `15:04`", "date `15:04` nil",
        "dateInZone `15:04` nil `UTC`", "htmlDateInZone nil `UTC` | cat (now)",
        "ago (toDate `2006-01-02` `2020-01-01`)",
        "durationRound (toDate `2006-01-02` `2024-10-04`)", "dateModify `1h` now | date `15:04`"));

// What an upgrade of a chart may change without rotating anything.
TEST(StableRender, CallSites) {
  const std::string password = ConfigMap("a", "randAlphaNum 20");
  const Manifest first = MustRender(Chart({{"a.yaml", password}}), Request());
  const struct {
    const char* what;
    Files templates;
    bool same;
  } kCases[] = {
      {"lines moved", {{"a.yaml", "# one\n# two\n{{/* three\n */}}\n" + password}}, true},
      {"other templates came", {{"0.yaml", password}, {"a.yaml", password}}, true},
      {"other calls came before it",
       {{"a.yaml", "{{ $x := randAlphaNum 8 }}{{ $y := uuidv4 }}" + password}},
       true},
      {"an equal call came after it",
       {{"a.yaml", password + "  w: {{ randAlphaNum 20 | quote }}\n"}},
       true},
      {"an equal call came before it, of another field",
       {{"a.yaml", ReplaceAll(password, "data:\n", "data:\n  u: {{ randAlphaNum 20 | quote }}\n")}},
       true},
      {"an equal call came before it, of another object",
       {{"a.yaml", ReplaceAll(password, "name: a", "name: z") + "---\n" + password}},
       true},
      {"another field follows it on the line",
       {{"a.yaml", ReplaceAll(password, "  v: ", "  labels: {x: y}\n  v: ")}},
       true},
      {"through a pipeline and a variable",
       {{"a.yaml", "{{ $n := 20 }}" + ConfigMap("a", "$n | randAlphaNum")}},
       true},
      {"in a tpl text", {{"a.yaml", ConfigMap("a", "tpl `{{ randAlphaNum 20 }}` .")}}, true},
      {"of another length", {{"a.yaml", ConfigMap("a", "randAlphaNum 21")}}, false},
      {"of another alphabet", {{"a.yaml", ConfigMap("a", "randAlpha 20")}}, false},
      {"in a define",
       {{"_h.tpl", "{{ define `p` }}{{ randAlphaNum 20 }}{{ end }}"},
        {"a.yaml", ConfigMap("a", "include `p` .")}},
       false},
      {"in another file", {{"b.yaml", password}}, false},
      {"of another field", {{"a.yaml", ReplaceAll(password, "  v:", "  u: x\n  \"v\" :")}}, false},
  };
  for (const auto& c : kCases) {
    Files templates = c.templates;
    if (templates.contains("0.yaml")) {
      templates["0.yaml"] = ReplaceAll(templates["0.yaml"], "name: a", "name: z");
    }
    const Manifest next = MustRender(Chart(templates), Request(first.stable_values));
    EXPECT_EQ(Data(next) == Data(first), c.same) << c.what;
  }
}

TEST(StableRender, EqualCallsAreToldApartByTheirTurn) {
  const Files files =
      Chart({{"_h.tpl", "{{ define `p` }}{{ randAlphaNum 20 }}{{ end }}"},
             {"a.yaml", ConfigMap("a", "include `p` .") + "  w: {{ include `p` . | quote }}\n"}});
  const Manifest first = MustRender(files, Request());
  EXPECT_NE(Data(first, "a", "v"), Data(first, "a", "w"));
  const Manifest again = MustRender(files, Request(first.stable_values));
  EXPECT_EQ(again.digest, first.digest);
}

// The idiom of charts that make many passwords by one helper: switching one on must not shift
// the others.
TEST(StableRender, HelpersAreToldApartByWhatTheyAreHanded) {
  const auto files = [](const std::string& users) {
    return Chart({{"_h.tpl", "{{ define `manage` }}{{ randAlphaNum 10 }}{{ end }}"},
                  {"a.yaml", "{{ $all := dict }}{{ range splitList `,` `" + users +
                                 "` }}{{ $p := include `manage` (dict `key` . `context` $) }}"
                                 "{{ $_ := set $all . $p }}{{ end }}"
                                 "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
                                 "data: {{ toJson $all }}\n"},
                  {"b.yaml", "{{ range splitList `,` `" + users +
                                 "` }}"
                                 "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b-{{ . }}\n"
                                 "data:\n  password: {{ randAlphaNum 10 }}\n---\n{{ end }}"}});
  };
  const Manifest first = MustRender(files("postgres,app"), Request());
  const Manifest more = MustRender(files("postgres,replication,app"), Request(first.stable_values));
  for (const char* user : {"postgres", "app"}) {
    EXPECT_EQ(Data(more, "a", user), Data(first, "a", user)) << user;
    EXPECT_EQ(Data(more, std::string("b-") + user, "password"),
              Data(first, std::string("b-") + user, "password"))
        << user;
  }
  EXPECT_NE(Data(more, "a", "replication"), Data(more, "a", "app"));
  EXPECT_NE(Data(first, "a", "postgres"), Data(first, "a", "app"));
}

// randInt is a Go int also when it is kept: `eq` and printf tell int from int64.
TEST(StableRender, KeptResultsKeepTheirTypes) {
  const Files files =
      Chart({{"a.yaml", ConfigMap("a", "printf `%T %T` (randInt 1 5) (randAlpha 3)")}});
  const Manifest first = MustRender(files, Request());
  EXPECT_EQ(Data(first), "int string");
  EXPECT_EQ(Data(MustRender(files, Request(first.stable_values))), "int string");
}

TEST(StableRender, CertificatesAreRenewedInTheLastFifthOfTheirValidity) {
  const Files files =
      Chart({{"a.yaml",
              "{{ $ca := genCAWithKey `ca` 100 (genPrivateKey `ecdsa`) }}"
              "{{ $leaf := genSignedCert `web` nil nil 1000 $ca }}"
              "{{ $own := genSelfSignedCertWithKey `own` nil nil 1000 (genPrivateKey `ecdsa`) }}" +
                  ConfigMap("a", "$ca.Cert") +
                  "  leaf: {{ $leaf.Cert | quote }}\n"
                  "  own: {{ $own.Cert | quote }}\n"
                  "  password: {{ randAlphaNum 20 | quote }}\n"}});
  const Manifest first = MustRender(files, Request());
  RenderRequest request = Request(first.stable_values);
  request.now = kNow + 80 * kDay - Duration{1};
  EXPECT_EQ(MustRender(files, request).digest, first.digest);
  request.now = kNow + 80 * kDay;
  const Manifest renewed = MustRender(files, request);
  EXPECT_NE(Data(renewed), Data(first));
  EXPECT_NE(Data(renewed, "a", "leaf"), Data(first, "a", "leaf"));  // its authority is another
  EXPECT_EQ(Data(renewed, "a", "own"), Data(first, "a", "own"));
  EXPECT_EQ(Data(renewed, "a", "password"), Data(first, "a", "password"));
  // Recorded, it stays for another eighty days.
  StableValues known = first.stable_values;
  for (const auto& [site, value] : renewed.stable_values) known.insert_or_assign(site, value);
  request = Request(known);
  request.now = kNow + 159 * kDay;
  EXPECT_EQ(Data(MustRender(files, request)), Data(renewed));
}

TEST(StableRender, ChartsOfKustomizationsKeepTheirs) {
  Files files = {{"kustomization.yaml", "helmCharts: [{name: app}]\n"}};
  for (const auto& [name, text] :
       Chart({{"a.yaml", ConfigMap("a", "print .Release.Name .Capabilities.KubeVersion.Version")},
              {"b.yaml", ConfigMap("b", "randAlphaNum 16")},
              {"c.yaml", ConfigMap("c", "(lookup `v1` `ConfigMap` `n` `x`).kind")}})) {
    files["charts/app/" + name] = text;
  }
  RenderRequest request = Request();
  request.cluster.kube_version = "v1.29.3";
  const Manifest first = MustRender(files, request);
  EXPECT_TRUE(first.used_capabilities);
  EXPECT_TRUE(first.nondeterministic);
  EXPECT_EQ(first.lookups.size(), 1U);
  // The release is named after the chart and the clock of the first render.
  EXPECT_TRUE(Data(first).starts_with("app-17280")) << Data(first);
  EXPECT_TRUE(Data(first).ends_with("v1.29.3")) << Data(first);
  RenderRequest later = Request(first.stable_values);
  later.cluster = request.cluster;
  later.now += std::chrono::hours(5);
  const Manifest second = MustRender(files, later);
  EXPECT_EQ(Data(second), Data(first));
  EXPECT_EQ(Data(second, "b"), Data(first, "b"));
  EXPECT_NE(Data(MustRender(files, request), "b"), Data(first, "b"));
}

TEST(StableRender, TooManyAreRefused) {
  const auto manifest =
      Render(MakeMemoryTree(Chart({{"a.yaml", "{{ range until 6000 }}{{ uuidv4 }}{{ end }}"}})),
             Request());
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(manifest.error().ToString().find("spec.source.helm.randomValues: fresh"),
            std::string::npos);
}

// The stored form of a manifest does not hold them.
TEST(StableRender, ValuesAreNotSerialised) {
  const Manifest first =
      MustRender(Chart({{"a.yaml", ConfigMap("a", "randAlphaNum 20 | sha256sum")}}), Request());
  const std::string text = SerializeManifest(first);
  for (const auto& [site, value] : first.stable_values) {
    EXPECT_EQ(text.find(value.json.Reveal()), std::string::npos);
    EXPECT_EQ(text.find(site.Hex()), std::string::npos);
  }
  EXPECT_FALSE(first.stable_values.empty());
}

// --- the cache ---

class StableCache : public ::testing::Test {
 protected:
  std::shared_ptr<const Manifest> Get(const RenderRequest& request) {
    const auto manifest = cache_.Render(tree_, request);
    EXPECT_TRUE(manifest) << (manifest ? "" : manifest.error().ToString());
    return manifest ? *manifest : nullptr;
  }
  std::uint64_t renders() const { return cache_.Stats().renders; }

  RenderCache cache_;
  FileTreePtr tree_ = MakeMemoryTree(Chart({{"a.yaml", ConfigMap("a", "randAlphaNum 20")}}));
};

TEST_F(StableCache, TwoPlansAgreeBeforeAnythingIsRecorded) {
  const auto diff = Get(Request());
  const auto sync = Get(Request());
  EXPECT_EQ(sync->digest, diff->digest);
  // Recorded, it need not be rendered again.
  const auto after = Get(Request(sync->stable_values));
  EXPECT_EQ(after->digest, sync->digest);
  EXPECT_EQ(renders(), 1u);
}

TEST_F(StableCache, EachApplicationAndClusterHasItsOwn) {
  const RenderRequest one = Request();
  RenderRequest other_cluster = Request(), other_application = Request(), fresh = Request();
  other_cluster.cluster.name = "c2";
  other_application.application = "shop";
  other_application.helm.release_name = "web";
  fresh.stable = nullptr;
  std::set<std::string> values;
  for (int i = 0; i < 2; ++i) {
    for (const auto& request : {one, other_cluster, other_application, fresh}) {
      values.insert(Data(*Get(request)));
    }
  }
  EXPECT_EQ(values.size(), 4u);
  EXPECT_EQ(renders(), 4u);
}

TEST_F(StableCache, AnotherKnownValueRendersAgain) {
  const auto first = Get(Request());
  StableValues known = first->stable_values;
  known.begin()->second.json = Secret("\"recorded by another rollout\"");
  EXPECT_EQ(Data(*Get(Request(known))), "recorded by another rollout");
  EXPECT_EQ(Data(*Get(Request(known))), "recorded by another rollout");
  EXPECT_EQ(renders(), 2u);
}

TEST_F(StableCache, WhatIsDueRendersAgainOnce) {
  tree_ = MakeMemoryTree(
      Chart({{"a.yaml", ConfigMap("a", "(genCAWithKey `ca` 10 (genPrivateKey `ecdsa`)).Cert")}}));
  const auto first = Get(Request());
  RenderRequest request = Request(first->stable_values);
  request.now = kNow + 7 * kDay;
  EXPECT_EQ(Get(request)->digest, first->digest);
  request.now = kNow + 8 * kDay;
  const auto renewed = Get(request);
  EXPECT_NE(renewed->digest, first->digest);
  request.now += kDay;
  EXPECT_EQ(Get(request)->digest, renewed->digest);  // though nothing was recorded yet
  EXPECT_EQ(renders(), 2u);
}

TEST_F(StableCache, WhatIsNotRandomIsShared) {
  tree_ = MakeMemoryTree(Chart({{"a.yaml", ConfigMap("a", "`fixed`")}}));
  for (int i = 0; i < 10; ++i) {
    RenderRequest request = Request({{Digest::Of(std::to_string(i)), {Secret("1"), {}}}});
    request.application += std::to_string(i);
    request.helm.release_name = "web";
    request.cluster.name += std::to_string(i);
    ASSERT_NE(Get(request), nullptr);
  }
  EXPECT_EQ(renders(), 1u);
}

TEST_F(StableCache, ThreadsOfOneClusterGetTheSame) {
  std::vector<std::string> values(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < values.size(); ++i) {
      threads.emplace_back([&, i] {
        RenderRequest request = Request();
        request.cluster.name = i % 2 ? "c1" : "c2";
        values[i] = Data(*Get(request));
      });
    }
  }
  for (std::size_t i = 2; i < values.size(); ++i) EXPECT_EQ(values[i], values[i - 2]);
  EXPECT_NE(values[0], values[1]);
}

// --- lookup ---

constexpr char kReuse[] =
    "{{ $old := lookup `v1` `Secret` .Release.Namespace `db` }}"
    "{{ $password := randAlphaNum 20 }}"
    "{{ if $old }}{{ $password = index $old.data `password` | b64dec }}{{ end }}"
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {v: {{ $password }}}\n";

const LookupKey kSecret{"v1", "Secret", "web", "db"};

Value SecretWith(const std::string& password) {
  return Value::Object(
      {{"kind", Value("Secret")}, {"data", Value::Object({{"password", Value(password)}})}});
}

RenderRequest Answered(LookupSnapshot answers) {
  RenderRequest request = Request();
  request.lookups = std::make_shared<const LookupSnapshot>(std::move(answers));
  return request;
}

TEST(Lookup, IsAnsweredFromTheSnapshot) {
  const Files files = Chart({{"a.yaml", kReuse}});
  const Manifest offline = MustRender(files, Request());
  EXPECT_EQ(Data(offline).size(), 20u);
  EXPECT_EQ(offline.lookups, (LookupsAsked{{kSecret, "web/templates/a.yaml"}}));
  EXPECT_FALSE(offline.used_capabilities);
  EXPECT_EQ(Data(MustRender(files, Answered({{kSecret, SecretWith("b2xk")}}))), "old");
  EXPECT_EQ(Data(MustRender(files, Answered({{kSecret, Value()}}))).size(), 20u);
}

// As helm's, which reads JSON from the API server: integers are int64 there.
TEST(Lookup, NumbersAreAsTheApiServerGivesThem) {
  const Files files = Chart(
      {{"a.yaml", ConfigMap("a", "printf `%T` (lookup `v1` `Secret` `web` `db`).metadata.n")}});
  const Value object = Value::Object({{"metadata", Value::Object({{"n", Value(3)}})}});
  EXPECT_EQ(Data(MustRender(files, Answered({{kSecret, object}}))), "int64");
}

TEST_F(StableCache, LookupsCountWithTheirAnswers) {
  tree_ = MakeMemoryTree(Chart(
      {{"a.yaml", ConfigMap("a", "(lookup `v1` `Secret` `web` `db`).kind | default `none`")}}));
  const auto get = [&](const RenderRequest& request) { return Data(*Get(request)); };
  EXPECT_EQ(get(Request()), "none");  // not allowed
  RenderRequest elsewhere = Request();
  elsewhere.cluster.name = "c2";
  EXPECT_EQ(get(elsewhere), "none");
  EXPECT_EQ(renders(), 1u);  // without answers it is everybody's
  EXPECT_EQ(get(Answered({})), "none");
  EXPECT_EQ(get(Answered({{kSecret, SecretWith("x")}})), "Secret");
  EXPECT_EQ(renders(), 3u);
  EXPECT_EQ(get(Answered({{kSecret, SecretWith("x")}})), "Secret");
  EXPECT_EQ(get(Answered({})), "none");
  EXPECT_EQ(renders(), 3u);
  EXPECT_EQ(get(Answered({{kSecret, SecretWith("y")}})), "Secret");
  EXPECT_EQ(get(Answered({{kSecret, Value()}})), "none");
  EXPECT_EQ(renders(), 5u);
  EXPECT_EQ(get(Request()), "none");
  EXPECT_EQ(renders(), 5u);
  // Everybody's, the one before any answer, and the last one: earlier answers are not kept.
  EXPECT_EQ(cache_.Stats().entries, 3u);
}

}  // namespace
}  // namespace swell
