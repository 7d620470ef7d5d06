#include "server/control/health_by_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/value/json.h"

namespace swell::control {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Object Map(const std::string& name) {
  return Object{
      *json::Parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"web",)"
                   R"("name":")" +
                   name + R"("}})")};
}

class HealthByWatchTest : public testing::Test {
 protected:
  HealthByWatchTest() {
    std::vector<live::Wanted> wanted;
    for (const Object& object : *desired_) wanted.push_back({object.id(), "v1"});
    watched_->Want(
        "web", live::WantedSet(std::move(wanted)),
        kube::ApiResources(
            {{"", "v1", "ConfigMap", "configmaps", true, {"get", "list", "watch"}, {}}}, {}));
    handler_->on_replace({Map("a").value, Map("b").value});
    handler_->on_current();
  }
  std::vector<std::string> ToRead(const std::vector<ObjectId>& written) {
    std::vector<std::string> names;
    const ObjectsPtr read = by_watch_.ToRead(*watched_, desired_, written);
    for (const Object& object : *read) {
      names.push_back(object.id().name);
    }
    return names;
  }

  ObjectsPtr desired_ = std::make_shared<const std::vector<Object>>(
      std::vector<Object>{Map("a"), Map("b"), Map("c")});
  std::shared_ptr<live::CollectionHandler> handler_;
  std::shared_ptr<live::Watched> watched_ = live::Watched::Make(
      [this](const kube::ResourceRef&, live::CollectionHandler handler) -> live::WatchHandle {
        handler_ = std::make_shared<live::CollectionHandler>(std::move(handler));
        return handler_;
      },
      [](const std::string&, live::Change) {});
  HealthByWatch by_watch_;
};

TEST_F(HealthByWatchTest, ReadsWhatTheWatchDoesNotVouchFor) {
  EXPECT_THAT(ToRead({}), ElementsAre("c")) << "it is absent";
  handler_->on_event({kube::WatchEventType::kAdded, Map("c").value});
  EXPECT_THAT(ToRead({}), IsEmpty());
}

TEST_F(HealthByWatchTest, ReadsWhatWasWrittenWhateverTheWatchSays) {
  EXPECT_THAT(ToRead({Map("a").id()}), ElementsAre("a", "c"));
}

TEST_F(HealthByWatchTest, ReadsAllWhileTheWatchIsBroken) {
  handler_->on_stale();
  EXPECT_THAT(ToRead({}), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace swell::control
