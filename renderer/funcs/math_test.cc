#include <gtest/gtest.h>

#include "renderer/funcs/data_families.h"
#include "renderer/gotemplate/testing.h"

namespace swell::funcs {
namespace {

using gotemplate::testing::Golden;

std::shared_ptr<const gotemplate::FunctionMap> Functions() {
  auto functions = std::make_shared<gotemplate::FunctionMap>();
  RegisterBuiltins(*functions);
  RegisterStrings(*functions);
  RegisterStringCases(*functions);
  RegisterStringLists(*functions);
  RegisterRandom(*functions);
  RegisterLists(*functions);
  RegisterDicts(*functions);
  RegisterMerge(*functions);
  RegisterDefaults(*functions);
  RegisterMath(*functions);
  RegisterReflection(*functions);
  return functions;
}

// Functions on numbers.
// clang-format off: one case a line pair, as recorded.
const Golden kMathCases[] = {
    {"{{ add1 }}",
     R"(ERR template: f:1:17: executing "x" at <add1>: wrong number of args for add1: want 1 got 0)"},
    {R"({{ add 1 "2" 3.9 true nil }} {{ add "0b11" "0o10" "0x_f" }} {{ sub 1.9 "0.9" }} {{ mul 1.5 2 }} {{ mul "x" 2 }} {{ div 9 "2" }} {{ mod 9 -4 }} {{ div -9 2 }} {{ mod -9 2 }} {{ div 1 -1 }} {{ add1 nil }} {{ sub nil 1 }})",
     "7 26 1 2 0 4 1 -4 -1 -1 1 -1"},
    {"{{ mod 5 0.5 }}",
     R"(ERR template: f:1:17: executing "x" at <mod 5 0.5>: error calling mod: runtime error: integer divide by zero)"},
    {R"({{ div 5 "x" }})",
     R"(ERR template: f:1:17: executing "x" at <div 5 "x">: error calling div: runtime error: integer divide by zero)"},
    {R"({{ int "12.0" }} {{ int "12.50" }} {{ int "1.00" }} {{ int "-5" }} {{ int "+5" }} {{ int ".0" }} {{ int "0" }} {{ int "00" }} {{ int "0.0" }} {{ int 1e30 }} {{ int -1e30 }} {{ int (dict) }} {{ int "9223372036854775808" }} {{ int64 -0.9 }} {{ int "1e2" }})",
     "12 0 1 -5 5 0 0 0 0 -9223372036854775808 -9223372036854775808 0 0 0 0"},
    {R"({{ float64 "1_000.5" }} {{ float64 ".5" }} {{ float64 "inf" }} {{ float64 "-Infinity" }} {{ float64 "nan" }} {{ float64 "1e400" }} {{ float64 "0x1p4" }} {{ float64 " 1" }} {{ float64 (list) }} {{ float64 "1." }} {{ float64 "" }})",
     "1000.5 0.5 +Inf -Inf NaN 0 16 0 0 1 0"},
    {R"({{ addf 0.1 0.2 0.3 }} {{ subf 0.3 0.1 }} {{ mulf 0.1 3 }} {{ divf 1 3 }} {{ divf 2 3 }} {{ divf -2 3 }} {{ divf 1 7 }} {{ divf 1e20 3 }} {{ divf 1 1e10 3 }} {{ addf 1e300 1e-300 }} {{ mulf 1e200 1e200 }} {{ add1f 0.1 }} {{ addf "x" 1 }} {{ mulf 1.1 1.1 1.1 }} {{ divf 1e-20 3 }} {{ subf 1 }} {{ divf 5 }} {{ divf 0.0 5 }} {{ subf 0.1 0.3 }})",
     "0.6 0.2 0.3 0.3333333333333333 0.6666666666666667 -0.6666666666666667 0.1428571428571429 3.333333333333333e+19 3.33333e-11 1e+300 +Inf 1.1 1 1.331 0 1 5 0 -0.2"},
    {"{{ divf 1 0.0 }}",
     R"(ERR template: f:1:17: executing "x" at <divf 1 0.0>: error calling divf: decimal division by 0)"},
    {R"({{ addf "inf" 1 }})",
     R"(ERR template: f:1:17: executing "x" at <addf "inf" 1>: error calling addf: Cannot create a Decimal from +Inf)"},
    {R"({{ max 1 "7" 3.9 }} {{ min -1 nil }} {{ maxf 1 2.5 "3.5" }} {{ minf 1 -0.5 }} {{ biggest 1 }} {{ max 1.9 1.1 }})",
     "7 -1 3.5 -0.5 1 1"},
    {R"({{ round 2.675 2 }} {{ round -2.5 0 }} {{ round 1.005 2 }} {{ round 15 -1 }} {{ round 14 -1 }} {{ round 1.45 1 0.4 }} {{ round "2.5" 0 }} {{ ceil -0.5 }} {{ floor -0.5 }} {{ floor "1e3" }} {{ round 3.14159 3 0.9 }})",
     "2.68 -3 1 20 10 1.5 3 -0 -1 1000 3.141"},
    {"{{ seq 3 }}|{{ seq 0 }}|{{ seq -2 }}|{{ seq 2 2 }}|{{ seq 3 -1 }}|{{ seq 1 3 10 }}|{{ seq 10 -3 1 }}|{{ seq 1 -1 5 }}|{{ seq 5 1 1 }}|{{ seq 1 0 5 }}|{{ seq 1 2 3 4 }}",
     "1 2 3|1 0|1 0 -1 -2|2|3 2 1 0 -1|1 4 7 10|10 7 4 1||||"},
    {"{{ until 0 }} {{ until -2 }} {{ untilStep 0 10 4 }} {{ untilStep 10 0 -4 }} {{ untilStep 0 10 -1 }} {{ untilStep 10 0 1 }} {{ untilStep 3 3 1 }} {{ untilStep 0 5 0 }}",
     "[] [0 -1] [0 4 8] [10 6 2] [] [] [] []"},
    {R"({{ atoi " 5" }} {{ atoi "1_0" }} {{ atoi "+7" }} {{ toDecimal "17" }} {{ toDecimal 8 }} {{ toDecimal 0755 }} {{ toDecimal "-10" }})",
     "0 0 7 15 0 0 -8"},
    {"{{ randInt 4 4 }}",
     R"(ERR template: f:1:17: executing "x" at <randInt 4 4>: error calling randInt: invalid argument to Intn)"},
    {R"({{ until 2.0 }} {{ nindent 2.0 "a" | quote }})",
     R"([0 1] "\n  a")"},
    {"{{ round 1.5 }}",
     R"(ERR template: f:1:17: executing "x" at <round>: wrong number of args for round: want at least 2 got 1)"},
    {R"({{ round 1.5 "0" }})",
     R"(ERR template: f:1:27: executing "x" at <"0">: expected integer; found "0")"},
    {R"({{ seq "3" }})",
     R"(ERR template: f:1:21: executing "x" at <"3">: expected integer; found "3")"},
};
// clang-format on

class MathTest : public ::testing::TestWithParam<Golden> {};

TEST_P(MathTest, MatchesHelm) {
  EXPECT_EQ(
      gotemplate::testing::Render(Functions(), GetParam().text, gotemplate::testing::GoldenData()),
      GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, MathTest, ::testing::ValuesIn(kMathCases));

}  // namespace
}  // namespace swell::funcs
