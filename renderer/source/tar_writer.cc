#include <algorithm>
#include <cstdio>
#include <string>

#include "renderer/source/trees.h"

namespace swell {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameBytes = 100;

void Pad(std::string& out) { out.append((kBlock - out.size() % kBlock) % kBlock, '\0'); }

// A ustar header. Owner and time are left at zero: the same files are the same bytes.
void AppendHeader(std::string& out, std::string_view name, char type, std::size_t size) {
  std::string header(kBlock, '\0');
  const auto put = [&](std::size_t at, std::string_view text) {
    std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, name.substr(0, kNameBytes));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  char octal[13];
  std::snprintf(octal, sizeof octal, "%011zo", size);
  put(124, octal);
  put(136, "00000000000");
  put(148, "        ");  // counts as blanks in its own sum
  header[156] = type;
  put(257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  put(148, std::string_view(octal, 7));
  out += header;
}

}  // namespace

std::string WriteTar(const std::map<std::string, std::string>& files) {
  std::string out;
  for (const auto& [path, content] : files) {
    if (path.size() > kNameBytes) {
      AppendHeader(out, "././@LongLink", 'L', path.size() + 1);
      out += path + '\0';
      Pad(out);
    }
    AppendHeader(out, path, '0', content.size());
    out += content;
    Pad(out);
  }
  out.append(2 * kBlock, '\0');
  return out;
}

}  // namespace swell
