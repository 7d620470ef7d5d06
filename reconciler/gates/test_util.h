#pragma once
// For tests: a server that gates are asked of.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/fetch/test_util.h"
#include "base/net/url.h"
#include "reconciler/gates/gates.h"

namespace swell::gates::testing {

class GateTest : public ::testing::Test {
 protected:
  GateTest() {
    context_.application = "web";
    context_.rollout = "web-12";
    context_.wave = "canary";
    context_.clusters = {"c1", "c2"};
    context_.now = *ParseTimestamp("2026-11-27T12:00:00Z");
    context_.timeout = std::chrono::seconds(20);
  }

  Answer Evaluate() { return evaluator_.Evaluate(gate_, context_); }
  // "hold: the message"
  std::string Ask() {
    const Answer answer = Evaluate();
    const char* const verdicts[] = {"pass: ", "fail: ", "hold: "};
    return verdicts[static_cast<int>(answer.verdict)] + answer.message;
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = scratch_.path + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  fetch::testing::Scratch scratch_;
  fetch::testing::TestServer server_;
  Evaluator evaluator_;
  GateSpec gate_;
  Context context_;
};

inline void Reply(const net::ResponseWriterPtr& writer, int status, std::string body) {
  writer->Respond(status, {{"content-type", "application/json"}}, std::move(body));
}

}  // namespace swell::gates::testing
