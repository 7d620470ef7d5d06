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

// if, with, range, block, template.
// clang-format off: one case a line pair, as recorded.
const Golden kControls[] = {
    {"{{ $x := 1 }}{{ with $x = 5 }}{{ . }}{{ end }}{{ $x }}",
     "55"},
    {"{{ range $i, $r := .Values.rows }}{{ if eq $i 1 }}{{ break }}{{ end }}{{ $r.v }}{{ end }}",
     "a"},
    {"{{ range $i := .Values.rows }}{{ $i.id }}{{ else }}none{{ end }}{{ range .Values.none }}x{{ else }}none{{ end }}",
     "12none"},
    {R"({{ $i := 0 }}{{ $v := "" }}{{ range $i, $v = .Values.tags }}{{ end }}{{ $i }}{{ $v }})",
     "1green"},
    {"{{ range 3 }}{{ range $j := 2 }}{{ if $j }}{{ continue }}{{ end }}{{ . }}{{ end }}{{ end }}",
     "000"},
    {"{{ range .Values.tags }}{{ range $.Values.none }}{{ else }}{{ break }}{{ end }}x{{ end }}end",
     "xxend"},
    {"{{ range .Values.tags }}{{ .nope }}{{ end }}",
     R"(ERR template: f:1:41: executing "x" at <.nope>: can't evaluate field nope in type interface {})"},
    {"{{ range .Values.rows }}{{ .v.w }}{{ end }}",
     R"(ERR template: f:1:43: executing "x" at <.v.w>: can't evaluate field w in type interface {})"},
    {"{{ range $v := .Values.tags }}{{ $v.x }}{{ end }}",
     R"(ERR template: f:1:49: executing "x" at <$v.x>: can't evaluate field x in type interface {})"},
    {"{{ with .Values.name }}{{ .x }}{{ end }}",
     R"(ERR template: f:1:40: executing "x" at <.x>: can't evaluate field x in type string)"},
    {R"({{ template "nope" . }})",
     R"(ERR template: f:1:26: executing "x" at <{{template "nope" .}}>: template "nope" not defined)"},
    {R"({{ block "blk" .Values.name }}[{{ . }}]{{ end }}{{ template "blk" 5 }})",
     "[web][5]"},
    {"{{ if .Values.on }}a{{ else if .Values.x }}b{{ else }}c{{ end }}{{ if not .Values.on }}a{{ else if .Values.count }}b{{ end }}",
     "ca"},
    {"{{ with .Values.nope }}a{{ else with .Values.name }}{{ . }}{{ else }}z{{ end }}",
     "web"},
    {R"({{ range .Values.tags }}{{ template "blk2" . }}{{ end }})",
     R"(ERR template: f:1:50: executing "x" at <{{template "blk2" .}}>: template "blk2" not defined)"},
    {"{{ if (len .Values.tags) | eq 2 }}two{{ end }}",
     "two"},
};
// clang-format on

class ControlTest : public ::testing::TestWithParam<Golden> {};

TEST_P(ControlTest, MatchesHelm) {
  EXPECT_EQ(testing::Render(Builtins(), GetParam().text, testing::GoldenData()), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, ControlTest, ::testing::ValuesIn(kControls));

}  // namespace
}  // namespace swell::gotemplate
