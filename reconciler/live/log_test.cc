// Lines of logs, and the queue that merges them.

#include <gtest/gtest.h>

#include "reconciler/live/log_lines.h"
#include "reconciler/live/log_queue.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::live {
namespace {

std::vector<LogText> Split(const std::vector<std::string>& pieces, std::size_t max_line = 100) {
  LogSplitter splitter(max_line);
  std::vector<LogText> out;
  const auto keep = [&](LogText line) { out.push_back(std::move(line)); };
  for (const std::string& piece : pieces) splitter.Feed(piece, keep);
  splitter.End(keep);
  return out;
}

TEST(LogLinesTest, ReadsTimesAndTexts) {
  struct Case {
    const char* line;
    std::int64_t nanos;
    const char* text;
  };
  const Case cases[] = {
      {"2026-01-02T03:04:05.123456789Z hello world", 1'767'323'045'123'456'789, "hello world"},
      {"2026-01-02T03:04:05Z whole seconds", 1'767'323'045'000'000'000, "whole seconds"},
      {"2026-01-02T03:04:05.5Z  two spaces", 1'767'323'045'500'000'000, " two spaces"},
      {"2026-01-02T05:04:05.25+02:00 a zone", 1'767'323'045'250'000'000, "a zone"},
      // An empty line of the container.
      {"2026-01-02T03:04:05.1Z ", 1'767'323'045'100'000'000, ""},
      {"2026-01-02T03:04:05.1Z", 1'767'323'045'100'000'000, ""},
      // What the server itself puts there comes without a time.
      {"rpc error: code = NotFound", 0, "rpc error: code = NotFound"},
      {"", 0, ""},
      {"nospacebutlongerthananytimestampcouldeverbe", 0,
       "nospacebutlongerthananytimestampcouldeverbe"},
  };
  for (const Case& c : cases) {
    const auto lines = Split({std::string(c.line) + "\n"});
    ASSERT_EQ(lines.size(), 1U) << c.line;
    EXPECT_EQ(lines[0].nanos, c.nanos) << c.line;
    EXPECT_EQ(lines[0].text, c.text) << c.line;
    EXPECT_EQ(lines[0].left_out, 0) << c.line;
  }
}

TEST(LogLinesTest, PiecesMayEndAnywhere) {
  const std::string body =
      "2026-01-02T03:04:05.1Z one\n2026-01-02T03:04:05.2Z two\n2026-01-02T03:04:05.3Z thr\xc3\xa9";
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    const auto lines = Split({body.substr(0, cut), body.substr(cut)});
    ASSERT_EQ(lines.size(), 3U) << cut;
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_EQ(lines[1].text, "two");
    EXPECT_EQ(lines[2].text, "thr\xc3\xa9");  // without a line break at its end
  }
  EXPECT_TRUE(Split({}).empty());
  EXPECT_TRUE(Split({""}).empty());
}

TEST(LogLinesTest, ALineThatBrokeOffIsDropped) {
  LogSplitter splitter(10);
  std::vector<std::string> out;
  const auto keep = [&](const LogText& line) { out.push_back(line.text); };
  splitter.Feed("one\ntw" + std::string(100, 'o'), keep);
  splitter.Drop();
  splitter.Feed("two\n", keep);
  splitter.End(keep);
  EXPECT_EQ(out, (std::vector<std::string>{"one", "two"}));
}

TEST(LogLinesTest, LongLinesAreCut) {
  const std::string stamp = "2026-01-02T03:04:05.123456789Z ";
  std::vector<std::string> pieces = {stamp};
  for (int i = 0; i < 10'000; ++i) pieces.push_back(std::string(1'000, 'x'));
  pieces.push_back("\n" + stamp + "next\n");
  const auto lines = Split(pieces, 100);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, std::string(100, 'x'));
  EXPECT_EQ(lines[0].left_out, 10'000'000 - 100);
  EXPECT_EQ(lines[1].text, "next");
  EXPECT_EQ(lines[1].left_out, 0);
  // Exactly at the limit nothing is left out; one more is.
  EXPECT_EQ(Split({stamp + std::string(100, 'y') + "\n"}, 100)[0].left_out, 0);
  EXPECT_EQ(Split({stamp + std::string(101, 'y') + "\n"}, 100)[0].left_out, 1);
}

TEST(LogLinesTest, ACutDoesNotSplitACharacter) {
  const std::string stamp = "2026-01-02T03:04:05.123456789Z ";
  const auto lines = Split({stamp + std::string(99, 'x') + "\xe9\x9b\x86 more\n"}, 100);
  EXPECT_EQ(lines[0].text, std::string(99, 'x'));
  EXPECT_EQ(lines[0].left_out, 8);
}

TEST(LogLinesTest, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(Split({"caf\xe9 \x1b[31mred\n"})[0].text, "caf\uFFFD \x1b[31mred");
}

// --- the queue ---

LogRecord Line(const std::string& pod, std::int64_t nanos) {
  return {.cluster = "c1", .ns = "web", .pod = pod, .container = "a", .line = {nanos, "x"}};
}

