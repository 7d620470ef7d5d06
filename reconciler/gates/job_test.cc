#include "reconciler/gates/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "reconciler/gates/job_object.h"
#include "reconciler/live/fake_api.h"

namespace swell::gates {
namespace {

using live::testing::FakeApi;
using live::testing::Reply;
using live::testing::StatusReply;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kJobs[] = "/apis/batch/v1/namespaces/web/jobs";
constexpr char kJob[] = "/apis/batch/v1/namespaces/web/jobs/smoke-web-12-canary";
constexpr char kPods[] = "/api/v1/namespaces/web/pods";

JobRequest SmokeTest() {
  JobRequest out;
  out.application = "web";
  out.rollout = "web-12";
  out.wave = "canary";
  out.gate = "smoke";
  out.plan = Digest::Of("plan");
  out.wave_started_at = *ParseTimestamp("2026-11-27T12:00:00Z");
  out.ns = "web";
  out.timeout = std::chrono::seconds(5);
  out.job = *json::Parse(R"({
      "metadata":{"labels":{"team":"shop"},"annotations":{"note":"x"}},
      "spec":{"backoffLimit":0,"ttlSecondsAfterFinished":5,
              "template":{"metadata":{"labels":{"app":"smoke"}},
                          "spec":{"containers":[{"name":"test","image":"smoke:1"}]}}}})");
  return out;
}

// One cluster: its API server, and a connection to it.
struct Cluster {
  explicit Cluster(std::string n) : name(std::move(n)) {}

  void SetStatus(const std::string& status, const std::string& job = kJob) {
    api.Update(job, [&](Value object) { return object.With("status", *json::Parse(status)); });
  }
  void Succeed() { SetStatus(R"({"conditions":[{"type":"Complete","status":"True"}]})"); }
  void Fail() {
    SetStatus(R"({"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded",
                  "message":"Job has reached the specified backoff limit"}]})");
  }
  // Writes since the last call.
  std::vector<std::string> Writes() {
    std::vector<std::string> out;
    const std::vector<std::string> all = api.Requests();
    for (; seen < all.size(); ++seen) {
      if (!all[seen].starts_with("GET ")) out.push_back(all[seen]);
    }
    return out;
  }

  std::string name;
  FakeApi api;
  net::Loop loop;
  kube::ConnectionPtr connection = live::testing::Connect(loop, api);
  std::size_t seen = 0;
};

std::string Text(const Answer& answer) {
  const char* const verdicts[] = {"pass: ", "fail: ", "hold: "};
  return verdicts[static_cast<int>(answer.verdict)] + answer.message;
}

class JobTest : public ::testing::Test {
 protected:
  std::string Ask(const JobRequest& request) {
    std::promise<Answer> promise;
    EvaluateJob(c1_.connection, request, [&](Answer answer) { promise.set_value(answer); });
    return Text(promise.get_future().get());
  }
  std::string Ask() { return Ask(request_); }
  // Over both clusters.
  std::string AskAll() {
    std::promise<Answer> promise;
    EvaluateJobs(Both(), request_, [&](Answer answer) { promise.set_value(answer); });
    return Text(promise.get_future().get());
  }
  std::vector<JobCluster> Both() { return {{"c1", c1_.connection}, {"c2", c2_.connection}}; }
  // As Kubernetes makes them, with the Job's uid.
  void PutPod(const std::string& status) {
    const std::string uid = c1_.api.Get(kJob)["metadata"]["uid"].str();
    c1_.api.Put(std::string(kPods) + "/smoke-1",
                R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"smoke-1","namespace":"web",
                    "uid":"pod-1","ownerReferences":[{"kind":"Job","uid":")" +
                    uid + R"("}]},"status":)" + status + "}");
  }

  Cluster c1_{"c1"}, c2_{"c2"};
  JobRequest request_ = SmokeTest();
};

