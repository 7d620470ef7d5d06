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

// Verbs, flags, widths and the error forms.
// clang-format off: one case a line pair, as recorded.
const Golden kPrintfs[] = {
    {R"({{ printf "%+d|% d|%06d|%-6d|%x|%X|%#o|%b|%O" 7 7 -7 7 -255 255 8 -5 8 }})",
     "+7| 7|-00007|7     |-ff|FF|010|-101|0o10"},
    {R"({{ printf "%8.3e|%-10g|%+g|%G|%#g|%#.3g|%#v" 123.456 0.5 2.5 1e-10 3.0 2.0 1.5 }})",
     "1.235e+02|0.5       |+2.5|1E-10|3.00000|2.00|1.5"},
    {R"({{ printf "%6.2f%%|%.3s|%5.2s|%-5s|%q|%#q" 99.5 "abcdef" "xyz" "a" "it's \"q\"" "a`b" }})",
     R"( 99.50%|abc|   xy|a    |"it's \"q\""|"a`b")"},
    {R"({{ printf "%[1]d %[1]v %[2]q" 5 "x" }} {{ printf "%[5]d" 1 }} {{ printf "%[x]d" 1 }} {{ printf "%[2]*[1]d|" 3 6 }} {{ printf "%.[2]*[1]f" 2.34567 2 }})",
     R"(5 5 "x" %!d(BADINDEX) %!d(BADINDEX)      3| 2.35)"},
    {R"({{ printf "%-08d|%+08d|%08.2f|%+.2f|% .1f" 5 5 -3.14159 2.0 2.0 }})",
     "5       |+0000005|-0003.14|+2.00| 2.0"},
    {R"({{ printf "%!%d %z %" 1 }} {{ printf "%d %d" "a" true }} {{ printf "%t" 0 }} {{ printf "%s" 1i }} {{ printf "%c|%q|%U|%#U" 233 233 233 233 }})",
     "%!!(int=1)%!d(MISSING) %!z(MISSING) %!(NOVERB) %!d(string=a) %!d(bool=true) %!t(int=0) %!s(complex128=(0+1i)) é|'é'|U+00E9|U+00E9 'é'"},
    {R"({{ printf "%5t|%-7v|%07v|%x" true "ab" 42 "hé" }} {{ printf "% X|%#x|%# x" "abc" "abc" "abc" }})",
     " true|ab     |0000042|68c3a9 61 62 63|0x616263|0x61 0x62 0x63"},
    {R"({{ printf "%*d" "x" 5 }} {{ printf "%.*f" -1 1.5 }} {{ printf "%.d|%.0d|%.3d" 5 0 7 }})",
     "%!(BADWIDTH)5 %!(BADPREC)1.500000 5||007"},
    {R"({{ printf "%6.3v|%v|%g|%e|%f" 3.14159 1e100 1e100 0.0 1e20 }} {{ printf "%x %X %b" 1.5 0.1 1.0 }} {{ printf "%v %v" 1e-7 123456.0 }} {{ printf "%.3g %.10g %.0e %g" 1234567.0 1234567.0 15.0 100000.0 }})",
     "  3.14|1e+100|1e+100|0.000000e+00|100000000000000000000.000000 0x1.8p+00 0X1.999999999999AP-04 4503599627370496p-52 1e-07 123456 1.23e+06 1234567 2e+01 100000"},
};
// clang-format on

class PrintfTest : public ::testing::TestWithParam<Golden> {};

TEST_P(PrintfTest, MatchesHelm) {
  EXPECT_EQ(testing::Render(Builtins(), GetParam().text, testing::GoldenData()), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, PrintfTest, ::testing::ValuesIn(kPrintfs));

}  // namespace
}  // namespace swell::gotemplate
