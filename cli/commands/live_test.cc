// swell tree, events --live and logs against a server that answers as told.

#include <gtest/gtest.h>

#include "cli/commands/commands.h"
#include "cli/commands/fake_client.h"
#include "cli/commands/tree_view.h"

namespace swell::cli {
namespace {

v1::TreeNode Node(const std::string& kind, const std::string& name, const std::string& status,
                  int ready = 0, int total = 0) {
  v1::TreeNode node;
  node.set_kind(kind);
  node.set_name(name);
  node.set_namespace_("web");
  node.set_ready(ready);
  node.set_total(total);
  if (!status.empty()) node.mutable_health()->set_status(status);
  return node;
}

v1::GetTreeResponse Sample() {
  v1::GetTreeResponse out;
  v1::ClusterTree& c1 = *out.add_clusters();
  c1.set_cluster("c1");
  v1::TreeNode& deployment = *c1.add_objects() = Node("Deployment", "web", "Degraded", 1, 2);
  deployment.set_restarts(4);
  deployment.mutable_health()->set_message("1 of 2 pods\nare ready");
  (*deployment.mutable_folded())["ReplicaSet"] = 3;
  (*deployment.mutable_folded())["ControllerRevision"] = 9;
  v1::TreeNode& set = *deployment.add_children() = Node("ReplicaSet", "web-1", "Progressing", 1, 2);
  *set.add_children() = Node("Pod", "web-1-a", "Healthy", 1, 1);
  v1::TreeNode& pod = *set.add_children() = Node("Pod", "web-1-b", "Degraded", 0, 1);
  pod.set_restarts(4);
  pod.set_deleting(true);
  pod.mutable_created_at()->set_seconds(1'000'000 - 90);
  v1::TreeNode& service = *c1.add_objects() = Node("Service", "web", "Healthy");
  service.set_namespace_("other");
  v1::ClusterTree& c2 = *out.add_clusters();
  c2.set_cluster("c2");
  c2.set_error("no answer within 20s");
  return out;
}

TEST(TreeViewTest, DrawsATree) {
  const Timestamp now{std::chrono::seconds(1'000'000)};
  EXPECT_EQ(TreePage(Sample(), now, {.unicode = true}),
            "OBJECT                      HEALTH        READY   RESTARTS   AGE   MESSAGE\n"
            "c1\n"
            "├─ Deployment/web           Degraded      1/2     4                "
            "1 of 2 pods are ready\n"
            "│  ├─ ReplicaSet/web-1      Progressing   1/2\n"
            "│  │  ├─ Pod/web-1-a        Healthy       1/1\n"
            "│  │  └─ Pod/web-1-b        Degraded      0/1     4          1m    being deleted\n"
            "│  └─ 3 older ReplicaSets\n"
            "└─ Service/web (other)      Healthy\n"
            "c2                          Unreachable                            "
            "no answer within 20s\n");
  const std::string plain = TreePage(Sample(), now, {});
  EXPECT_NE(plain.find("|  |  `- Pod/web-1-b"), std::string::npos) << plain;
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  const std::string colored = TreePage(Sample(), now, {.color = true});
  EXPECT_NE(colored.find("\x1b[31mDegraded"), std::string::npos);
}

TEST(LiveCommandsTest, AMissingClusterIsAnError) {
  FakeSession fake;
  fake.client.answer_GetTree = Sample();
  const auto code = ShowTree(fake.Get(), {.application = "web", .cluster = "", .depth = 2});
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, kError);
  EXPECT_NE(fake.out.find("Pod/web-1-a"), std::string::npos);
  EXPECT_EQ(fake.err, "1 cluster could not be read: the tree is incomplete\n");
  EXPECT_EQ(fake.client.asked_GetTree.depth(), 2);
}

TEST(LiveCommandsTest, EventsAreATable) {
  FakeSession fake;
  v1::ListLiveEventsResponse found;
  v1::LiveEvent& event = *found.add_events();
  event.set_cluster("c1");
  event.set_type("Warning");
  event.set_reason("BackOff");
  event.set_kind("Pod");
  event.set_name("web-1");
  event.set_count(12);
  event.set_message("Back-off restarting\x1b[2J");
  event.mutable_last_at()->set_seconds(1'000'000 - 60);
  fake.client.answer_ListLiveEvents = found;
  const auto code = ShowLiveEvents(
      fake.Get(), {.application = "web", .object = "Pod/web-1", .warnings = true, .limit = 7});
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, kOk);
  EXPECT_EQ(fake.out,
            "AGE   TIMES   CLUSTER   TYPE      REASON    OBJECT      MESSAGE\n"
            "1m    12      c1        Warning   BackOff   Pod/web-1   Back-off restarting?[2J\n");
  EXPECT_EQ(fake.client.asked_ListLiveEvents.limit(), 7);
  EXPECT_TRUE(fake.client.asked_ListLiveEvents.warnings());
}