// What a Read brings: "a:1 b:2", "end", or an error.
struct Reader {
  std::shared_ptr<LogQueue> queue;
  std::string got = "nothing";
  void Read() {
    got = "nothing";
    queue->Read([this](Result<std::vector<LogRecord>> records) {
      if (!records) {
        got = records.error().message();
        return;
      }
      got = records->empty() ? "end" : "";
      for (const LogRecord& record : *records) {
        if (!got.empty()) got += " ";
        got += record.note.empty() ? record.pod + ":" + std::to_string(record.line.nanos)
                                   : record.note;
      }
    });
  }
};

TEST(LogQueueTest, HandsOutWhatArrives) {
  Reader reader{LogQueue::Make({})};
  reader.queue->Hold();
  const auto a = reader.queue->Open([](bool) {});
  reader.Read();
  EXPECT_EQ(reader.got, "nothing");
  reader.queue->Push(a, Line("a", 5));
  EXPECT_EQ(reader.got, "a:5");
  // Nobody reads: it waits. Among what waits the oldest comes first.
  const auto b = reader.queue->Open([](bool) {});
  reader.queue->Push(a, Line("a", 7));
  reader.queue->Push(b, Line("b", 6));
  reader.Read();
  EXPECT_EQ(reader.got, "b:6 a:7");
  reader.queue->Close(a);
  reader.queue->Close(b);
  reader.Read();
  EXPECT_EQ(reader.got, "nothing");  // somebody may still open one
  reader.queue->Release();
  EXPECT_EQ(reader.got, "end");
}

TEST(LogQueueTest, SortsLogsThatEndByTime) {
  Reader reader{LogQueue::Make({.order = LogQueue::Order::kTime})};
  reader.queue->Hold();
  const auto a = reader.queue->Open([](bool) {});
  const auto b = reader.queue->Open([](bool) {});
  reader.Read();
  reader.queue->Push(a, Line("a", 1));
  reader.queue->Push(a, Line("a", 9));
  EXPECT_EQ(reader.got, "nothing");  // b may have an older one
  reader.queue->Push(b, Line("b", 5));
  EXPECT_EQ(reader.got, "nothing");  // a third may come
  reader.queue->Release();
  EXPECT_EQ(reader.got, "a:1 b:5");
  reader.Read();
  reader.queue->Close(b);
  EXPECT_EQ(reader.got, "a:9");
  reader.Read();
  reader.queue->Close(a);
  EXPECT_EQ(reader.got, "end");
}

TEST(LogQueueTest, MakesTheFastWait) {
  Reader reader{LogQueue::Make({.max_source_bytes = 1'000, .batch_records = 2})};
  std::vector<bool> said;
  const auto a = reader.queue->Open([&](bool wait) { said.push_back(wait); });
  for (int i = 1; i <= 20; ++i) reader.queue->Push(a, Line("a", i));
  EXPECT_EQ(said, std::vector<bool>{true});
  std::string all;
  for (int i = 0; i < 10; ++i) {
    reader.Read();
    all += reader.got + " ";
  }
  EXPECT_EQ(all.substr(0, 12), "a:1 a:2 a:3 ");
  EXPECT_EQ(said, (std::vector<bool>{true, false}));
}

TEST(LogQueueTest, BoundsItsSources) {
  const auto queue = LogQueue::Make({.max_sources = 2});
  const auto a = queue->Open([](bool) {});
  const auto b = queue->Open([](bool) {});
  EXPECT_EQ(queue->Open([](bool) {}), nullptr);
  queue->Close(a);
  EXPECT_NE(queue->Open([](bool) {}), nullptr);
  EXPECT_EQ(queue->open_sources(), 2U);
}

TEST(LogQueueTest, NothingToReadIsAnError) {
  Reader reader{LogQueue::Make({})};
  reader.Read();
  EXPECT_NE(reader.got.find("no container matches"), std::string::npos);
  // A note is something.
  Reader noted{LogQueue::Make({})};
  noted.queue->Note({.note = "waits"});
  noted.Read();
  EXPECT_EQ(noted.got, "waits");
  noted.Read();
  EXPECT_EQ(noted.got, "end");
}

TEST(LogQueueTest, ANoteComesAfterTheLinesBeforeIt) {
  Reader reader{LogQueue::Make({})};
  const auto a = reader.queue->Open([](bool) {});
  reader.queue->Push(a, Line("a", 1));
  reader.queue->Note({.note = "the pod is gone"});
  reader.queue->Push(a, Line("a", 2));
  reader.Read();
  EXPECT_EQ(reader.got, "a:1 the pod is gone a:2");
}

TEST(LogQueueTest, FailureEndsIt) {
  Reader reader{LogQueue::Make({})};
  const auto a = reader.queue->Open([](bool) {});
  reader.queue->Push(a, Line("a", 1));
  reader.queue->Fail(Unavailable("gone"));
  reader.queue->Push(a, Line("a", 2));
  reader.Read();
  EXPECT_EQ(reader.got, "gone");
  reader.Read();
  EXPECT_EQ(reader.got, "gone");
}

}  // namespace
}  // namespace swell::live
