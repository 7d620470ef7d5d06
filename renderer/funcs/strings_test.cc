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

// Functions on texts.
// clang-format off: one case a line pair, as recorded.
const Golden kStringsCases[] = {
    {"{{ $n := .Values.nope }}{{ upper $n }}",
     R"(ERR template: f:1:47: executing "x" at <$n>: invalid value; expected string)"},
    {"{{ upper (.Values.nope) }}",
     R"(ERR template: f:1:31: executing "x" at <.Values.nope>: invalid value; expected string)"},
    {R"({{ (upper "a") "b" }})",
     R"(ERR template: f:1:17: executing "x" at <(upper "a") "b">: can't give argument to non-function upper "a")"},
    {R"({{ trunc 1.5 "a" }})",
     R"(ERR template: f:1:23: executing "x" at <1.5>: expected integer; found 1.5)"},
    {R"({{ trunc 2.0 "abc" }})",
     "ab"},
    {"{{ upper .Values }}",
     R"(ERR template: f:1:23: executing "x" at <.Values>: wrong type for value; expected string; got common.Values)"},
    {"{{ upper . }}",
     R"(ERR template: f:1:23: executing "x" at <.>: wrong type for value; expected string; got common.Values)"},
    {R"({{ upper "a" "b" "c" }})",
     R"(ERR template: f:1:17: executing "x" at <upper>: wrong number of args for upper: want 1 got 3)"},
    {R"({{ trim "\u00a0 x\t\u2003" | quote }} {{ trimAll "xyz" "zyabcx" }} {{ trimAll "é" "éaé" }} {{ trimAll "" " a " | quote }} {{ trimPrefix "" "a" }} {{ trimSuffix "abc" "abc" | quote }})",
     R"("x" abc a " a " a "")"},
    {R"({{ upper "straße ǆ" }} {{ lower "ÀÉÎ İ" }} {{ title "o'neil ǆ x_y a1b ñ-é" }} {{ untitle "Élan Vital\tX" }} {{ swapcase "aB c Dé" }})",
     "STRAßE Ǆ àéî i O'Neil ǅ X_y A1b Ñ-É élan vital\tx Ab C dÉ"},
    {R"({{ substr 0 0 "abc" | quote }} {{ substr 1 2 "abc" }} {{ substr 3 9 "abc" | quote }} {{ substr 0 -5 "abc" }} {{ substr -3 2 "abc" }})",
     R"("" b "" abc ab)"},
    {R"({{ substr -1 9 "abc" }})",
     R"(ERR template: f:1:17: executing "x" at <substr -1 9 "abc">: error calling substr: runtime error: slice bounds out of range [:9] with length 3)"},
    {R"({{ substr 5 9 "abc" }})",
     R"(ERR template: f:1:17: executing "x" at <substr 5 9 "abc">: error calling substr: runtime error: slice bounds out of range [5:3])"},
    {R"({{ substr -1 -1 "abc" }})",
     R"(ERR template: f:1:17: executing "x" at <substr -1 -1 "abc">: error calling substr: runtime error: slice bounds out of range [:-1])"},
    {R"({{ trunc -1 "abc" }} {{ trunc -3 "abc" }} {{ trunc -4 "abc" }} {{ trunc 3 "abc" }} {{ trunc 1 "é" | quote }})",
     R"(c abc abc abc "\xc3")"},
    {R"({{ repeat 3 "" | quote }} {{ repeat 2 "é" }})",
     R"("" éé)"},
    {R"({{ nindent 3 "a\n\nb" | quote }} {{ indent 1 "\n" | quote }} {{ "x" | nindent 0 | quote }})",
     R"("\n   a\n   \n   b" " \n " "\nx")"},
    {R"({{ nindent -2 "a" }})",
     R"(ERR template: f:1:17: executing "x" at <nindent -2 "a">: error calling nindent: strings: negative Repeat count)"},
    {R"({{ replace "" "." "héy" }} {{ replace "aa" "b" "aaaaa" }} {{ replace "a" "" "banana" }} {{ replace "" "x" "" }})",
     ".h.é.y. bba bnn x"},
    {R"({{ cat nil }}|{{ cat 1 2.5 "x" nil true }}|{{ cat "a" "" "b" }}|{{ cat (list 1 "a") (dict "k" nil) }})",
     "|1 2.5 x true|a  b|[1 a] map[k:<nil>]"},
    {R"({{ quote "a\\b" 1.5 nil (list "x") }} {{ squote "a'b" true nil }} {{ quote "\x00\u2028\u00ad\U0001F600\xff" }})",
     R"("a\\b" "1.5" "[x]" 'a'b' 'true' "\x00\u2028\u00ad😀\xff")"},
    {R"({{ quote 100000000.0 }} {{ squote 1e-7 }} {{ 3 | quote }} {{ quote (dict "a" (list nil 1)) }})",
     R"("1e+08" '1e-07' "3" "map[a:[<nil> 1]]")"},
    {R"({{ plural "a" "b" -1 }} {{ plural "a" "b" 1 }})",
     "b a"},
    {R"({{ snakecase "getHTTPResponseCode" }} {{ snakecase "Bld4Floor" }} {{ snakecase "HTTP2xx" }} {{ snakecase "ABC123def" }} {{ snakecase "a.b_C-d E" }} {{ snakecase "__Foo" }} {{ snakecase "x1Y2z" }} {{ snakecase "ÄpfelBaum" }} {{ snakecase "123abcDEF" }} {{ snakecase "a  b" }} {{ snakecase "" | quote }})",
     R"(get_http_response_code bld4_floor http_2xx abc_123def a.b_c_d_e __foo x1_y_2z äpfel_baum 123abc_def a__b "")"},
    {R"({{ kebabcase "someHTTPThing42Go" }} {{ kebabcase "A1B2C3" }} {{ kebabcase "fooBAR" }} {{ kebabcase "foo__bar" }} {{ kebabcase "X" }} {{ kebabcase "v1.2-rc3" }} {{ kebabcase "日本Go" }} {{ kebabcase "aB$cD" }})",
     "some-http-thing42-go a1-b2-c3 foo-bar foo--bar x v1.2-rc3 日本-go a-b-$-c-d"},
    {R"({{ camelcase "some_thing-else here" }} {{ camelcase "HTTPServer" }} {{ camelcase "--x" }} {{ camelcase "a" }} {{ camelcase "_" }} {{ camelcase "ABC_def_GHI" }} {{ camelcase "x--y" }} {{ camelcase "éa_ñb" }} {{ camelcase "aBCd" }})",
     "SomeThingElseHere Httpserver --X A __ AbcDefGhi X-Y ÉaÑb ABCd"},
    {R"({{ wrap 5 "aaa bb cccccccc d" | quote }} {{ wrap 3 "  lead x" | quote }} {{ wrapWith 4 "|" "abcdefgh ij" }} {{ wrapWith 0 "-" "abc" }} {{ wrap 20 "short" }} {{ wrap 4 "" | quote }} {{ wrapWith 3 "" "abcd" | quote }})",
     R"("aaa\nbb\ncccccccc\nd" "lead\nx" abcd|efgh|ij a-b-c short "" "abc\nd")"},
    {R"({{ abbrev 4 "abcdef" }} {{ abbrev 6 "abcdef" }} {{ abbrev 2 "abcdef" }} {{ abbrevboth 4 8 "abcdefghijklmnop" }} {{ abbrevboth 6 9 "abcdefghijklmnop" }} {{ abbrevboth 14 9 "abcdefghijklmnop" }} {{ abbrevboth 1 5 "abcdefgh" }} {{ abbrevboth 5 7 "abcdefghijkl" }})",
     "a... abcdef abcdef abcde... ...ghi... ...klmnop abcdefgh ...f..."},
    {R"({{ initials "the Quick  brown-fox" }} {{ nospace "a\u00a0b c" }} {{ contains "" "" }} {{ hasSuffix "" "a" }})",
     "tQb aÂbc true true"},
    {R"({{ join "-" (list 1 nil "a" (list 2)) }} {{ join "," .Values.labels }} {{ join "," (list) | quote }} {{ join "" .Values.tags }} {{ join "," true }})",
     R"(1-a-[2] map[app:web tier:front] "" redgreen true)"},
    {R"({{ split "" "ab" }} {{ split "," "" }} {{ splitn "," 0 "a,b" }} {{ splitn "," -1 "a,b" }} {{ splitn "" 2 "abc" }} {{ splitList "ab" "cabdab" }} {{ splitList "," "" | len }} {{ splitList "" "" | len }} {{ splitn "," 1 "a,b" }} {{ splitList "" "é✓" }})",
     "map[_0:a _1:b] map[_0:] map[] map[_0:a _1:b] map[_0:a _1:bc] [c d ] 1 0 map[_0:a,b] [é ✓]"},
    {R"({{ sortAlpha (list "b" nil "a" 10 9) }} {{ sortAlpha nil }} {{ sortAlpha (dict "a" 1) }} {{ toStrings nil }} {{ toStrings (until 2) }} {{ toStrings (dict "a" 1) }})",
     "[10 9 a b] [<nil>] [map[a:1]] [] [0 1] [map[a:1]]"},
    {R"({{ toString 1.0 }} {{ toString (list 1 "a" nil) }} {{ toString (dict "a" nil) }} {{ toString true }} {{ toString 12345678.0 }})",
     "1 [1 a <nil>] map[a:<nil>] true 1.2345678e+07"},
};
// clang-format on

class StringsTest : public ::testing::TestWithParam<Golden> {};

TEST_P(StringsTest, MatchesHelm) {
  EXPECT_EQ(
      gotemplate::testing::Render(Functions(), GetParam().text, gotemplate::testing::GoldenData()),
      GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, StringsTest, ::testing::ValuesIn(kStringsCases));

}  // namespace
}  // namespace swell::funcs
