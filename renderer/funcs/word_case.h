#pragma once
// snake_case, kebab-case and PascalCase by the word rules of huandu/xstrings, which sprig calls.

#include <string>
#include <string_view>

namespace swell::funcs {

// "HTTPServer2Go" -> "http_server2_go" with '_'.
std::string JoinWords(std::string_view text, char connector);
// "http_server" -> "HttpServer".
std::string PascalCase(std::string_view text);

}  // namespace swell::funcs
