#include "base/net/test_util.h"
#include "reconciler/gates/test_util.h"

namespace swell::gates {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class HttpGateTest : public testing::GateTest {
 protected:
  HttpGateTest() {
    gate_.name = "smoke";
    gate_.check = HttpGate{.url = server_.url() + "/check"};
  }
  HttpGate& gate() { return std::get<HttpGate>(gate_.check); }

  void Answer(const std::string& body, int status = 200) {
    server_.On("/check", [body, status](const auto&, net::ResponseWriterPtr writer) {
      testing::Reply(writer, status, body);
    });
  }
};

TEST_F(HttpGateTest, A2xxPassesAndNothingElse) {
  for (const int status : {200, 202, 204}) {
    Answer("", status);
    EXPECT_THAT(Ask(),
                HasSubstr("pass: smoke: " + gate().url + " answers " + std::to_string(status)));
  }
  for (const int status : {304, 400, 401, 403, 404, 429, 500, 502, 503}) {
    Answer("", status);
    EXPECT_THAT(Ask(),
                HasSubstr("hold: smoke: " + gate().url + " answers " + std::to_string(status)));
  }
}

TEST_F(HttpGateTest, WhatStandsThereIsJudged) {
  struct Case {
    const char* pointer;
    std::optional<Threshold> threshold;
    const char* equals;
    const char* asked;
  };
  const Threshold small{Comparison::kLess, 0.01};
  const Case kCases[] = {
      {"/rate", small, "", "pass: smoke: /rate is 0.002: 0.002 < 0.01"},
      {"/list/1/n", small, "", "fail: smoke: /list/1/n is 7: 7 is not < 0.01"},
      {"/status", {}, "ok", "pass: smoke: /status is \"ok\""},
      {"/status", {}, "OK", "fail: smoke: /status is \"ok\", not \"OK\""},
      {"/flag", {}, "true", "pass: smoke: /flag is \"true\""},
      {"/rate", {}, "0.002", "pass: smoke: /rate is \"0.002\""},
      {"/none", small, "", "its answer has nothing at /none"},
      {"/none", {}, "x", "its answer has nothing at /none"},
      {"/status", small, "", "/status of its answer is a text, not a number"},
      {"/null", small, "", "/null of its answer is null, not a number"},
      {"/null", {}, "null", "/null of its answer is null, which equals is not compared with"},
      {"/list", {}, "x", "/list of its answer is an array, which equals is not compared with"},
      {"rate", small, "", "jsonPointer \"rate\""},
  };
  Answer(R"({"rate":0.002,"status":"ok","flag":true,"null":null,"list":[1,{"n":7}]})");
  for (const Case& c : kCases) {
    gate().json_pointer = c.pointer;
    gate().threshold = c.threshold;
    gate().equals = c.equals;
    const std::string asked = Ask();
    if (std::string_view(c.asked).find("smoke: ") != std::string_view::npos) {
      EXPECT_EQ(asked, c.asked);
    } else {
      EXPECT_THAT(asked, HasSubstr("hold: smoke: " + gate().url + ": ")) << c.pointer;
      EXPECT_THAT(asked, HasSubstr(c.asked));
    }
  }
}

TEST_F(HttpGateTest, WhatIsNoJsonHolds) {
  gate().json_pointer = "/a";
  gate().equals = "b";
  for (const char* body : {"", "<html>", R"({"a":"b")"}) {
    Answer(body);
    EXPECT_THAT(Ask(), HasSubstr("its answer is no JSON"));
    EXPECT_EQ(Evaluate().verdict, Verdict::kHold);
  }
  // A failure's body is not judged.
  Answer(R"({"a":"b"})", 500);
  EXPECT_EQ(Evaluate().verdict, Verdict::kHold);
}

TEST_F(HttpGateTest, TheRequestSpeaksOfTheWave) {
  gate().method = "POST";
  gate().url = server_.url() + "/check?app={{ .application }}&wave={{.wave}}";
  gate().body = R"({"rollout":"{{ .rollout }}","clusters":"{{ .clusters }}","w":"{{ .wave }}"})";
  gate().headers = {{"X-Wave", "{{ .wave }} of {{ .rollout }}"}, {"Accept", "text/plain"}};
  context_.wave = "a&b \"c\"";
  Answer("");
  EXPECT_THAT(Ask(), HasSubstr("pass: smoke: " + server_.url() + "/check answers 200 OK"));
  const net::HttpRequest request = server_.asked().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.query, "app=web&wave=a%26b%20%22c%22");
  EXPECT_EQ(request.body, R"({"rollout":"web-12","clusters":"c1,c2","w":"a&b \"c\""})");
  EXPECT_EQ(request.headers.Get("x-wave"), "a&b \"c\" of web-12");
  EXPECT_EQ(request.headers.Get("accept"), "text/plain");
  EXPECT_EQ(request.headers.Get("content-type"), "application/json");
}