TEST_F(JobTest, ItIsMadeWatchedAndJudged) {
  EXPECT_EQ(Ask(), "hold: job web/smoke-web-12-canary is made");
  const Value job = c1_.api.Get(kJob);
  const Value& metadata = job["metadata"];
  EXPECT_EQ(json::Write(metadata["labels"]),
            R"({"swell.dev/application":"web","swell.dev/gate":"smoke",)"
            R"("swell.dev/rollout":"web-12","swell.dev/wave":"canary","team":"shop"})");
  EXPECT_EQ(metadata["annotations"]["swell.dev/owner"].as_string(), "web");
  EXPECT_EQ(metadata["annotations"]["note"].as_string(), "x");
  EXPECT_EQ(job["spec"]["ttlSecondsAfterFinished"].as_int(), 86400);
  EXPECT_EQ(job["spec"]["backoffLimit"].as_int(), 0);
  const Value& pod = job["spec"]["template"];
  EXPECT_EQ(pod["spec"]["restartPolicy"].as_string(), "Never");
  EXPECT_EQ(pod["metadata"]["labels"]["app"].as_string(), "smoke");
  EXPECT_EQ(pod["metadata"]["labels"]["swell.dev/gate"].as_string(), "smoke");

  EXPECT_EQ(Ask(), "hold: job web/smoke-web-12-canary is running");
  c1_.SetStatus(R"({"active":1,"failed":2})");
  EXPECT_EQ(Ask(), "hold: job web/smoke-web-12-canary is running (1 active, 2 failed)");
  c1_.SetStatus(R"({"conditions":[{"type":"Complete","status":"False"},
                                  {"type":"SuccessCriteriaMet","status":"True"}]})");
  EXPECT_EQ(Ask(), "hold: job web/smoke-web-12-canary is running");
  c1_.Succeed();
  EXPECT_EQ(Ask(), "pass: job web/smoke-web-12-canary succeeded");
  EXPECT_EQ(Ask(), "pass: job web/smoke-web-12-canary succeeded");
  EXPECT_THAT(c1_.Writes(), ElementsAre(std::string("POST ") + kJobs));
}

TEST_F(JobTest, AFailureSaysWhy) {
  Ask();
  c1_.Fail();
  PutPod(R"({"phase":"Failed","containerStatuses":[{"name":"test","ready":false,
      "state":{"terminated":{"exitCode":3,"reason":"Error"}}}]})");
  c1_.api.intercept = [](const net::HttpRequest& request) -> std::optional<Reply> {
    if (!request.path.ends_with("/pods/smoke-1/log")) return {};
    EXPECT_EQ(request.query, "container=test&tailLines=1&limitBytes=2000");
    return Reply{200, "checkout answers 500\n", "text/plain"};
  };
  const std::string asked = Ask();
  EXPECT_THAT(asked,
              HasSubstr("fail: job web/smoke-web-12-canary failed: BackoffLimitExceeded: Job "
                        "has reached the specified backoff limit; pod smoke-1: "));
  EXPECT_THAT(asked, EndsWith("; its log ends with: checkout answers 500"));
  // What cannot be read changes no verdict.
  c1_.api.intercept = [](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.path.find("/pods") == std::string::npos) return {};
    return StatusReply(403, "Forbidden", "no");
  };
  EXPECT_EQ(Ask(),
            "fail: job web/smoke-web-12-canary failed: BackoffLimitExceeded: Job has reached the "
            "specified backoff limit");
}

TEST_F(JobTest, WhatKeepsItFromRunningIsTold) {
  Ask();
  PutPod(R"({"phase":"Pending","containerStatuses":[{"name":"test","ready":false,
      "state":{"waiting":{"reason":"ImagePullBackOff","message":"no such image"}}}]})");
  EXPECT_THAT(Ask(), HasSubstr("hold: job web/smoke-web-12-canary is running; pod smoke-1: "));
  EXPECT_THAT(Ask(), HasSubstr("ImagePullBackOff"));
  // Others' pods say nothing.
  c1_.api.Update(std::string(kPods) + "/smoke-1", [](Value pod) {
    return pod.WithAt({"metadata", "ownerReferences"}, Value::EmptyArray());
  });
  EXPECT_EQ(Ask(), "hold: job web/smoke-web-12-canary is running");
}

TEST_F(JobTest, ARestartedServerFindsItAgain) {
  Ask();
  c1_.Writes();
  const JobRequest again = SmokeTest();
  EXPECT_EQ(Ask(again), "hold: job web/smoke-web-12-canary is running");
  EXPECT_THAT(c1_.Writes(), IsEmpty());
}

