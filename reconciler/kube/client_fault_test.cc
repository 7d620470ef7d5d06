// What Client makes of servers that misbehave: faults are injected at the HTTP layer.

#include "reconciler/kube/client.h"
#include "reconciler/kube/test_util.h"

namespace swell::kube {
namespace {

using std::chrono::milliseconds;
using testing::Json;
using testing::kJson;
using testing::StatusBody;

class ClientFaultTest : public testing::KubeTest {};

TEST_F(ClientFaultTest, StatusesBecomeErrors) {
  struct Case {
    int status;
    std::string reason;
    std::string message;
    std::string details;
    ErrorCode code;
    std::size_t requests;
  };
  const std::string conflict =
      R"({"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"helm\"","field":".data.k"}]})";
  const std::vector<Case> cases = {
      {400, "BadRequest", "strict decoding error", "{}", ErrorCode::kInvalidArgument, 1},
      {401, "Unauthorized", "Unauthorized", "{}", ErrorCode::kUnauthenticated, 1},
      {403, "Forbidden", "pods is forbidden", "{}", ErrorCode::kPermissionDenied, 1},
      {404, "NotFound", "pods not found", "{}", ErrorCode::kNotFound, 1},
      {409, "AlreadyExists", "exists", "{}", ErrorCode::kAlreadyExists, 1},
      {409, "Conflict", "the object has been modified", "{}", ErrorCode::kAborted, 1},
      {409, "Conflict", "Apply failed", conflict, ErrorCode::kFailedPrecondition, 1},
      {410, "Expired", "too old resource version", "{}", ErrorCode::kOutOfRange, 1},
      {413, "RequestEntityTooLarge", "limit is 3145728", "{}", ErrorCode::kInvalidArgument, 1},
      {422, "Invalid", "field is immutable", "{}", ErrorCode::kInvalidArgument, 1},
      {500, "", "failed to create typed patch object: .x: field not declared in schema", "{}",
       ErrorCode::kInvalidArgument, 1},
      {500, "InternalError", "failed calling webhook", "{}", ErrorCode::kUnavailable, 4},
      {503, "ServiceUnavailable", "etcd", "{}", ErrorCode::kUnavailable, 4},
      {504, "Timeout", "slow", "{}", ErrorCode::kUnavailable, 4},
  };
  for (const Case& c : cases) {
    seen_.clear();
    ServeAnswers(
        {{.status = c.status, .body = StatusBody(c.status, c.reason, c.message, c.details)}});
    Connect();
    const auto result = Get(kPod);
    ASSERT_FALSE(result) << c.status;
    const ApiError& error = result.error();
    EXPECT_EQ(error.code(), c.code) << c.status << " " << error.ToString();
    EXPECT_EQ(error.http_status, c.status);
    EXPECT_EQ(error.reason, c.reason);
    EXPECT_TRUE(error.from_status);
    EXPECT_TRUE(error.ToString().starts_with("cluster c1: GET /api/v1/namespaces/web/pods/a: HTTP"))
        << error.ToString();
    EXPECT_TRUE(error.ToString().contains(c.message)) << error.ToString();
    EXPECT_EQ(Seen().size(), c.requests) << c.status << " " << c.reason;
  }
}

TEST_F(ClientFaultTest, DetailsThatCallersDecideBy) {
  ServeAnswers(
      {{.status = 404, .headers = {{"content-type", "text/plain"}}, .body = "404 page not found\n"},
       {.status = 404, .body = StatusBody(404, "NotFound", R"(namespaces \"x\" not found)")},
       {.status = 403,
        .body = StatusBody(
            403, "Forbidden", "nope",
            R"({"causes":[{"reason":"NamespaceTerminating","field":"metadata.namespace"}]})")},
       {.status = 422,
        .body = StatusBody(
            422, "Invalid", "invalid",
            R"({"causes":[{"reason":"FieldValueInvalid","message":"Invalid value: \"x\": field is immutable","field":"spec.selector"}]})")},
       {.status = 409,
        .body = StatusBody(
            409, "Conflict", "Apply failed",
            R"({"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"helm\"","field":".data.k"}]})")}});
  Connect();
  EXPECT_TRUE(Get(kPod).error().IsNotServed());
  const auto missing = Get(kPod).error();
  EXPECT_TRUE(missing.IsNamespaceMissing());
  EXPECT_FALSE(missing.IsNotServed());
  EXPECT_TRUE(Get(kPod).error().IsNamespaceTerminating());
  EXPECT_TRUE(Get(kPod).error().IsImmutableField());
  const auto conflict = Get(kPod).error();
  EXPECT_TRUE(conflict.IsFieldConflict());
  EXPECT_EQ(
      conflict.causes,
      (std::vector<StatusCause>{{"FieldManagerConflict", ".data.k", "conflict with \"helm\""}}));
}

