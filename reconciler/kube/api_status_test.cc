#include "reconciler/kube/api_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Value StatusOf(int code, const std::string& message, const std::string& causes = "[]") {
  return Value::Object({{"kind", Value("Status")},
                        {"code", Value(code)},
                        {"message", Value(message)},
                        {"details", Value::Object({{"causes", *json::Parse(causes)}})}});
}

// As a real server answers a changed Job template: the whole Go struct, environment and all.
TEST(ApiStatusTest, LongValuesAreLeftOutAndTheReasonStays) {
  const std::string value =
      "core.PodTemplateSpec{Env:[]core.EnvVar{Value: hunter2, " + std::string(3000, 'x') + "}}";
  const std::string message = "Invalid value: " + value + ": field is immutable";
  const ApiError error = ErrorOfStatus(
      StatusOf(422, "Job.batch \"migrate\" is invalid: spec.template: " + message,
               R"([{"reason":"FieldValueInvalid","field":"spec.template","message":)" +
                   json::Write(Value(message)) + "}]"),
      Content::kPlain);
  EXPECT_THAT(error.ToString(),
              HasSubstr("Job.batch \"migrate\" is invalid: spec.template: Invalid value: (" +
                        std::to_string(value.size()) + " bytes): field is immutable"));
  EXPECT_THAT(error.ToString(), Not(HasSubstr("hunter2")));
  EXPECT_TRUE(error.IsImmutableField());
}

TEST(ApiStatusTest, StructuresAreLeftOutHoweverShort) {
  for (const char* message : {"Invalid value: core.EnvVar{Value: hunter2}: field is immutable",
                              "Invalid value: core.EnvVar{Name: A, Value: hunter2}"}) {
    const ApiError error =
        ErrorOfStatus(StatusOf(422, std::string("Job.batch \"m\" is invalid: spec: ") + message,
                               R"([{"reason":"FieldValueInvalid","field":"spec","message":)" +
                                   json::Write(Value(message)) + "}]"),
                      Content::kPlain);
    EXPECT_THAT(error.ToString(),
                AllOf(HasSubstr("spec: Invalid value: ("), Not(HasSubstr("hunter2"))));
  }
}

TEST(ApiStatusTest, ShortValuesStay) {
  const ApiError error = ErrorOfStatus(
      StatusOf(
          422,
          "Service \"s\" is invalid: spec.ports[0].port: Invalid value: 0: must be between 1 "
          "and 65535, inclusive",
          R"([{"reason":"FieldValueInvalid","field":"spec.ports[0].port","message":"Invalid value: 0: must be between 1 and 65535, inclusive"}])"),
      Content::kPlain);
  EXPECT_THAT(error.ToString(), HasSubstr("Invalid value: 0: must be between"));
}

// Whatever the server says about a Secret, no word of it that could be a value is kept; what kind
// of failure it is, callers must still see.
TEST(ApiStatusTest, NothingOfASecretIsTold) {
  struct Case {
    Value status;
    const char* safe;
  };
  const Case cases[] = {
      {StatusOf(400, "admission webhook \"v.example.com\" denied the request: hunter2 is weak"),
       "admission webhook \"v.example.com\" denied the request"},
      {StatusOf(403,
                "secrets \"s\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied "
                "request: hunter2 is weak"),
       ""},
      {StatusOf(403, "admission webhook \"v.example.com\" denied the request: hunter2"),
       "admission webhook \"v.example.com\" denied the request"},
      {StatusOf(
           422, "Secret \"s\" is invalid: data[k]: Invalid value: \"hunter2\": field is immutable",
           R"([{"reason":"FieldValueInvalid","field":"data","message":"Invalid value: \"hunter2\": field is immutable when `immutable` is set"}])"),
       "field is immutable"},
      {StatusOf(500, "Internal error occurred: failed calling webhook \"v.example.com\": hunter2"),
       "failed calling webhook \"v.example.com\""},
      {StatusOf(500,
                "failed to create typed patch object (web/s; v1, Kind=Secret): .hunter2: field not "
                "declared in schema"),
       "field not declared in schema"},
      {StatusOf(500, "etcdserver: request is too large"), "request is too large"},
  };
  for (const Case& c : cases) {
    const ApiError error = ErrorOfStatus(c.status, Content::kSecret);
    std::string all = error.ToString() + error.server_message;
    for (const StatusCause& cause : error.causes) all += cause.message;
    EXPECT_THAT(all, AllOf(Not(HasSubstr("hunter2")), HasSubstr(c.safe)));
    EXPECT_EQ(error.server_message, c.safe);
  }
  EXPECT_TRUE(ErrorOfStatus(cases[3].status, Content::kSecret).IsImmutableField());
}

TEST(ApiStatusTest, WhatTheServerSaysOfASecretsNameIsTold) {
  const ApiError error = ErrorOfStatus(
      StatusOf(403, "secrets \"s\" is forbidden: User \"swell\" cannot patch resource \"secrets\""),
      Content::kSecret);
  EXPECT_THAT(error.ToString(), HasSubstr("cannot patch resource"));
}

TEST(ApiStatusTest, TooLargeForEtcdIsFinal) {
  EXPECT_EQ(
      ErrorOfStatus(StatusOf(500, "etcdserver: request is too large"), Content::kPlain).code(),
      ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace swell::kube
