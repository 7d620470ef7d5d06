#pragma once
// Go's fmt for Any (strconv.h has the scalars): %v, Sprint, Sprintf, %q. What a template prints
// goes through here.

#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/strconv.h"
#include "renderer/gotemplate/value.h"

namespace swell::gotemplate {

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