TEST_F(ClientFaultTest, RetryAfterIsHonoured) {
  ServeAnswers({{.status = 429,
                 .headers = {{"retry-after", "1"}, {"content-type", "text/plain"}},
                 .body = "Too many requests, please try again later."},
                {.body = R"({"ok":true})"}});
  Connect();
  const auto start = std::chrono::steady_clock::now();
  const auto result = Get(kPod);
  ASSERT_TRUE(result) << result.error().ToString();
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(990));
  EXPECT_EQ(Seen().size(), 2u);
  EXPECT_EQ(client_->stats().retries, 1u);
}

TEST_F(ClientFaultTest, ARetryBeyondTheDeadlineIsNotWaitedFor) {
  ServeAnswers({{.status = 429, .headers = {{"retry-after", "30"}}, .body = "slow down"}});
  Connect();
  const auto start = std::chrono::steady_clock::now();
  const auto result = Get(kPod, milliseconds(2000));
  ASSERT_FALSE(result);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1500));
  EXPECT_EQ(result.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(result.error().retry_after, Duration(30'000));
}

TEST_F(ClientFaultTest, ThrottlingIsRetriedUpToTheLimit) {
  ServeAnswers({{.status = 429, .body = "no"}});
  ClientOptions options = Options();
  options.max_attempts = 6;
  Connect(options);
  const auto result = Get(kPod);
  ASSERT_FALSE(result);
  EXPECT_EQ(Seen().size(), 6u);
}

TEST_F(ClientFaultTest, PassingFaultsPass) {
  for (const int status : {500, 502, 503, 504}) {
    ServeAnswers(
        {{.status = status, .body = "x"}, {.status = status, .body = "x"}, {.body = "{}"}});
    Connect();
    EXPECT_TRUE(Get(kPod)) << status;
  }
}

TEST_F(ClientFaultTest, ACreateIsNotRepeatedWhenTheOutcomeIsUnknown) {
  const auto create = [&] {
    return Wait<Response>([&](auto d) { client_->Create(kPod, Json("{}"), std::move(d)); });
  };
  ServeAnswers({{.status = 500, .body = StatusBody(500, "InternalError", "oops")}});
  Connect();
  EXPECT_EQ(create().error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Seen().size(), 1u);
  // A cut stream: the server may have stored it.
  seen_.clear();
  Serve([](const net::HttpRequest&, net::ResponseWriterPtr writer) { writer->Abort(); });
  Connect();
  EXPECT_EQ(create().error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Seen().size(), 1u);
  // Asked to come again: it was not processed.
  seen_.clear();
  ServeAnswers(
      {{.status = 429, .headers = {{"retry-after", "0"}}, .body = "later"}, {.status = 201}});
  Connect();
  EXPECT_TRUE(create());
}

TEST_F(ClientFaultTest, ForeignBodiesAreShownInPart) {
  const std::string html = "<html>\n<body>\x01" + std::string(5000, 'x') + "</body></html>";
  ServeAnswers({{.status = 403, .headers = {{"content-type", "text/html"}}, .body = html},
                {.status = 200, .headers = {{"content-type", "text/html"}}, .body = html},
                {.status = 302, .headers = {{"location", "/login"}}, .body = ""},
                {.status = 200, .body = R"({"kind":"Pod","meta)"}});
  Connect();
  const auto forbidden = Get(kPod).error();
  EXPECT_EQ(forbidden.code(), ErrorCode::kPermissionDenied);
  EXPECT_TRUE(forbidden.ToString().contains("HTTP 403")) << forbidden.ToString();
  EXPECT_TRUE(forbidden.ToString().contains("text/html: <html> <body> xxx"))
      << forbidden.ToString();
  EXPECT_LT(forbidden.ToString().size(), 500u);
  const auto ok = Get(kPod).error();
  EXPECT_EQ(ok.code(), ErrorCode::kDataLoss);
  EXPECT_TRUE(ok.ToString().contains("HTTP 200: the answer is no JSON")) << ok.ToString();
  EXPECT_LT(ok.ToString().size(), 600u);
  EXPECT_TRUE(Get(kPod).error().ToString().contains("redirects are not followed"));
  const auto half = Get(kPod).error();
  EXPECT_EQ(half.code(), ErrorCode::kDataLoss);
  EXPECT_EQ(half.http_status, 200);
}

TEST_F(ClientFaultTest, ACutBodyIsRetriedThenReported) {
  std::atomic<int> n = 0;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    if (++n == 3) return writer->Respond(200, kJson, "{}");
    writer->Begin(200, kJson);
    writer->Write("{\"kind\":");
    writer->Abort();
  });
  Connect();
  EXPECT_TRUE(Get(kPod));
  n = 10;
  const auto result = Get(kPod);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable) << result.error().ToString();
}

TEST_F(ClientFaultTest, HugeAnswersAreCut) {
  ServeAnswers({{.body = "\"" + std::string(3'000'000, 'x') + "\""}});
  ClientOptions options = Options();
  options.max_response_bytes = 1'000'000;
  Connect(options);
  const auto result = Get(kPod);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(result.error().ToString().contains("max_response_bytes"));
  EXPECT_EQ(Seen().size(), 1u);
}

TEST_F(ClientFaultTest, ASilentServerRunsIntoTheDeadline) {
  std::vector<net::ResponseWriterPtr> kept;
  Serve([&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    kept.push_back(std::move(writer));
  });
  ClientOptions options = Options();
  options.max_in_flight = 1;
  Connect(options);
  std::promise<ApiResult<Response>> first;
  client_->Get(kPod, [&](ApiResult<Response> r) { first.set_value(std::move(r)); },
               {.timeout = milliseconds(3000)});
  const auto queued = Get(kPod, milliseconds(300));
  ASSERT_FALSE(queued);
  EXPECT_EQ(queued.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(queued.error().ToString().contains("still queued")) << queued.error().ToString();
  const auto result = first.get_future().get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(result.error().ToString().contains("no response within"))
      << result.error().ToString();
  server_->Stop();
}

TEST_F(ClientFaultTest, AnUnreachableServerIsTriedAFewTimes) {
  ServeAnswers({{}});
  ClusterAccess access;
  access.server = server_->url();
  server_.reset();
  Connect(Options(), access);
  const auto start = std::chrono::steady_clock::now();
  const auto result = Get(kPod);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(result.error().ToString().contains("refused")) << result.error().ToString();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(client_->stats().retries, 3u);
}

TEST_F(ClientFaultTest, SecretsStayOutOfErrors) {
  const std::string quoted = "Invalid value: aHVudGVyMg== hunter2";
  ServeAnswers({{.status = 422,
                 .body = StatusBody(422, "Invalid", quoted,
                                    R"({"causes":[{"reason":"FieldValueInvalid","message":")" +
                                        quoted + R"(","field":"data.password"}]})")},
                {.status = 500, .headers = {{"content-type", "text/plain"}}, .body = quoted},
                {.status = 500, .body = StatusBody(500, "", "illegal base64 data " + quoted)},
                {.status = 200, .body = quoted}});
  ClientOptions options = Options();
  options.max_attempts = 1;
  Connect(options);
  for (int i = 0; i < 4; ++i) {
    const auto result = Wait<Response>(
        [&](auto d) { client_->Apply(kSecret, Json(R"({"data":{}})"), std::move(d)); });
    ASSERT_FALSE(result);
    const ApiError& error = result.error();
    std::string everything = error.ToString() + error.server_message;
    for (const StatusCause& cause : error.causes) everything += cause.message;
    EXPECT_FALSE(everything.contains("hunter2")) << everything;
    EXPECT_FALSE(everything.contains("aHVudGVyMg")) << everything;
    if (i == 0) {
      EXPECT_TRUE(everything.contains("data.password FieldValueInvalid")) << everything;
    }
    if (i == 2) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    }
  }
}

}  // namespace
}  // namespace swell::kube
