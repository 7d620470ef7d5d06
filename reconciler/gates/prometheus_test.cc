#include <map>

#include "base/core/strings.h"
#include "reconciler/gates/test_util.h"

namespace swell::gates {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kQuery[] = "/api/v1/query";
constexpr char kRange[] = "/api/v1/query_range";

std::string Success(const std::string& type, const std::string& result,
                    const std::string& more = "") {
  return R"({"status":"success","data":{"resultType":")" + type + R"(","result":)" + result + "}" +
         more + "}";
}
// One value of each (labels, value).
std::string Vector(const std::vector<std::pair<std::string, std::string>>& series) {
  std::string out;
  for (const auto& [labels, value] : series) {
    out += std::string(out.empty() ? "" : ",") + R"({"metric":{)" + labels +
           R"(},"value":[1764244800,")" + value + R"("]})";
  }
  return Success("vector", "[" + out + "]");
}

class PrometheusTest : public testing::GateTest {
 protected:
  PrometheusTest() {
    gate_.name = "error-rate";
    gate_.check = PrometheusGate{.address = server_.url() + "/", .query = "errors"};
    gate().threshold = {Comparison::kLess, 0.01};
  }
  PrometheusGate& gate() { return std::get<PrometheusGate>(gate_.check); }

  void Answer(const std::string& body, int status = 200) {
    server_.On(kQuery, [body, status](const auto&, net::ResponseWriterPtr writer) {
      testing::Reply(writer, status, body);
    });
  }
  net::Query Form(std::size_t request) const {
    return *net::ParseQuery(server_.asked().at(request).body);
  }
  std::string NoData(const std::string& why) const {
    return "error-rate: no data from " + server_.url() + "/: " + why;
  }
  std::string Url(const char* path = kQuery) const { return server_.url() + path; }
};

TEST_F(PrometheusTest, AsksForTheValueNow) {
  Answer(Vector({{"", "0.002"}}));
  EXPECT_EQ(Ask(), "pass: error-rate: 0.002 < 0.01");
  const net::HttpRequest request = server_.asked().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.Get("content-type"), "application/x-www-form-urlencoded");
  EXPECT_FALSE(request.headers.Has("authorization"));
  EXPECT_EQ(net::QueryValue(Form(0), "query"), "errors");
  EXPECT_EQ(net::QueryValue(Form(0), "time"), "1795780800.000");
  EXPECT_EQ(net::QueryValue(Form(0), "partial_response"), "false");
  EXPECT_THAT(std::string(net::QueryValue(Form(0), "timeout")),
              ::testing::MatchesRegex("[0-9]+ms"));
}

TEST_F(PrometheusTest, AScalarIsAValue) {
  Answer(Success("scalar", R"([1764244800,"3"])"));
  EXPECT_EQ(Ask(), "fail: error-rate: 3 is not < 0.01");
}

TEST_F(PrometheusTest, EveryComparison) {
  struct Case {
    Comparison comparison;
    double limit;
    const char* value;
    const char* asked;
  };
  constexpr Case kCases[] = {
      {Comparison::kLess, 1, "1", "fail: error-rate: 1 is not < 1"},
      {Comparison::kLessOrEqual, 1, "1", "pass: error-rate: 1 <= 1"},
      {Comparison::kGreater, 0.99, "0.99", "fail: error-rate: 0.99 is not > 0.99"},
      {Comparison::kGreaterOrEqual, 0.99, "0.99", "pass: error-rate: 0.99 >= 0.99"},
      {Comparison::kEqual, 0, "0", "pass: error-rate: 0 == 0"},
      {Comparison::kEqual, 0, "2e-300", "fail: error-rate: 2e-300 is not == 0"},
      {Comparison::kNotEqual, 0, "0", "fail: error-rate: 0 is not != 0"},
      {Comparison::kNotEqual, 0, "1", "pass: error-rate: 1 != 0"},
      // As many digits as it takes to see why.
      {Comparison::kLess, 0.01, "0.010000000001", "fail: error-rate: 0.010000000001 is not < 0.01"},
      {Comparison::kLess, 1, "0.333333333333333315", "pass: error-rate: 0.333333 < 1"},
      {Comparison::kLess, 2e9, "1234567890", "pass: error-rate: 1.23457e+09 < 2e+09"},
  };
  for (const Case& c : kCases) {
    gate().threshold = {c.comparison, c.limit};
    Answer(Vector({{"", c.value}}));
    EXPECT_EQ(Ask(), c.asked);
  }
}