v1::LogsResponse Lines(const std::string& text) {
  v1::LogsResponse out;
  v1::LogLine& line = *out.add_lines();
  line.set_cluster("c1");
  line.set_namespace_("web");
  line.set_pod("web-1");
  line.set_container("main");
  line.set_text(text);
  line.mutable_time()->set_seconds(1'000'000);
  line.mutable_time()->set_nanos(5'000'000);
  return out;
}

std::string Logs(FakeSession& fake, const LogsOptions& options, Session session) {
  const auto code = ShowLogs(session, options);
  EXPECT_TRUE(code) << code.error().ToString();
  return fake.out;
}

TEST(LogsCommandTest, SaysWhereLinesAreFrom) {
  struct Case {
    LogsOptions options;
    const char* out;
  };
  const Case cases[] = {
      {{.application = "web"}, "c1/web-1 main | hello\n"},
      {{.application = "web", .pod = "web-1"}, "c1/web-1 main | hello\n"},
      {{.application = "web", .cluster = "c1", .pod = "web-1"}, "hello\n"},
      {{.application = "web", .cluster = "c1", .pod = "web-1", .prefix = Prefix::kAlways},
       "c1/web-1 main | hello\n"},
      {{.application = "web", .prefix = Prefix::kNever}, "hello\n"},
      {{.application = "web", .timestamps = true, .prefix = Prefix::kNever},
       "1970-01-12T13:46:40.005000000Z hello\n"},
  };
  for (const Case& c : cases) {
    FakeSession fake;
    fake.client.logs = {Lines("hello")};
    EXPECT_EQ(Logs(fake, c.options, fake.Get()), c.out);
  }
}

TEST(LogsCommandTest, OnlyATerminalIsProtected) {
  const std::string text = "\x1b[1;31mred\x1b[0m \x1b]0;title\x07\ttab \x1b[2J";
  FakeSession pipe;
  pipe.client.logs = {Lines(text)};
  EXPECT_EQ(Logs(pipe, {.prefix = Prefix::kNever}, pipe.Get()), text + "\n");
  FakeSession person;
  person.client.logs = {Lines(text)};
  Session session = person.Get();
  session.terminal.interactive = true;
  EXPECT_EQ(Logs(person, {.prefix = Prefix::kNever}, session), "red ?]0;title?\ttab ?[2J\n");
}

TEST(LogsCommandTest, NotesGoBesideTheLines) {
  FakeSession fake;
  v1::LogsResponse message = Lines("hello");
  v1::LogLine& note = *message.add_lines();
  note.set_cluster("c1");
  note.set_pod("web-1");
  note.set_container("main");
  note.set_note("the pod is gone");
  message.mutable_lines(0)->set_left_out(7);
  fake.client.logs = {message};
  EXPECT_EQ(Logs(fake, {.prefix = Prefix::kNever}, fake.Get()),
            "hello … 7 bytes of this line left out\n");
  EXPECT_EQ(fake.err, "c1/web-1 main: the pod is gone\n");
  FakeSession json;
  json.client.logs = {message};
  EXPECT_TRUE(ShowLogs(json.Get(Format::kJson), {}));
  EXPECT_EQ(std::ranges::count(json.out, '\n'), 2);
  EXPECT_NE(json.out.find("\"note\":\"the pod is gone\""), std::string::npos);
  EXPECT_EQ(json.err, "");
}

