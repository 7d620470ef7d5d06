#pragma once
// For tests of archives: tar files, also such as no tar would write.

#include <cstdio>
#include <string>

namespace swell::testing {

// A header and its content, padded to whole blocks; the fields are taken as given.
inline std::string TarEntry(const std::string& name, const std::string& content, char type = '0',
                            const std::string& prefix = "") {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 7, "0000644");
  char size[13];
  std::snprintf(size, sizeof size, "%011o", static_cast<unsigned>(content.size()));
  header.replace(124, 11, size);
  header[156] = type;
  header.replace(257, 8,
                 std::string("ustar\0"
                             "00",
                             8));
  header.replace(345, prefix.size(), prefix);
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char checksum[9];
  std::snprintf(checksum, sizeof checksum, "%06o", sum);
  header.replace(148, 7, std::string(checksum, 7));
  std::string padded = content;
  padded.resize((content.size() + 511) / 512 * 512, '\0');
  return header + padded;
}

inline std::string TarEnd() { return std::string(1024, '\0'); }

}  // namespace swell::testing