TEST_F(PrometheusTest, AllSeriesMustSatisfyAndTheWorstIsNamed) {
  Answer(Vector({{R"("pod":"a")", "0.001"},
                 {R"("__name__":"errors","pod":"b","zone":"x")", "0.5"},
                 {R"("pod":"c")", "0.02"}}));
  EXPECT_EQ(Ask(),
            "fail: error-rate: 0.5 is not < 0.01 (worst of 3 series: "
            "errors{pod=\"b\",zone=\"x\"})");
  Answer(Vector({{R"("pod":"a")", "0.001"}, {R"("pod":"b")", "0.009"}}));
  EXPECT_EQ(Ask(), "pass: error-rate: 0.009 < 0.01 (worst of 2 series: {pod=\"b\"})");
  gate().threshold = {Comparison::kGreater, 0.005};
  EXPECT_EQ(Ask(), "fail: error-rate: 0.001 is not > 0.005 (worst of 2 series: {pod=\"a\"})");
}

TEST_F(PrometheusTest, NothingToJudgeNeverPasses) {
  Answer(Vector({}));
  EXPECT_EQ(Ask(), "hold: " + NoData("the query gives no series"));
  for (const auto& [value, shown] :
       std::map<std::string, std::string>{{"NaN", "NaN"}, {"+Inf", "+Inf"}, {"-Inf", "-Inf"}}) {
    Answer(Vector({{R"("pod":"a")", value}}));
    EXPECT_EQ(Ask(), "hold: " + NoData(shown + " of {pod=\"a\"}"));
  }
  // One that is well does not speak for one that says nothing; one that is not well does.
  Answer(Vector({{R"("pod":"a")", "0"}, {R"("pod":"b")", "NaN"}}));
  EXPECT_EQ(Ask(), "hold: " + NoData("NaN of {pod=\"b\"}"));
  Answer(Vector({{R"("pod":"a")", "1"}, {R"("pod":"b")", "NaN"}}));
  EXPECT_THAT(Ask(), HasSubstr("fail: error-rate: 1 is not < 0.01"));
  gate().missing = MissingData::kFail;
  Answer(Vector({}));
  EXPECT_EQ(Ask(), "fail: " + NoData("the query gives no series"));
}

TEST_F(PrometheusTest, ManyWithoutDataAreCounted) {
  std::vector<std::pair<std::string, std::string>> series;
  for (int i = 0; i < 8; ++i) series.emplace_back("\"n\":\"" + std::to_string(i) + "\"", "NaN");
  Answer(Vector(series));
  EXPECT_THAT(Ask(), HasSubstr("NaN of {n=\"4\"} and 3 more"));
}

TEST_F(PrometheusTest, OfARangeEveryValueMustSatisfy) {
  gate().range = 10min;
  server_.Serve(kRange, Success("matrix", R"([
      {"metric":{"pod":"a"},"values":[[1795780200,"0"],[1795780210,"0.2"],[1795780220.5,"0"]]},
      {"metric":{"pod":"b"},"values":[[1795780200,"0.1"]]}])"));
  EXPECT_EQ(Ask(),
            "fail: error-rate: 0.2 is not < 0.01 (worst of 4 values of 2 series in 10m, at "
            "2026-11-27T11:50:10Z: {pod=\"a\"})");
  EXPECT_EQ(net::QueryValue(Form(0), "start"), "1795780200.000");
  EXPECT_EQ(net::QueryValue(Form(0), "end"), "1795780800.000");
  EXPECT_EQ(net::QueryValue(Form(0), "step"), "10000ms");
  EXPECT_EQ(net::QueryValue(Form(0), "time"), "");
  gate().step = 1500ms;
  server_.Serve(kRange, Success("matrix", R"([{"metric":{},"values":[[1795780200,"NaN"]]}])"));
  EXPECT_EQ(Ask(), "hold: " + NoData("NaN"));
  EXPECT_EQ(net::QueryValue(Form(1), "step"), "1500ms");
  server_.Serve(kRange, Success("matrix", R"([{"metric":{"a":"b"},"values":[]},
      {"metric":{},"values":[[1795780200,"0"]]}])"));
  EXPECT_EQ(Ask(), "hold: " + NoData("no value of {a=\"b\"}"));
  gate().step = Duration{0};
  gate().range = 5s;
  server_.Serve(kRange, Success("matrix", "[]"));
  EXPECT_EQ(Ask(), "hold: " + NoData("the query gives no series"));
  EXPECT_EQ(net::QueryValue(Form(3), "step"), "1000ms");
}

