#include <gtest/gtest.h>

#include "renderer/gotemplate/testing.h"

namespace swell::gotemplate {
namespace {

using testing::Golden;

std::shared_ptr<const FunctionMap> Builtins() {
  auto functions = std::make_shared<FunctionMap>();
  RegisterBuiltins(*functions);
  return functions;
}

// Texts that do not parse.
// clang-format off: one case a line pair, as recorded.
const Golden kParseErrors[] = {
    {"{{ nil.x }}",
     R"(ERR template: f:1: …unexpected . after term "nil")"},
    {"{{ true.x }}",
     R"(ERR template: f:1: …unexpected . after term "true")"},
    {R"({{ "a".x }})",
     R"(ERR template: f:1: …unexpected . after term "\"a\"")"},
    {"{{ if true }}{{ else }}{{ else }}{{ end }}",
     "ERR template: f:1: …expected end; found {{else}}"},
    {"{{ if 1 }}",
     "ERR template: f:1: …unexpected EOF"},
    {"{{ range $a, 1 }}{{ end }}",
     "ERR template: f:1: …range can only initialize variables"},
    {"{{ range $a, $b, $c := .Values.tags }}{{ end }}",
     "ERR template: f:1: …too many declarations in range"},
    {"{{ $x }}",
     R"(ERR template: f:1: …undefined variable "$x")"},
    {"{{ 1 | 2 }}",
     "ERR template: f:1: …non executable command in pipeline stage 2"},
    {"{{ print (1 | print }}",
     "ERR template: f:1: …unclosed left paren"},
    {"{{ print 1) }}",
     "ERR template: f:1: …unexpected right paren"},
    {"{{ # }}",
     R"(ERR template: f:1: …unexpected "#" in command)"},
    {"{{ 'a }}",
     "ERR template: f:1: …unterminated character constant"},
    {"{{ `raw",
     "ERR template: f:1: …unterminated raw quoted string"},
    {"{{ 1_ }}",
     R"(ERR template: f:1: …"1_")"},
    {"{{ 0b12 }}",
     R"(ERR template: f:1: …"0b12")"},
    {"{{ 08 }}",
     R"(ERR template: f:1: …"08")"},
    {"{{ 1e400 }}",
     R"(ERR template: f:1: …"1e400")"},
    {"{{ 99999999999999999999 }}",
     R"(ERR template: f:1: …"99999999999999999999")"},
    {"{{ 1+ }}",
     R"(ERR template: f:1: …"1+")"},
    {R"({{ "\q" }})",
     "ERR template: f:1: …invalid syntax"},
    {"{{ .a.1 }}",
     R"(ERR template: f:1: …unexpected ".1" in operand)"},
    {"{{ é }}",
     R"(ERR template: f:1: …function "é" not defined)"},
    {"{{ : }}",
     "ERR template: f:1: …expected :="},
    {"{{/* a */ }}",
     "ERR template: f:1: …comment ends before closing delimiter"},
    {"{{ /* no */ }}",
     R"(ERR template: f:1: …unexpected "/" in command)"},
    {R"({{ define "q" }}{{ end }})",
     "ERR template: f:1: …unexpected <define> in command"},
    {"{{ break }}",
     "ERR template: f:1: …{{break}} outside {{range}}"},
    {R"({{ '\x' }})",
     "ERR template: f:1: …invalid syntax"},
    {"{{ '' }}",
     "ERR template: f:1: …invalid syntax"},
};
// clang-format on

class ParseErrorTest : public ::testing::TestWithParam<Golden> {};

TEST_P(ParseErrorTest, MatchesHelm) {
  const std::string got = testing::Render(Builtins(), GetParam().text, testing::GoldenData());
  // helm shows of a parse error what follows the last ": ".
  const std::string_view want = GetParam().want;
  const std::size_t gap = want.find("…");
  EXPECT_TRUE(got.starts_with(want.substr(0, gap))) << got;
  EXPECT_TRUE(got.ends_with(want.substr(gap + std::string_view("…").size()))) << got;
}

INSTANTIATE_TEST_SUITE_P(Golden, ParseErrorTest, ::testing::ValuesIn(kParseErrors));

}  // namespace
}  // namespace swell::gotemplate
