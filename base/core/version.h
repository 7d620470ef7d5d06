#pragma once

namespace swell {

// Of every program of this tree. CMakeLists.txt says the same; tests/architecture compares.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace swell