TEST_F(PrometheusTest, ABaselineIsWhatTheValueIsDividedBy) {
  gate().baseline = 1h;
  gate().threshold = {Comparison::kLess, 1.5};
  std::map<std::string, std::string> bodies;  // by time
  server_.On(kQuery, [&](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
    testing::Reply(writer, 200,
                   bodies[std::string(net::QueryValue(*net::ParseQuery(request.body), "time"))]);
  });
  std::string& now = bodies["1795780800.000"];
  std::string& before = bodies["1795777200.000"];
  // The samples bear the time of the question.
  const auto at = [](const std::string& body, const std::string& time) {
    return ReplaceAll(body, "1764244800", time);
  };
  const auto set = [&](const std::vector<std::pair<std::string, std::string>>& a,
                       const std::vector<std::pair<std::string, std::string>>& b) {
    now = at(Vector(a), "1795780800");
    before = at(Vector(b), "1795777200");
  };
  set({{R"("p":"a")", "0.018"}, {R"("p":"b")", "1"}},
      {{R"("p":"b")", "1"}, {R"("p":"a")", "0.01"}});
  EXPECT_EQ(Ask(),
            "fail: error-rate: 1.8 is not < 1.5: 0.018 against 0.01 1h before (worst of 2 "
            "series: {p=\"a\"})");
  set({{"", "3"}}, {{"", "4"}});
  EXPECT_EQ(Ask(), "pass: error-rate: 0.75 < 1.5: 3 against 4 1h before");
  set({{R"("p":"a")", "0.018"}}, {{R"("p":"b")", "1"}});
  EXPECT_EQ(Ask(), "hold: error-rate: nothing to compare with 1h before: no value of {p=\"a\"}");
  gate().missing = MissingData::kFail;  // is about the value itself
  set({{"", "1"}}, {{"", "0"}});
  EXPECT_EQ(Ask(), "hold: error-rate: nothing to compare with 1h before: 0");
  set({{"", "1"}}, {{"", "NaN"}});
  EXPECT_EQ(Ask(), "hold: error-rate: nothing to compare with 1h before: NaN");
  set({{"", "1"}}, {});
  EXPECT_EQ(Ask(), "hold: error-rate: nothing to compare with 1h before: no value");
  set({{"", "1"}}, {});
  before = R"({"status":"error","errorType":"execution","error":"too far back"})";
  EXPECT_EQ(Ask(), "hold: error-rate: the baseline of 1h before: " + Url() +
                       ": it answers execution: too far back");
}

TEST_F(PrometheusTest, OfARangeEachValueHasItsOwnBaseline) {
  gate().baseline = 1h;
  gate().range = 1min;
  gate().threshold = {Comparison::kLess, 1.5};
  server_.On(kRange, [&](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
    const bool now = net::QueryValue(*net::ParseQuery(request.body), "end") == "1795780800.000";
    testing::Reply(
        writer, 200,
        Success("matrix",
                now ? R"([{"metric":{},"values":[[1795780740,"2"],[1795780800,"30"]]}])"
                    : R"([{"metric":{},"values":[[1795777140,"2"],[1795777200,"10"]]}])"));
  });
  EXPECT_EQ(Ask(),
            "fail: error-rate: 3 is not < 1.5: 30 against 10 1h before (worst of 2 values in "
            "1m, at 2026-11-27T12:00:00Z)");
}

