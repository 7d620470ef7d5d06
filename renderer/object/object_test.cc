#include "renderer/object/object.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell {
namespace {

Value J(std::string_view text) { return json::Parse(text).value(); }

Object Make(const char* api_version, const char* kind, const char* name, const char* ns = "") {
  Value v = Value::EmptyObject()
                .With("apiVersion", Value(api_version))
                .With("kind", Value(kind))
                .WithAt({"metadata", "name"}, Value(name));
  if (*ns) v = v.WithAt({"metadata", "namespace"}, Value(ns));
  return {v, "test.yaml:1"};
}

TEST(Object, Identity) {
  const Object web = Make("apps/v1", "Deployment", "frontend", "web");
  EXPECT_EQ(web.id().ToString(), "apps/Deployment web/frontend");
  EXPECT_EQ(web.gvk(), (GroupVersionKind{"apps", "v1", "Deployment"}));
  EXPECT_EQ(web.gvk().api_version(), "apps/v1");
  EXPECT_EQ(Make("v1", "Namespace", "web").id().ToString(), "Namespace web");
}

TEST(Object, ListsAreFlattened) {
  const auto objects = ObjectsFromValue(J(R"({"apiVersion":"v1","kind":"List","items":[
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}},
            {"apiVersion":"v1","kind":"ConfigMapList","items":[
              {"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"b-"}}]}]})"),
                                        "f.yaml:1");
  ASSERT_TRUE(objects) << objects.error().ToString();
  ASSERT_EQ(objects->size(), 2u);
  EXPECT_EQ((*objects)[0].name(), "a");
}

TEST(Object, RefusesWhatIsNoObject) {
  const struct {
    const char *text, *message;
  } kCases[] = {
      {"[]", "not a mapping"},
      {R"({"kind":"Pod","metadata":{"name":"a"}})", "Pod a has no apiVersion"},
      {R"({"apiVersion":"v1","metadata":{"name":"a"}})", "a has no kind"},
      {R"({"apiVersion":"v1","kind":"Pod"})", "Pod has no metadata.name"},
      {R"({"apiVersion":1,"kind":"Pod","metadata":{"name":"a"}})", "apiVersion that is not"},
      {R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":1}})", "metadata.name that is not"},
      {R"({"apiVersion":"v1","kind":"Pod","metadata":[]})", "metadata that is not a mapping"},
      {R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":7}})",
       "metadata.namespace that is not"},
  };
  for (const auto& c : kCases) {
    const auto objects = ObjectsFromValue(J(c.text), "f.yaml:7");
    ASSERT_FALSE(objects) << c.text;
    EXPECT_NE(objects.error().message().find(c.message), std::string::npos)
        << objects.error().message();
    EXPECT_TRUE(objects.error().message().starts_with("f.yaml:7: "));
  }
}

TEST(Object, DuplicatesNameBothOrigins) {
  Object a = Make("apps/v1", "Deployment", "x", "n"),
         b = Make("apps/v1beta1", "Deployment", "x", "n");
  b.origin = "other.yaml:9";
  const Status status = CheckUnique({a, b});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message(),
            "apps/Deployment n/x is defined twice: in test.yaml:1 and in other.yaml:9");
  EXPECT_TRUE(CheckUnique({a, Make("apps/v1", "Deployment", "x", "m")}));
}

TEST(Object, Scope) {
  EXPECT_TRUE(IsClusterScopedBuiltin({"", "Namespace"}));
  EXPECT_FALSE(IsClusterScopedBuiltin({"", "Pod"}));
  EXPECT_FALSE(IsClusterScopedBuiltin({"example.com", "Namespace"}));
  EXPECT_TRUE(IsNamespacedBuiltin({"apps", "Deployment"}));
  EXPECT_FALSE(IsNamespacedBuiltin({"example.com", "Widget"}));
}

TEST(Object, SecretsAreRedacted) {
  const Value secret = J(R"({"apiVersion":"v1","kind":"Secret","data":{"p":"aHVudGVyMg=="},
    "stringData":{"q":"hunter3"},"metadata":{"name":"s","annotations":{
      "kubectl.kubernetes.io/last-applied-configuration":
        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"p\":\"b2xkcw==\"}}"}}})");
  const std::string shown = json::Write(Redacted(secret));
  for (const char* hidden : {"aHVudGVyMg==", "hunter3", "b2xkcw=="}) {
    EXPECT_EQ(shown.find(hidden), std::string::npos) << shown;
  }
  const Value broken =
      secret.WithAt({"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"},
                    Value("{\"data\": b2xkcw=="));
  EXPECT_EQ(json::Write(Redacted(broken)).find("b2xkcw"), std::string::npos);
  EXPECT_EQ(json::Write(Redacted(J(R"({"kind":"List","items":[]})"))),
            R"({"items":[],"kind":"List"})");
  const Value list =
      Value::EmptyObject().With("kind", Value("SecretList")).With("items", Value::Array({secret}));
  EXPECT_EQ(json::Write(Redacted(list)).find("hunter3"), std::string::npos);
  EXPECT_EQ(Redacted(Make("v1", "ConfigMap", "c").value), Make("v1", "ConfigMap", "c").value);
}

TEST(Object, ApplyOrder) {
  std::vector<Object> objects = {Make("example.com/v1", "Widget", "w"),
                                 Make("apps/v1", "Deployment", "d", "b"),
                                 Make("apps/v1", "Deployment", "d", "a"),
                                 Make("v1", "Service", "s"),
                                 Make("v1", "Namespace", "n"),
                                 Make("apiregistration.k8s.io/v1", "APIService", "a"),
                                 Make("admissionregistration.k8s.io/v1",
                                      "ValidatingWebhookConfiguration", "v"),
                                 Make("admissionregistration.k8s.io/v1",
                                      "MutatingWebhookConfiguration", "m"),
                                 Make("apiextensions.k8s.io/v1", "CustomResourceDefinition", "c")};
  SortForApply(objects);
  std::string order;
  for (const Object& o : objects) order += o.id().ToString() + ";";
  EXPECT_EQ(order,
            "Namespace n;apiextensions.k8s.io/CustomResourceDefinition c;Service s;"
            "apps/Deployment a/d;apps/Deployment b/d;example.com/Widget w;"
            "apiregistration.k8s.io/APIService a;"
            "admissionregistration.k8s.io/MutatingWebhookConfiguration m;"
            "admissionregistration.k8s.io/ValidatingWebhookConfiguration v;");
}

}  // namespace
}  // namespace swell