v1::LogsResponse At(std::int64_t seconds, const std::string& pod = "web-1") {
  v1::LogsResponse out = Lines("at " + std::to_string(seconds));
  out.mutable_lines(0)->set_pod(pod);
  out.mutable_lines(0)->mutable_time()->set_seconds(seconds);
  return out;
}

TEST(LogsCommandTest, FollowingGoesOnWithAServerThatRestarts) {
  FakeSession fake;
  fake.client.broken_logs = {{{At(1000), At(1001)}, Unavailable("connection reset")},
                             {{}, Unavailable("connection refused")}};
  // The server tells again what is known, and what was written meanwhile.
  fake.client.logs = {At(1000), At(1001), At(1000, "web-2"), At(1002)};
  EXPECT_EQ(Logs(fake, {.application = "web", .follow = true}, fake.Get()),
            "c1/web-1 main | at 1000\nc1/web-1 main | at 1001\n"
            "c1/web-2 main | at 1000\nc1/web-1 main | at 1002\n");
  EXPECT_EQ(fake.client.asked_Logs.since_time().seconds(), 1001 - 60);
  EXPECT_EQ(fake.err,
            "the server is away, trying again (1 of 30): connection reset\n"
            "the server is away, trying again (2 of 30): connection refused\n");
}

TEST(LogsCommandTest, WhatNoRestartExplainsEndsIt) {
  const Error away = Unavailable("connection refused");
  // Nothing ever came; not followed; something else than an absence.
  FakeSession never;
  never.client.broken_logs = {{{}, away}};
  EXPECT_FALSE(ShowLogs(never.Get(), {.application = "web", .follow = true}));
  FakeSession once;
  once.client.broken_logs = {{{At(1000)}, away}};
  EXPECT_FALSE(ShowLogs(once.Get(), {.application = "web"}));
  FakeSession deleted;
  deleted.client.broken_logs = {{{At(1000)}, NotFound("no application web")}};
  EXPECT_FALSE(ShowLogs(deleted.Get(), {.application = "web", .follow = true}));
  // A minute, then it gives up.
  FakeSession gone;
  gone.client.broken_logs.assign(40, {{}, away});
  gone.client.broken_logs.front().first = {At(1000)};
  EXPECT_FALSE(ShowLogs(gone.Get(), {.application = "web", .follow = true}));
  EXPECT_EQ(gone.client.broken_logs.size(), 9u);
}

TEST(LogsCommandTest, AsksForAsMuchOfThePast) {
  struct Case {
    std::optional<std::int64_t> tail;
    Duration since;
    std::int64_t asked;  // in the message 0 is all, -1 is none
  };
  const Case cases[] = {{std::nullopt, Duration(0), 100},
                        {std::nullopt, Duration(5'500), 0},
                        {7, Duration(5'000), 7},
                        {-1, Duration(0), 0},
                        {0, Duration(0), -1}};
  for (const Case& c : cases) {
    FakeSession fake;
    ASSERT_TRUE(ShowLogs(fake.Get(), {.tail = c.tail, .since = c.since}));
    EXPECT_EQ(fake.client.asked_Logs.tail(), c.asked);
    EXPECT_EQ(fake.client.asked_Logs.since().seconds(), c.since.count() / 1000);
  }
  FakeSession fake;
  fake.client.logs_end = Fail(NotFound("no container matches"));
  EXPECT_FALSE(ShowLogs(fake.Get(), {}));
}

}  // namespace
}  // namespace swell::cli