TEST_F(PrometheusTest, TheQueryIsRestrictedToTheWavesClusters) {
  gate().cluster_label = "k8s_cluster";
  gate().query = "sum by (k8s_cluster) (rate(errors{a=\"b\"}[5m]))";
  Answer(Vector({{R"("k8s_cluster":"c1")", "0"}, {R"("k8s_cluster":"c2")", "0"}}));
  EXPECT_THAT(Ask(), HasSubstr("pass: "));
  EXPECT_EQ(net::QueryValue(Form(0), "query"),
            "sum by (k8s_cluster) (rate(errors{a=\"b\",k8s_cluster=~\"c1|c2\"}[5m]))");
  // A cluster that is not heard of is not well.
  Answer(Vector({{R"("k8s_cluster":"c1")", "0"}}));
  EXPECT_EQ(Ask(), "hold: " + NoData("no series of cluster c2"));
  // Of a query that adds the clusters up nobody can tell.
  Answer(Vector({{"", "0"}}));
  EXPECT_EQ(Ask(), "pass: error-rate: 0 < 0.01");
  gate().query = "sum(errors";
  EXPECT_EQ(Ask(),
            "hold: error-rate: put clusterLabel k8s_cluster into the query: query:1:4: the "
            "parenthesis that begins here does not end");
  context_.clusters.clear();
  EXPECT_EQ(Ask(), "hold: error-rate: the wave has no clusters to restrict the query to");
}

TEST_F(PrometheusTest, ManyClustersFit) {
  gate().cluster_label = "cluster";
  context_.clusters.clear();
  for (int i = 0; i < 5000; ++i) context_.clusters.push_back("cluster-" + std::to_string(i));
  Answer(Vector({{"", "0"}}));
  EXPECT_EQ(Ask(), "pass: error-rate: 0 < 0.01");
  EXPECT_THAT(std::string(net::QueryValue(Form(0), "query")), HasSubstr("|cluster-4999\"}"));
}

TEST_F(PrometheusTest, WarningsAreShown) {
  Answer(Success("vector", R"([{"metric":{},"value":[1,"0"]}])",
                 R"(,"warnings":["a","b\nc","d","e","f"])"));
  EXPECT_EQ(Ask(), "pass: error-rate: 0 < 0.01; Prometheus warns: a; b c; d; and 2 more");
}

TEST_F(PrometheusTest, WhatIsNoAnswerHolds) {
  struct Case {
    int status;
    std::string body;
    std::string why;  // without the URL
  };
  const Case kCases[] = {
      {400, R"({"status":"error","errorType":"bad_data","error":"1:2: parse error"})",
       " answers 400 Bad Request: bad_data: 1:2: parse error"},
      {401, "", " answers 401 Unauthorized (bearerTokenFile of the gate)"},
      {404, "<html>", " answers 404 Not Found"},
      {429, "", " answers 429 Too Many Requests"},
      {500, "", " answers 500 Internal Server Error"},
      {503, R"({"status":"error","errorType":"timeout","error":"query timed out"})",
       " answers 503 Service Unavailable: timeout: query timed out"},
      {200, R"({"status":"error","errorType":"execution","error":"many-to-many"})",
       ": it answers execution: many-to-many"},
      {200, "", ": its answer is not one of Prometheus' query API: "},
      {200, "<html>", ": its answer is not one of Prometheus' query API: "},
      {200, R"({"status":"succ)", ": its answer is not one of Prometheus' query API: "},
      {200, "{}", ": its answer is not one of Prometheus' query API: no status success"},
      {200, R"({"status":"success"})",
       ": its answer is not one of Prometheus' query API: its resultType is \"\""},
      {200, Success("streams", "[]"),
       ": its answer is not one of Prometheus' query API: its resultType is \"streams\""},
      {200, Success("vector", "{}"),
       ": its answer is not one of Prometheus' query API: its resultType is \"vector\""},
      {200, Success("vector", R"([{"metric":{},"value":[1,2]}])"),
       ": its answer is not one of Prometheus' query API: a sample is [1,2]"},
      {200, Success("vector", R"([{"metric":{}}])"),
       ": its answer is not one of Prometheus' query API: a sample is null"},
      {200, Success("vector", R"([{"metric":{},"value":[1,"0x"]}])"),
       ": its answer is not one of Prometheus' query API: a sample is [1,\"0x\"]"},
      {200, Success("matrix", "[]"), ": the query gives ranges of values: take a function of"},
      {200, Success("string", R"([1,"x"])"), ": the query gives a text, not numbers"},
      {200, Success("vector", R"([{"metric":{"a":"b"},"histogram":[1,{}]}])"),
       ": the query gives histograms, which no threshold is of: {a=\"b\"}"},
      {200, Success("vector", R"([{"metric":{},"value":[1,"0"]}])", R"(,"isPartial":true)"),
       ": it answers with a part of the data"},
  };
  gate().missing = MissingData::kFail;  // is not about what cannot be asked
  for (const Case& c : kCases) {
    Answer(c.body, c.status);
    EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: " + Url() + c.why)) << c.body;
  }
}

