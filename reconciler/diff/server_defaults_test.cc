// What a real API server (1.36, the older versions 1.20) answered to what was applied: no
// difference, whatever is known of the last apply.

#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/diff/diff.h"

namespace swell::diff {
namespace {

struct Case {
  const char* name;
  const char* desired;
  const char* live;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class ServerDefaultsTest : public testing::TestWithParam<Case> {};

TEST_P(ServerDefaultsTest, AreNoDifference) {
  const Value desired = json::Parse(GetParam().desired).value();
  const Value live = json::Parse(GetParam().live).value();
  const Options options = {.field_manager = "swell"};
  for (const Value& last : {Value(), desired}) {
    for (const FieldChange& change : Compare(desired, live, last, options)) {
      ADD_FAILURE() << change.path << ": " << change.before << " -> " << change.after;
    }
  }
}

TEST(NothingStatedTest, IsAChangeOfWhatTheServerDidNotMake) {
  struct {
    const char* desired;
    const char* live;
  } const cases[] = {{R"("podManagementPolicy":"")", R"("podManagementPolicy":"Parallel")"},
                     {R"("serviceName":"")", R"("serviceName":"s")"},
                     {R"("replicas":0)", R"("replicas":1)"},
                     {R"("revisionHistoryLimit":0)", R"("revisionHistoryLimit":10)"}};
  for (const auto& c : cases) {
    const auto set = [](const char* spec) {
      return json::Parse(std::string(R"({"apiVersion":"apps/v1","kind":"StatefulSet","spec":{)") +
                         spec + "}}")
          .value();
    };
    EXPECT_EQ(Compare(set(c.desired), set(c.live), {}, {}).size(), 1u) << c.desired;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Real, ServerDefaultsTest,
    testing::Values(
        Case{"selectors of a policy",
             R"({"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy",
              "metadata":{"name":"p"},"spec":{"matchConstraints":{"resourceRules":[{
              "apiGroups":["e.com"],"apiVersions":["v1"],"operations":["CREATE"],
              "resources":["things"]}]},"validations":[{"expression":"true"}]}})",
             R"({"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy",
              "metadata":{"name":"p"},"spec":{"failurePolicy":"Fail","matchConstraints":{
              "matchPolicy":"Equivalent","namespaceSelector":{},"objectSelector":{},
              "resourceRules":[{"apiGroups":["e.com"],"apiVersions":["v1"],
              "operations":["CREATE"],"resources":["things"],"scope":"*"}]},
              "validations":[{"expression":"true"}]}})"},
        Case{"resources of a binding",
             R"({"apiVersion":"admissionregistration.k8s.io/v1",
              "kind":"ValidatingAdmissionPolicyBinding","metadata":{"name":"b"},"spec":{
              "policyName":"p","matchResources":{"namespaceSelector":{"matchLabels":{"a":"b"}}}}})",
             R"({"apiVersion":"admissionregistration.k8s.io/v1",
              "kind":"ValidatingAdmissionPolicyBinding","metadata":{"name":"b"},"spec":{
              "policyName":"p","matchResources":{"matchPolicy":"Equivalent","objectSelector":{},
              "namespaceSelector":{"matchLabels":{"a":"b"}}}}})"},
        Case{"place of the cpu metric of an autoscaler",
             R"({"apiVersion":"autoscaling/v2beta2","kind":"HorizontalPodAutoscaler",
              "metadata":{"name":"h"},"spec":{"maxReplicas":9,"scaleTargetRef":{
              "apiVersion":"apps/v1","kind":"Deployment","name":"d"},"metrics":[
              {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization",
              "averageUtilization":80}}},{"type":"Resource","resource":{"name":"memory",
              "target":{"type":"AverageValue","averageValue":"512Mi"}}},{"type":"Resource",
              "resource":{"name":"cpu","target":{"type":"AverageValue","averageValue":"1"}}}]}})",
             R"({"apiVersion":"autoscaling/v2beta2","kind":"HorizontalPodAutoscaler",
              "metadata":{"name":"h"},"spec":{"minReplicas":1,"maxReplicas":9,"scaleTargetRef":{
              "apiVersion":"apps/v1","kind":"Deployment","name":"d"},"metrics":[
              {"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue",
              "averageValue":"512Mi"}}},{"type":"Resource","resource":{"name":"cpu","target":{
              "type":"AverageValue","averageValue":"1"}}},{"type":"Resource","resource":{
              "name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]}})"},
        Case{"an empty text for a default",
             R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"s"},"spec":{
              "podManagementPolicy":"","serviceName":"s","selector":{"matchLabels":{"a":"b"}},
              "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c",
              "image":"i:1","imagePullPolicy":""}]}}}})",
             R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"s"},"spec":{
              "podManagementPolicy":"OrderedReady","serviceName":"s","selector":{"matchLabels":{
              "a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{
              "name":"c","image":"i:1","imagePullPolicy":"IfNotPresent"}]}}}})"},
        Case{"an empty address and zero ports",
             R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{
              "type":"NodePort","clusterIP":"","ports":[{"port":80,"targetPort":0,"nodePort":0}]}})",
             R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{
              "type":"NodePort","clusterIP":"10.0.0.7","clusterIPs":["10.0.0.7"],
              "sessionAffinity":"None","ports":[{"port":80,"protocol":"TCP","targetPort":80,
              "nodePort":30096}]}})"},
        Case{"empty groups of a binding",
             R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding",
              "metadata":{"name":"b"},"roleRef":{"apiGroup":"","kind":"Role","name":"r"},
              "subjects":[{"apiGroup":"","kind":"Group","name":"g"}]})",
             R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding",
              "metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",
              "kind":"Role","name":"r"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io",
              "kind":"Group","name":"g"}]})"},
        Case{"line breaks in base64",
             R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},
              "data":{"a":"VGhlIHF1aWNr\nIGJyb3du\n"}})",
             R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"type":"Opaque",
              "data":{"a":"VGhlIHF1aWNrIGJyb3du"}})"},
        Case{"line breaks in binaryData",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},
              "binaryData":{"a":"AAEC\n/w==\n"}})",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},
              "binaryData":{"a":"AAEC/w=="}})"},
        Case{"rules of an aggregated role",
             R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole",
              "metadata":{"name":"r"},"rules":[],
              "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}})",
             R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole",
              "metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods"],
              "verbs":["get"]}],
              "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}})"},
        Case{"name label of a namespace",
             R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}})",
             R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n","labels":{
              "kubernetes.io/metadata.name":"n"},"managedFields":[{"manager":"swell",
              "operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{
              "f:metadata":{"f:labels":{".":{},"f:kubernetes.io/metadata.name":{}}},
              "f:spec":{"f:finalizers":{}}}}]},"spec":{"finalizers":["kubernetes"]}})"},
        Case{"empty lists of an older version",
             R"({"apiVersion":"discovery.k8s.io/v1beta1","kind":"EndpointSlice",
              "metadata":{"name":"e"},"addressType":"IPv6","endpoints":[],"ports":[]})",
             R"({"apiVersion":"discovery.k8s.io/v1beta1","kind":"EndpointSlice",
              "metadata":{"name":"e"},"addressType":"IPv6","endpoints":null,"ports":null})"},
        Case{"no rules of a flow",
             R"({"apiVersion":"flowcontrol.apiserver.k8s.io/v1beta1","kind":"FlowSchema",
              "metadata":{"name":"f"},"spec":{"priorityLevelConfiguration":{"name":"l"},
              "rules":[]}})",
             R"({"apiVersion":"flowcontrol.apiserver.k8s.io/v1beta1","kind":"FlowSchema",
              "metadata":{"name":"f"},"spec":{"matchingPrecedence":1000,
              "priorityLevelConfiguration":{"name":"l"}}})"},
        Case{"false of a pod security policy",
             R"({"apiVersion":"policy/v1beta1","kind":"PodSecurityPolicy","metadata":{"name":"p"},
              "spec":{"privileged":false,"volumes":["secret"]}})",
             R"({"apiVersion":"policy/v1beta1","kind":"PodSecurityPolicy","metadata":{"name":"p"},
              "spec":{"allowPrivilegeEscalation":true,"volumes":["secret"]}})"},
        Case{"divisor of a resource",
             R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{
              "name":"c","env":[{"name":"CPUS","valueFrom":{"resourceFieldRef":{
              "resource":"limits.cpu"}}}]}]}})",
             R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{
              "name":"c","env":[{"name":"CPUS","valueFrom":{"resourceFieldRef":{
              "divisor":"0","resource":"limits.cpu"}}}]}]}})"},
        Case{"lifetime of a token",
             R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"volumes":[{
              "name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}})",
             R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","managedFields":[{
              "manager":"swell","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1",
              "fieldsV1":{"f:spec":{"f:volumes":{"k:{\"name\":\"v\"}":{".":{},"f:name":{},
              "f:projected":{"f:sources":{}}}}}}}]},"spec":{"volumes":[{"name":"v","projected":{
              "defaultMode":420,"sources":[{"serviceAccountToken":{"expirationSeconds":3600,
              "path":"t"}}]}}]}})"},
        Case{"ports of an endpoint slice",
             R"({"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"e"},
              "addressType":"IPv4","endpoints":[],"ports":[{"port":80}]})",
             R"({"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"e"},
              "addressType":"IPv4","endpoints":[],
              "ports":[{"name":"","port":80,"protocol":"TCP"}]})"}),
    [](const testing::TestParamInfo<Case>& info) {
      std::string name = info.param.name;
      for (char& c : name) c = c == ' ' ? '_' : c;
      return name;
    });

}  // namespace
}  // namespace swell::diff
