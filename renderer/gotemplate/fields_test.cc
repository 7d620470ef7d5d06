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

// Fields, variables, constants and parentheses.
// clang-format off: one case a line pair, as recorded.
const Golden kFields[] = {
    {"{{ $n := .Values.name }}{{ $n.x }}",
     R"(ERR template: f:1:43: executing "x" at <$n.x>: can't evaluate field x in type string)"},
    {"{{ (.Values.labels).app.x }}",
     R"(ERR template: f:1:25: executing "x" at <.Values.labels>: can't evaluate field x in type interface {})"},
    {"{{ .Values.deep.a.b.c.d }}",
     R"(ERR template: f:1:24: executing "x" at <.Values.deep.a.b.c.d>: can't evaluate field d in type interface {})"},
    {"{{ .Values.name 1 }}",
     R"(ERR template: f:1:24: executing "x" at <.Values.name>: name is not a method but has arguments)"},
    {"{{ 1 2 }}",
     R"(ERR template: f:1:17: executing "x" at <1>: can't give argument to non-function 1)"},
    {"{{ (1) 2 }}",
     R"(ERR template: f:1:17: executing "x" at <(1) 2>: can't give argument to non-function 1)"},
    {"{{ (nil).x }}",
     R"(ERR template: f:1:18: executing "x" at <nil>: nil is not a command)"},
    {"{{ $.Values.name }} {{ $x := $ }}{{ $x.Values.name }}",
     "web web"},
    {"{{ $x := 1 }}{{ $x.y }}",
     R"(ERR template: f:1:32: executing "x" at <$x.y>: can't evaluate field y in type int)"},
    {R"({{ "a" | }})",
     "a"},
    {"{{ .Values.é }}",
     "<no value>"},
    {"{{ $a:=1 }}{{$a}}",
     "1"},
    {"{{- /* ok */ -}} x",
     "x"},
    {"a  {{- 3 }}  {{ 4 -}}  b",
     "a3  4b"},
    {"{{ 0x1.8p1 }} {{ 1.0 }} {{ -0.0 }} {{ 0x_1F }} {{ 1e1_0 }}",
     "3 1 -0 31 1e+10"},
};
// clang-format on

class FieldTest : public ::testing::TestWithParam<Golden> {};

TEST_P(FieldTest, MatchesHelm) {
  EXPECT_EQ(testing::Render(Builtins(), GetParam().text, testing::GoldenData()), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, FieldTest, ::testing::ValuesIn(kFields));

}  // namespace
}  // namespace swell::gotemplate
