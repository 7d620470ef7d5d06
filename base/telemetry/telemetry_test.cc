#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

#include "base/core/secret.h"
#include "base/telemetry/log.h"
#include "base/telemetry/metrics.h"
#include "base/telemetry/trace.h"

namespace swell::telemetry {
namespace {

class LogTest : public ::testing::Test {
 protected:
  void Configure(LogLevel level, LogFormat format) {
    ConfigureLog({.level = level, .format = format, .sink = [this](std::string_view line) {
                    lines_.emplace_back(line);
                  }});
  }
  void TearDown() override { ConfigureLog({}); }
  // The line without its time.
  std::string Only() {
    EXPECT_EQ(lines_.size(), 1u);
    return lines_.at(0);
  }
  std::vector<std::string> lines_;
};

TEST_F(LogTest, Text) {
  Configure(LogLevel::kInfo, LogFormat::kText);
  LogWarning("disk is\nfull", {{"path", "/a b"},
                               {"free", 0},
                               {"plain", "x"},
                               {"quote", "a\"b"},
                               {"empty", ""},
                               {"ok", false},
                               {"share", 0.5}});
  const std::string line = Only();
  EXPECT_EQ(
      line.substr(24),
      " WARN  disk is\\nfull path=\"/a b\" free=0 plain=x quote=\"a\\\"b\" empty=\"\" ok=false "
      "share=0.5\n");
  EXPECT_EQ(line[10], 'T');
  EXPECT_EQ(line[23], 'Z');
}

TEST_F(LogTest, Json) {
  Configure(LogLevel::kDebug, LogFormat::kJson);
  LogDebug("a \"b\"", {{"n", -3},
                       {"s", "x\ty\x01"},
                       {"e", InvalidArgument("bad")},
                       {"nan", std::numeric_limits<double>::quiet_NaN()}});
  const std::string line = Only();
  EXPECT_EQ(line.substr(line.find(",\"level\"")),
            ",\"level\":\"debug\",\"msg\":\"a \\\"b\\\"\",\"n\":-3,\"s\":\"x\\ty\\u0001\","
            "\"e\":\"bad\",\"nan\":\"nan\"}\n");
}

TEST_F(LogTest, Levels) {
  Configure(LogLevel::kWarning, LogFormat::kText);
  EXPECT_FALSE(LogEnabled(LogLevel::kInfo));
  LogInfo("no");
  LogError("yes");
  EXPECT_TRUE(Only().contains("ERROR yes"));
  EXPECT_EQ(*ParseLogLevel("warn"), LogLevel::kWarning);
  EXPECT_EQ(*ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_FALSE(ParseLogLevel("loud"));
  EXPECT_EQ(*ParseLogFormat("json"), LogFormat::kJson);
  EXPECT_FALSE(ParseLogFormat("xml"));
}

TEST_F(LogTest, LongValuesAreCut) {
  Configure(LogLevel::kInfo, LogFormat::kJson);
  LogInfo("m", {{"long", std::string(1'000'000, 'x')}});
  EXPECT_LT(Only().size(), 10'000u);
}

TEST_F(LogTest, ThreadsDoNotMixLines) {
  Configure(LogLevel::kInfo, LogFormat::kText);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 200; ++i) LogInfo("hello", {{"i", i}});
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(lines_.size(), 800u);
  for (const std::string& line : lines_) EXPECT_TRUE(line.contains(" INFO  hello i="));
}

static_assert(!std::is_convertible_v<Secret, LogValue>, "secrets must not be loggable");

TEST(MetricsTest, PrometheusText) {
  MetricsRegistry metrics;
  metrics.GetCounter("swell_a_total", "Things\ndone").Add();
  metrics.GetCounter("swell_a_total", "Things\ndone").Add(2.5);
  metrics.GetGauge("swell_b", "B", {{"x", "1\"\n\\"}, {"a", "2"}}).Set(-1);
  Histogram& h = metrics.GetHistogram("swell_c_seconds", "C", {0.5, 1}, {{"k", "v"}});
  for (const double v : {0.5, 0.6, 1.0, 7.0}) h.Observe(v);
  int scrapes = 0;
  metrics.OnScrape([&] { metrics.GetGauge("swell_d", "D").Set(++scrapes); });
  EXPECT_EQ(metrics.PrometheusText(),
            "# HELP swell_a_total Things\\ndone\n"
            "# TYPE swell_a_total counter\n"
            "swell_a_total 3.5\n"
            "# HELP swell_b B\n"
            "# TYPE swell_b gauge\n"
            "swell_b{a=\"2\",x=\"1\\\"\\n\\\\\"} -1\n"
            "# HELP swell_c_seconds C\n"
            "# TYPE swell_c_seconds histogram\n"
            "swell_c_seconds_bucket{k=\"v\",le=\"0.5\"} 1\n"
            "swell_c_seconds_bucket{k=\"v\",le=\"1\"} 3\n"
            "swell_c_seconds_bucket{k=\"v\",le=\"+Inf\"} 4\n"
            "swell_c_seconds_sum{k=\"v\"} 9.1\n"
            "swell_c_seconds_count{k=\"v\"} 4\n"
            "# HELP swell_d D\n"
            "# TYPE swell_d gauge\n"
            "swell_d 1\n");
}

TEST(MetricsTest, SeriesAreBounded) {
  MetricsRegistry metrics(3);
  for (int i = 0; i < 100; ++i) {
    metrics.GetCounter("c", "", {{"input", std::to_string(i)}}).Add();
  }
  const std::string text = metrics.PrometheusText();
  EXPECT_TRUE(text.contains("c{input=\"_overflow\"} 97\n")) << text;
  EXPECT_FALSE(text.contains("\"50\""));
}

TEST(MetricsTest, CountsFromManyThreads) {
  MetricsRegistry metrics;
  Counter& counter = metrics.GetCounter("c", "");
  Histogram& histogram = metrics.GetHistogram("h", "", LatencyBuckets());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        counter.Add();
        histogram.Observe(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 20'000);
  EXPECT_EQ(histogram.sum(), 20'000);
}

TEST(TraceTest, ParentsAndTimes) {
  ManualClock clock(Timestamp(std::chrono::seconds(10)));
  MemorySpanExporter exporter;
  Tracer tracer(clock, exporter);
  {
    Span root = tracer.Start("sync", {}, {{"app", "web"}});
    clock.Advance(std::chrono::milliseconds(5));
    Span child = tracer.Start("render", root.context());
    clock.Advance(std::chrono::milliseconds(7));
    child.SetError("boom");
    child.End();
    child.End();
    root.SetAttribute("app", "shop");
    root.SetAttribute("n", "1");
  }
  const auto spans = exporter.Spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].name, "render");
  EXPECT_EQ(spans[0].parent_id, spans[1].context.span_id);
  EXPECT_EQ(spans[0].context.trace_id, spans[1].context.trace_id);
  EXPECT_EQ(spans[0].error, "boom");
  EXPECT_EQ(spans[0].end - spans[0].start, std::chrono::milliseconds(7));
  EXPECT_EQ(spans[1].parent_id, "");
  EXPECT_EQ(spans[1].context.trace_id.size(), 32u);
  EXPECT_EQ(spans[1].context.span_id.size(), 16u);
  EXPECT_EQ(spans[1].attributes, (SpanAttributes{{"app", "shop"}, {"n", "1"}}));
  EXPECT_EQ(spans[1].end - spans[1].start, std::chrono::milliseconds(12));
}

TEST(TraceTest, MemoryKeepsTheLast) {
  ManualClock clock;
  MemorySpanExporter exporter(3);
  Tracer tracer(clock, exporter);
  for (int i = 0; i < 8; ++i) tracer.Start(std::to_string(i)).End();
  std::string names;
  for (const auto& span : exporter.Spans()) names += span.name;
  EXPECT_EQ(names, "567");
}

TEST(TraceTest, JsonLinesAndTheSilentSpan) {
  ManualClock clock;
  std::string line;
  JsonLinesSpanExporter exporter([&](std::string_view text) { line = text; });
  Tracer tracer(clock, exporter);
  Span span = tracer.Start("a\"b");
  Span moved = std::move(span);
  moved.SetAttribute("k", "v\n");
  const auto context = moved.context();
  moved.End();
  EXPECT_EQ(line, "{\"name\":\"a\\\"b\",\"trace_id\":\"" + context.trace_id + "\",\"span_id\":\"" +
                      context.span_id +
                      "\",\"start\":\"1970-01-01T00:00:00Z\",\"end\":\"1970-01-01T00:00:00Z\","
                      "\"attributes\":{\"k\":\"v\\u000a\"}}");
  line.clear();
  Span silent;
  silent.SetAttribute("k", "v");
  silent.End();
  EXPECT_EQ(line, "");
  EXPECT_FALSE(silent.context().valid());
}

}  // namespace
}  // namespace swell::telemetry
