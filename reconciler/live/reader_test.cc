#include "reconciler/live/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "reconciler/live/fake_api.h"
#include "reconciler/live/task_pool.h"

namespace swell::live {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FakeApi;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Reply;
using testing::StatusReply;

Wanted ConfigMap(const std::string& name) { return {{"", "ConfigMap", "web", name}, "v1"}; }

class ReadTest : public ::testing::Test {
 protected:
  Result<Objects> Read(std::vector<Wanted> wanted, ReadOptions options = {}) {
    std::promise<Result<Objects>> promise;
    bool on_loop = false;
    live::Read(
        connection_, std::move(wanted),
        [&](Result<Objects> objects) {
          on_loop = loop_.InLoopThread();
          promise.set_value(std::move(objects));
        },
        options);
    auto objects = promise.get_future().get();
    EXPECT_TRUE(on_loop);
    return objects;
  }
  void PutConfigMap(const std::string& name) {
    api_.Put("/api/v1/namespaces/web/configmaps/" + name,
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
                 R"(","namespace":"web","managedFields":[{"manager":"x"}]}})");
  }

  FakeApi api_;
  net::Loop loop_;
  kube::ConnectionPtr connection_ = testing::Connect(loop_, api_);
};

TEST_F(ReadTest, TellsAbsentFromPresent) {
  PutConfigMap("a");
  const auto objects = Read({ConfigMap("a"),
                             ConfigMap("b"),
                             {{"unknown.io", "Odd", "web", "o"}, "v1"},
                             {{"", "Namespace", "", "web"}, ""}});
  ASSERT_TRUE(objects) << objects.error().ToString();
  ASSERT_EQ(objects->size(), 4u);
  const auto& a = objects->at(ConfigMap("a").id);
  ASSERT_TRUE(a);
  EXPECT_EQ((*a)["metadata"]["name"].as_string(), "a");
  EXPECT_TRUE((*a)["metadata"].Has("managedFields"));
  EXPECT_FALSE(objects->at(ConfigMap("b").id));
  EXPECT_FALSE(objects->at({"unknown.io", "Odd", "web", "o"})) << "a kind that is not served";
  EXPECT_FALSE(objects->at({"", "Namespace", "", "web"}));
}

TEST_F(ReadTest, ReadsARetiredVersionInThePreferredOne) {
  PutConfigMap("a");
  const auto objects = Read({{ConfigMap("a").id, "v1beta1"}});
  ASSERT_TRUE(objects) << objects.error().ToString();
  EXPECT_TRUE(objects->at(ConfigMap("a").id));
}

TEST_F(ReadTest, ListsWhereManyShareANamespace) {
  std::vector<Wanted> wanted;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "c" + std::to_string(i);
    if (i % 2 == 0) PutConfigMap(name);
    wanted.push_back(ConfigMap(name));
  }
  const auto objects = Read(wanted, {.managed_fields = ManagedFields::kStrip});
  ASSERT_TRUE(objects) << objects.error().ToString();
  int present = 0;
  for (const auto& [id, object] : *objects) {
    if (!object) continue;
    ++present;
    EXPECT_FALSE((*object)["metadata"].Has("managedFields"));
  }
  EXPECT_EQ(present, 10);
  EXPECT_THAT(api_.Requests(), ElementsAre("GET /api/v1/namespaces/web/configmaps"));
}

TEST_F(ReadTest, GivesUpHugeLists) {
  std::vector<Wanted> wanted;
  for (int i = 0; i < 10; ++i) PutConfigMap("c" + std::to_string(i));
  for (int i = 0; i < 9; ++i) wanted.push_back(ConfigMap("c" + std::to_string(i)));
  const auto objects = Read(wanted, {.max_listed = 5});
  ASSERT_TRUE(objects) << objects.error().ToString();
  EXPECT_TRUE(objects->at(ConfigMap("c3").id));
  EXPECT_EQ(api_.Requests().size(), 10u) << "one list and nine single reads";
}

TEST_F(ReadTest, AnyOtherFailureIsTheWholeReads) {
  PutConfigMap("a");
  const Reply replies[] = {StatusReply(403, "Forbidden", "no"),
                           StatusReply(500, "", "broken"),
                           {404, "<html>not here</html>", "text/html"},
                           {200, "half {", "application/json"}};
  for (const Reply& reply : replies) {
    api_.intercept = [&](const net::HttpRequest& request) -> std::optional<Reply> {
      if (request.path.ends_with("/b")) return reply;
      return {};
    };
    EXPECT_FALSE(Read({ConfigMap("a"), ConfigMap("b")})) << reply.status << reply.body;
  }
}

TEST_F(ReadTest, ReadsNothing) {
  const auto objects = Read({});
  ASSERT_TRUE(objects);
  EXPECT_TRUE(objects->empty());
}

TEST(TaskPoolTest, KeepsTheLimitAndEndsOnce) {
  int running = 0, most = 0, ended = 0;
  std::vector<TaskPool::Finished> open;
  std::vector<TaskPool::Task> tasks;
  for (int i = 0; i < 10; ++i) {
    tasks.push_back([&](TaskPool::Finished finished) {
      most = std::max(most, ++running);
      open.push_back(std::move(finished));
    });
  }
  TaskPool::Run(std::move(tasks), 3, [&] { ++ended; });
  while (!open.empty()) {
    TaskPool::Finished finished = std::move(open.back());
    open.pop_back();
    --running;
    finished();
  }
  EXPECT_EQ(most, 3);
  EXPECT_EQ(ended, 1);
}

TEST(TaskPoolTest, TasksThatEndInPlaceUseNoStack) {
  std::vector<TaskPool::Task> tasks;
  for (int i = 0; i < 200'000; ++i) tasks.push_back([](TaskPool::Finished done) { done(); });
  bool ended = false;
  TaskPool::Run(std::move(tasks), 2, [&] { ended = true; });
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace swell::live
