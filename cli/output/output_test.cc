#include <gtest/gtest.h>

#include "cli/output/diff.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;

constexpr Terminal kPipe{};
constexpr Terminal kColor{.interactive = true, .color = true, .unicode = true};

TEST(TextTest, WidthCountsColumns) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("web"), 3);
  EXPECT_EQ(DisplayWidth("é"), 1);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
  EXPECT_EQ(DisplayWidth("集群"), 4);
  EXPECT_EQ(DisplayWidth("\x1b[31mred\x1b[0m"), 3);
}

TEST(TextTest, TruncateKeepsWithinTheWidth) {
  EXPECT_EQ(Truncate("canary", 6), "canary");
  EXPECT_EQ(Truncate("canary", 4), "can…");
  EXPECT_EQ(Truncate("集群名", 4), "集…");
  EXPECT_EQ(Truncate("canary", 0), "");
  EXPECT_EQ(Truncate("\x1b[31mcanary\x1b[0m", 4), "\x1b[31mcan…\x1b[0m");
  for (int width = 0; width < 12; ++width) {
    EXPECT_LE(DisplayWidth(Truncate("a集b群c集d群e", width)), width);
  }
}

TEST(TextTest, ForeignTextCannotDriveTheTerminal) {
  EXPECT_EQ(OneLine("a\nb\tc\x1b[2J\x07"), "a b c?[2J?");
  EXPECT_EQ(OneLine("\u009b31m"), "?31m");
  EXPECT_EQ(OneLine("a\u202eb"), "a?b");
  EXPECT_EQ(OneLine("a\xff"), "a\uFFFD");
  EXPECT_EQ(Printable("a\r\n\tb\x1b"), "a\n\tb?");
}

TEST(TextTest, Ages) {
  const Timestamp now{1'000'000'000s};
  EXPECT_EQ(Age(now, Timestamp{}), "-");
  EXPECT_EQ(Age(now, now + 5s), "0s");
  EXPECT_EQ(Age(now, now - 59s), "59s");
  EXPECT_EQ(Age(now, now - 60s), "1m");
  EXPECT_EQ(Age(now, now - 59min - 59s), "59m");
  EXPECT_EQ(Age(now, now - 2h), "2h");
  EXPECT_EQ(Age(now, now - 47h), "47h");
  EXPECT_EQ(Age(now, now - 48h), "2d");
  EXPECT_EQ(Age(now, now - 24h * 800), "2y");
  EXPECT_EQ(Span(200s), "3m20s");
  EXPECT_EQ(Span(180s), "3m");
  EXPECT_EQ(Span(7500s), "2h5m");
  EXPECT_EQ(Span(-1s), "0s");
}

TEST(TableTest, AlignsByColumnsNotBytes) {
  Table table({"NAME", "STATE", "MESSAGE"});
  table.AddRow({"集群", "ok", "first"});
  table.AddRow({"c-long", "", ""});
  EXPECT_EQ(table.Render(kPipe),
            "NAME     STATE   MESSAGE\n"
            "集群     ok      first\n"
            "c-long   -\n");
}

TEST(TableTest, CutsOnlyOnATerminal) {
  Table table({"NAME", "MESSAGE"});
  table.AddRow({"web", "a message that is long enough to need a cut\nand more"});
  EXPECT_NE(table.Render(kPipe).find("a cut and more\n"), std::string::npos);
  const std::string cut = table.Render({.interactive = true, .width = 30, .height = 10});
  EXPECT_EQ(cut, "NAME   MESSAGE\nweb    a message that is long…\n");
}

TEST(TableTest, ColorsDoNotDisturbTheColumns) {
  Table table({"A", "B"});
  table.AddRow({StateCell("Failed"), "x"});
  EXPECT_EQ(table.Render(kColor),
            "\x1b[2mA\x1b[0m        \x1b[2mB\x1b[0m\n\x1b[31mFailed\x1b[0m   x\n");
}

TEST(TableTest, AVeryNarrowTerminalEnds) {
  Table table({"ONE COLUMN", "ANOTHER COLUMN"});
  table.AddRow({"aaaaaaaaaaaa", "bbbbbbbbbbbbb"});
  EXPECT_EQ(table.Render({.width = 3, .height = 3}), "ONE C…   ANOTH…\naaaaa…   bbbbb…\n");
}

TEST(FormatTest, ParsesAndPrints) {
  EXPECT_EQ(*ParseFormat("json"), Format::kJson);
  EXPECT_FALSE(ParseFormat("xml"));
  const Value value = Value::EmptyObject().With("b", Value(1)).With("a", Value("x"));
  EXPECT_EQ(PrintValue(value, Format::kJson), "{\n  \"a\": \"x\",\n  \"b\": 1\n}\n");
  EXPECT_EQ(PrintValue(value, Format::kYaml), "a: x\nb: 1\n");
}

TEST(FormatTest, PaintsDiffs) {
  const char kDiff[] = "--- live\n+++ desired\n@@ -1,2 +1,2 @@\n same\n--- was\n+is\n";
  EXPECT_EQ(PaintDiff(kPipe, kDiff, 2),
            "  --- live\n  +++ desired\n  @@ -1,2 +1,2 @@\n   same\n  --- was\n  +is\n");
  const std::string painted = PaintDiff(kColor, kDiff, 0);
  EXPECT_NE(painted.find("\x1b[1m--- live\x1b[0m\n"), std::string::npos);
  EXPECT_NE(painted.find("\x1b[31m--- was\x1b[0m\n"), std::string::npos);
  EXPECT_NE(painted.find("\x1b[32m+is\x1b[0m\n"), std::string::npos);
  EXPECT_EQ(PaintDiff(kColor, "", 0), "");
}

TEST(SideBySideTest, PairsWhatWasChanged) {
  Terminal narrow{};
  narrow.width = 33;
  EXPECT_EQ(SideBySide(narrow,
                       "@@ -1,5 +1,5 @@\n"
                       " same\n"
                       "-image: web:1\n"
                       "-gone: true\n"
                       "+image: web:2 and much more of it\n"
                       " end\n"
                       "+added\n"),
            "@@ -1,5 +1,5 @@\n"
            "same              same\n"
            "image: web:1    | image: web:2 a…\n"
            "gone: true      <\n"
            "end               end\n"
            "                > added\n");
  EXPECT_EQ(SideBySide(kPipe, "", 4), "");
  EXPECT_EQ(SideBySide(kPipe, "-a\n+b\n", 2).substr(0, 3), "  a");
}

TEST(CausesTableTest, OneRowADifference) {
  EXPECT_EQ(CausesTable(kPipe, {}), "");
  const std::string table = CausesTable(
      kPipe, {{"/spec/replicas", "drifted", "hpa", "2026-01-02T00:00:00Z", "5", "3", "a\x1b[2J"}});
  EXPECT_EQ(table,
            "PATH             CAUSE     MANAGER   WHEN                   LIVE   DESIRED   NOTE\n"
            "/spec/replicas   drifted   hpa       2026-01-02T00:00:00Z   5      3         a?[2J\n");
}

}  // namespace
}  // namespace swell::cli