TEST_F(JobTest, WhatRanForSomethingElseIsNoEvidence) {
  const auto change = [](auto how) {
    JobRequest out = SmokeTest();
    how(out);
    return out;
  };
  const JobRequest others[] = {
      change([](JobRequest& r) { r.plan = Digest::Of("another plan"); }),
      change([](JobRequest& r) { r.wave_started_at += std::chrono::seconds(1); }),
      change([](JobRequest& r) { r.job = r.job.WithAt({"spec", "backoffLimit"}, Value(1)); }),
  };
  for (const JobRequest& other : others) {
    Ask();
    c1_.Succeed();
    c1_.Writes();
    EXPECT_EQ(Ask(other),
              "hold: job web/smoke-web-12-canary was for another run of the gate and is deleted");
    EXPECT_THAT(c1_.Writes(), ElementsAre(std::string("DELETE ") + kJob));
    EXPECT_EQ(Ask(other), "hold: job web/smoke-web-12-canary is made");
    c1_.api.Remove(kJob);
  }
}

TEST_F(JobTest, WhatIsAnothersIsLeftAlone) {
  const std::string hold =
      "hold: job web/smoke-web-12-canary is there already and not this gate's: delete it, or give "
      "the gate another name";
  Ask();
  c1_.Succeed();
  const Value ours = c1_.api.Get(kJob);
  const std::vector<Value> strange = {
      ours.WithoutAt({"metadata", "labels"}),
      ours.WithAt({"metadata", "labels", "swell.dev/gate"}, Value("other")),
      ours.WithoutAt({"metadata", "annotations", "swell.dev/gate-run"}),
      ours.WithAt({"metadata", "annotations", "swell.dev/owner"}, Value("bank")),
  };
  for (const Value& job : strange) {
    c1_.api.Update(kJob, [&](const Value&) { return job; });
    c1_.Writes();
    EXPECT_EQ(Ask(), hold);
    std::promise<Status> deleted;
    DeleteJob(c1_.connection, request_, [&](Status done) { deleted.set_value(std::move(done)); });
    EXPECT_TRUE(deleted.get_future().get());
    EXPECT_THAT(c1_.Writes(), IsEmpty());
  }
}

TEST_F(JobTest, OneThatIsBeingDeletedIsNotJudged) {
  Ask();
  c1_.Succeed();
  c1_.api.Update(kJob, [](Value job) {
    return job.WithAt({"metadata", "deletionTimestamp"}, Value("2026-11-27T12:00:00Z"));
  });
  EXPECT_EQ(Ask(), "hold: job web/smoke-web-12-canary of an earlier run is being deleted");
}

TEST_F(JobTest, AClusterThatSaysNoHolds) {
  struct Case {
    const char* method;
    Reply reply;
    const char* says;
  };
  const Case kCases[] = {
      {"GET", StatusReply(403, "Forbidden", "no jobs for you"), "no jobs for you"},
      {"GET", StatusReply(500, "InternalError", "etcd is down"), "etcd is down"},
      {"GET", {404, "404 page not found\n", "text/plain"}, "cluster c1: GET "},
      {"GET", {200, "<html>"}, "the answer is no JSON"},
      {"POST", StatusReply(403, "Forbidden", "exceeded quota"), "exceeded quota"},
      {"POST", StatusReply(422, "Invalid", "spec.template is wrong"), "spec.template is wrong"},
      {"POST", StatusReply(404, "NotFound", "namespaces \"web\" not found"), "namespaces"},
      {"POST", StatusReply(409, "AlreadyExists", "it is there"), "was made meanwhile"},
  };
  for (const Case& c : kCases) {
    c1_.api.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
      if (request.method != c.method) return {};
      return c.reply;
    };
    const std::string asked = Ask();
    EXPECT_THAT(asked, ::testing::StartsWith("hold: "));
    EXPECT_THAT(asked, HasSubstr(c.says));
    EXPECT_TRUE(c1_.api.Get(kJob).is_null());
  }
}

TEST_F(JobTest, OnlyJobsAreMade) {
  request_.job = request_.job.With("kind", Value("CronJob"));
  EXPECT_EQ(Ask(), "hold: the gate's job is a  CronJob, not a batch/v1 Job");
  EXPECT_THAT(c1_.Writes(), IsEmpty());
}