TEST_F(PrometheusTest, WhoIsNotThereHolds) {
  gate().address = [] { return fetch::testing::TestServer().url(); }();
  EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: post " + gate().address + "/api/v1/query: "));
  gate().address = "http://";
  EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: "));
  gate().address = "http://127.0.0.1:1?a=b";
  EXPECT_EQ(
      Ask(),
      "hold: error-rate: address \"http://127.0.0.1:1\" has a query or a fragment: give host, "
      "port and prefix");
}

TEST_F(PrometheusTest, WhoIsSlowHolds) {
  std::vector<net::ResponseWriterPtr> kept;
  server_.On(kQuery, [&](const auto&, net::ResponseWriterPtr writer) { kept.push_back(writer); });
  context_.timeout = 100ms;
  EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: post " + Url() + ": it took too long"));
}

TEST_F(PrometheusTest, WhoAnswersForEverHolds) {
  Evaluator small({.max_response_bytes = 1000});
  Answer(Success("vector", "[" + std::string(2000, ' ') + "]"));
  const gates::Answer answer = small.Evaluate(gate_, context_);
  EXPECT_EQ(answer.verdict, Verdict::kHold);
  EXPECT_THAT(answer.message,
              HasSubstr("more than 1000 bytes (budget max_response_bytes of gates)"));
}

TEST_F(PrometheusTest, AfterStopItHolds) {
  Answer(Vector({{"", "0"}}));
  evaluator_.Stop();
  EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: "));
}

TEST_F(PrometheusTest, TheTokenIsReadEachTimeAndNeverShown) {
  gate().bearer_token_file = Write("token", "s3cret-1\n");
  Answer("", 403);
  EXPECT_THAT(Ask(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(server_.asked().at(0).headers.Get("authorization"), "Bearer s3cret-1");
  Write("token", "s3cret-2");
  EXPECT_THAT(Ask(), Not(HasSubstr("s3cret")));
  EXPECT_EQ(server_.asked().at(1).headers.Get("authorization"), "Bearer s3cret-2");
  for (const char* text : {"", " \n", "s3cret\r\nX-Other: 1", "s3cret two"}) {
    Write("token", text);
    EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: bearerTokenFile " + gate().bearer_token_file));
    EXPECT_THAT(Ask(), Not(HasSubstr("s3cret")));
  }
  gate().bearer_token_file += "-none";
  EXPECT_THAT(Ask(), HasSubstr("cannot read bearerTokenFile"));
  EXPECT_EQ(server_.Asked(), 2);
}

TEST_F(PrometheusTest, FilesLieWhereTheyMay) {
  Answer(Vector({{"", "0"}}));
  const std::string outside = Write("outside", "s3cret");
  std::filesystem::create_directory(scratch_.path + "/allowed");
  context_.files_folder = scratch_.path + "/allowed";
  gate().bearer_token_file = Write("allowed/token", "t");
  EXPECT_THAT(Ask(), HasSubstr("pass: "));
  std::filesystem::create_symlink(outside, scratch_.path + "/allowed/link");
  for (const std::string& path :
       {outside, context_.files_folder + "/../outside", context_.files_folder + "/link"}) {
    gate().bearer_token_file = path;
    EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: bearerTokenFile " + path + " is not in"));
    gate().bearer_token_file.clear();
    gate().ca_file = path;
    EXPECT_THAT(Ask(), HasSubstr("hold: error-rate: caFile " + path + " is not in"));
    gate().ca_file.clear();
  }
  EXPECT_EQ(server_.Asked(), 1);
}

}  // namespace
}  // namespace swell::gates
