#pragma once
// Go's fmt and strconv for Any: %v, Sprint, Sprintf, %q. What a template prints goes through here.

#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/value.h"

namespace swell::gotemplate {

// strconv.FormatFloat(f, verb, precision, 64); verb one of e E f g G. Precision -1 is the
// shortest that reads back; then 'g' takes the exponent form below 1e-4 and from 1e+06 up
// (facts C3). FormatFloat(f, 'g', -1) is what %v prints.
std::string FormatFloat(double f, char verb, int precision);

// strconv.Quote: double quotes, \a \b \f \n \r \t \v \\ \", \x7f, \u200b; invalid UTF-8 as \xc3.
std::string QuoteGo(std::string_view text);
std::string QuoteGoAscii(std::string_view text);

// fmt.Sprint(a): %v of one operand; nil is "<nil>". Fails where a budget ends (a map that holds
// itself).
Result<std::string> FormatValue(const Any& any, Budget& budget);
// Appends instead.
Status AppendValue(std::string& out, const Any& any, Budget& budget);

// fmt.Sprint, Sprintln, Sprintf.
Result<std::string> Sprint(std::span<const Any> args, Budget& budget);
Result<std::string> Sprintln(std::span<const Any> args, Budget& budget);
Result<std::string> Sprintf(std::string_view format, std::span<const Any> args, Budget& budget);

// What {{ any }} prints: "<no value>" for nil, String() of objects, else %v.
Status AppendAction(std::string& out, const Any& any, Budget& budget);

}  // namespace swell::gotemplate