TEST_F(JobTest, AGatePassesWhenEveryCluster) {
  EXPECT_EQ(AskAll(),
            "hold: smoke: cluster c1: job web/smoke-web-12-canary is made; cluster c2: job "
            "web/smoke-web-12-canary is made");
  c1_.Succeed();
  c1_.Writes();
  // The quick one waits for the slow one, and does not run again meanwhile.
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(AskAll(), "hold: smoke: cluster c2: job web/smoke-web-12-canary is running");
    EXPECT_THAT(c1_.Writes(), IsEmpty());
  }
  c2_.Succeed();
  EXPECT_EQ(AskAll(),
            "pass: smoke: cluster c1: job web/smoke-web-12-canary succeeded; cluster c2: job "
            "web/smoke-web-12-canary succeeded");
  EXPECT_TRUE(c1_.api.Get(kJob).is_null());
  EXPECT_TRUE(c2_.api.Get(kJob).is_null());
  EXPECT_THAT(AskAll(), HasSubstr("is made"));  // the next evaluation is a new run
}

TEST_F(JobTest, AGateFailsWithTheFirstFailure) {
  AskAll();
  c2_.Fail();
  EXPECT_EQ(
      AskAll(),
      "fail: smoke: cluster c2: job web/smoke-web-12-canary failed: BackoffLimitExceeded: Job "
      "has reached the specified backoff limit");
  EXPECT_TRUE(c1_.api.Get(kJob).is_null());
  EXPECT_TRUE(c2_.api.Get(kJob).is_null());
}

TEST_F(JobTest, WhatCannotBeDeletedIsTold) {
  AskAll();
  c1_.Succeed();
  c2_.Succeed();
  c2_.api.intercept = [](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.method != "DELETE") return {};
    return StatusReply(403, "Forbidden", "no deletes");
  };
  const std::string asked = AskAll();
  EXPECT_THAT(asked, HasSubstr("pass: smoke: "));
  EXPECT_THAT(asked, HasSubstr("; its jobs are not all deleted: cluster c2: "));
}

TEST_F(JobTest, WithoutAClusterItHolds) {
  std::promise<Answer> none, lost;
  EvaluateJobs({}, request_, [&](Answer answer) { none.set_value(answer); });
  EXPECT_EQ(Text(none.get_future().get()), "hold: smoke: the wave has no clusters to run a job on");
  EvaluateJobs({{"c9", Fail(NotFound("it is not registered"))}}, request_,
               [&](Answer answer) { lost.set_value(answer); });
  EXPECT_EQ(Text(lost.get_future().get()), "hold: smoke: cluster c9: it is not registered");
}

TEST_F(JobTest, WhatIsLeftCanBeDeleted) {
  AskAll();
  std::promise<Status> deleted;
  DeleteJobs(Both(), request_, [&](Status done) { deleted.set_value(std::move(done)); });
  EXPECT_TRUE(deleted.get_future().get());
  EXPECT_TRUE(c1_.api.Get(kJob).is_null());
  EXPECT_TRUE(c2_.api.Get(kJob).is_null());
}

TEST(JobName, FitsAndTellsGatesApart) {
  const auto name = [](const std::string& gate, const std::string& rollout,
                       const std::string& wave) {
    JobRequest request;
    request.gate = gate;
    request.rollout = rollout;
    request.wave = wave;
    return JobName(request);
  };
  EXPECT_EQ(name("smoke", "web-12", "canary"), "smoke-web-12-canary");
  EXPECT_THAT(name("Smoke", "web-12", "canary"),
              ::testing::MatchesRegex("smoke-web-12-canary-[0-9a-f]{8}"));
  EXPECT_THAT(name("smoke test", "web-12", "eu/west"),
              ::testing::MatchesRegex("smoke-test-web-12-eu-west-[0-9a-f]{8}"));
  EXPECT_THAT(name("-", "-", "-"), ::testing::MatchesRegex("x-[0-9a-f]{8}"));
  const std::string gate(70, 'g');
  const std::string upper(70, 'G');
  for (const std::string& longest : {name(gate, "web-12", "a"), name(upper, "web-12", "a")}) {
    EXPECT_LE(longest.size(), 63u);
    EXPECT_THAT(longest, ::testing::MatchesRegex("[a-z0-9][a-z0-9-]*[a-z0-9]"));
  }
  EXPECT_NE(name(gate, "web-12", "a"), name(gate, "web-12", "b"));
  EXPECT_NE(name(gate, "web-12", "a"), name(upper, "web-12", "a"));
}

}  // namespace
}  // namespace swell::gates