TEST_F(HttpGateTest, WhatCannotBeSentIsNot) {
  const HttpGate valid = gate();
  gate().url = server_.url() + "/{{ .cluster }}";
  EXPECT_THAT(Ask(), HasSubstr("hold: smoke: url of the gate: {{ .cluster }} is not one of"));
  gate() = valid;
  gate().body = "{{ .wave";
  EXPECT_THAT(Ask(), HasSubstr("hold: smoke: body of the gate: {{ without }}"));
  gate() = valid;
  gate().body = "x";
  EXPECT_EQ(Ask(), "hold: smoke: a body goes with method POST");
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"X-A", "b\r\nX-C: d"}, {"X-A\r\nX-B", "c"}, {"X A", "b"}, {"", "b"}, {"X:A", "b"}}) {
    gate() = valid;
    gate().headers = {{name, value}};
    EXPECT_THAT(Ask(), HasSubstr("is not one line of name and value"));
  }
  EXPECT_EQ(server_.Asked(), 0);
}

TEST_F(HttpGateTest, RedirectsStayAtHome) {
  fetch::testing::TestServer other;
  other.Serve("/check", "");
  gate().bearer_token_file = Write("token", "s3cret");
  std::string to = "/there";
  int status = 302;
  server_.On("/check", [&](const auto&, net::ResponseWriterPtr writer) {
    writer->Respond(status, {{"Location", to}}, "");
  });
  server_.Serve("/there", "");
  EXPECT_THAT(Ask(), HasSubstr("pass: "));
  EXPECT_EQ(server_.asked().back().headers.Get("authorization"), "Bearer s3cret");
  to = other.url() + "/check";
  EXPECT_THAT(Ask(), HasSubstr("hold: smoke: get " + gate().url + ": it redirects to " + to +
                               ", another origin, which is not followed"));
  to = "/there";
  gate().method = "POST";
  gate().body = "x";
  EXPECT_THAT(Ask(), HasSubstr("which would lose its body"));
  status = 307;
  EXPECT_THAT(Ask(), HasSubstr("pass: "));
  EXPECT_EQ(server_.asked().back().body, "x");
  to = "/check";
  EXPECT_THAT(Ask(), HasSubstr("hold: smoke: post " + gate().url + ": more than 10 redirects"));
  EXPECT_EQ(other.Asked(), 0);
}

TEST_F(HttpGateTest, ACaFileIsTrusted) {
  const auto identity = net::testing::MakeIdentity("localhost", "IP:127.0.0.1,DNS:localhost");
  net::HttpServer::Options options;
  options.tls = net::TlsServerConfig{.cert_pem = identity.cert, .key = Secret(identity.key)};
  fetch::testing::TestServer secure(options);
  secure.Serve("/check", "");
  gate().url = secure.url() + "/check";
  EXPECT_THAT(Ask(), HasSubstr("certificate is not trusted"));
  EXPECT_THAT(Ask(), HasSubstr("set caFile of the gate"));
  gate().ca_file = Write("ca.pem", identity.cert);
  EXPECT_THAT(Ask(), HasSubstr("pass: "));
}

// Where clouds hand out the credentials of the machine.
TEST_F(HttpGateTest, TheLinksOwnAddressesAreNotAsked) {
  EXPECT_EQ(Evaluator::Options{}.link_local, fetch::LinkLocal::kRefused);
}

TEST_F(HttpGateTest, AJobIsNotAskedOfAServer) {
  gate_.check = JobGate{};
  EXPECT_EQ(Ask(), "hold: smoke: a gate with a job is asked of clusters, not of a server");
}

}  // namespace
}  // namespace swell::gates
