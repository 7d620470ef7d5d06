#include "reconciler/live/lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "reconciler/live/fake_api.h"

namespace swell::live {
namespace {

using ::testing::AllOf;
using testing::FakeApi;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::StatusReply;

class LookUpTest : public ::testing::Test {
 protected:
  LookUpTest() { api_.Serve("", "Secret", "secrets"); }

  Result<LookupSnapshot> LookUp(std::vector<LookupKey> keys, LookupOptions options = {}) {
    std::promise<Result<LookupSnapshot>> promise;
    live::LookUp(
        connection_, std::move(keys),
        [&](Result<LookupSnapshot> answers) { promise.set_value(std::move(answers)); }, options);
    return promise.get_future().get();
  }
  std::string ErrorOf(std::vector<LookupKey> keys, LookupOptions options = {}) {
    const auto answers = LookUp(std::move(keys), options);
    return answers ? "no error" : answers.error().ToString();
  }
  void PutSecret(const std::string& ns, const std::string& name) {
    api_.Put("/api/v1/namespaces/" + ns + "/secrets/" + name,
             R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":")" + name +
                 R"(","namespace":")" + ns +
                 R"(","managedFields":[{"manager":"x"}]},"data":{"password":"b2xk"}})");
  }

  FakeApi api_;
  net::Loop loop_;
  kube::ConnectionPtr connection_ = testing::Connect(loop_, api_);
};

const LookupKey kDb{"v1", "Secret", "web", "db"};

TEST_F(LookUpTest, TellsAbsentFromPresent) {
  PutSecret("web", "db");
  const LookupKey gone{"v1", "Secret", "web", "gone"};
  const LookupKey unserved{"example.com/v1", "Widget", "web", "w"};
  const LookupKey old_version{"apps/v1beta1", "Deployment", "web", "w"};
  const LookupKey malformed{"a/b/c", "Secret", "web", "db"};
  const auto answers = LookUp({kDb, gone, unserved, old_version, malformed});
  ASSERT_TRUE(answers) << answers.error().ToString();
  EXPECT_EQ(answers->size(), 5u);
  EXPECT_EQ(answers->at(kDb)["data"]["password"].as_string(), "b2xk");
  EXPECT_FALSE(answers->at(kDb)["metadata"].Has("managedFields"));
  for (const LookupKey& absent : {gone, unserved, old_version, malformed}) {
    EXPECT_TRUE(answers->at(absent).is_null()) << absent.ToString();
  }
  EXPECT_TRUE(LookUp({})->empty());
}

TEST_F(LookUpTest, WithoutANameItIsAList) {
  PutSecret("web", "a");
  PutSecret("web", "b");
  PutSecret("shop", "c");
  const LookupKey all{"v1", "Secret", "web", ""};
  const LookupKey none{"v1", "ConfigMap", "web", ""};
  const auto answers = LookUp({all, none});
  ASSERT_TRUE(answers) << answers.error().ToString();
  const Value& list = answers->at(all);
  EXPECT_EQ(list["kind"].as_string(), "SecretList");
  ASSERT_EQ(list["items"].size(), 2u);
  EXPECT_EQ(list["items"][0]["metadata"]["name"].as_string(), "a");
  EXPECT_FALSE(list["items"][0]["metadata"].Has("managedFields"));
  EXPECT_EQ(answers->at(none)["items"].size(), 0u);  // an empty list is a list
}

TEST_F(LookUpTest, TheNamespaceOfClusterScopedKindsIsIgnored) {
  api_.Put("/api/v1/namespaces/web", R"({"apiVersion":"v1","kind":"Namespace"})");
  const auto answers = LookUp({{"v1", "Namespace", "ignored", "web"}});
  ASSERT_TRUE(answers) << answers.error().ToString();
  EXPECT_EQ(answers->begin()->second["kind"].as_string(), "Namespace");
}

TEST_F(LookUpTest, ForbiddenSaysWhatToGrant) {
  api_.intercept = [](const net::HttpRequest&) {
    return StatusReply(403, "Forbidden", "secrets \"db\" is forbidden");
  };
  EXPECT_THAT(ErrorOf({kDb}), AllOf(HasSubstr("look up Secret web/db"), HasSubstr("forbidden"),
                                    HasSubstr("allow them to get Secret in namespace web"),
                                    HasSubstr("spec.source.helm.lookup: false")));
  EXPECT_THAT(ErrorOf({{"v1", "Secret", "", ""}}), HasSubstr("allow them to list Secret, or"));
}

TEST_F(LookUpTest, OnlyWhatTheServerStatesIsAbsence) {
  api_.intercept = [](const net::HttpRequest&) {
    return testing::Reply{404, "404 page not found\n", "text/plain"};
  };
  EXPECT_THAT(ErrorOf({kDb}), HasSubstr("look up Secret web/db"));
  api_.intercept = [](const net::HttpRequest&) {
    return StatusReply(500, "InternalError", "etcd is away");
  };
  EXPECT_THAT(ErrorOf({kDb}), AllOf(HasSubstr("look up Secret web/db"), Not(HasSubstr("allow"))));
}

TEST_F(LookUpTest, AnswersAreBounded) {
  PutSecret("web", "db");
  PutSecret("web", "two");
  EXPECT_THAT(ErrorOf({kDb}, {.max_bytes = 50}), HasSubstr("budget lookup bytes"));
  EXPECT_THAT(ErrorOf({{"v1", "Secret", "web", ""}}, {.max_listed = 1}),
              HasSubstr("look up every Secret in namespace web"));
}

}  // namespace
}  // namespace swell::live
