// Zones from the system's time zone database (TZif files).

#include <fstream>
#include <iterator>

#include "renderer/funcs/go_time.h"

namespace swell::funcs {
namespace {

constexpr std::size_t kMaxZoneFile = 1u << 20;

bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.starts_with('/')) return false;
  if (name.find("..") != std::string_view::npos) return false;
  for (const char c : name) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '+' || c == '/';
    if (!ok) return false;
  }
  return true;
}

std::int64_t BigEndian(std::string_view bytes) {
  std::int64_t value = static_cast<signed char>(bytes[0]);
  for (const char c : bytes.substr(1)) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 |
                                      static_cast<unsigned char>(c));
  }
  return value;
}

struct Counts {
  std::size_t ut, standard, leap, times, types, chars;
};

constexpr std::size_t kHeader = 44;

Counts ReadCounts(std::string_view header) {
  const auto count = [&](std::size_t i) {
    return static_cast<std::size_t>(BigEndian(header.substr(20 + i * 4, 4)));
  };
  return {count(0), count(1), count(2), count(3), count(4), count(5)};
}

std::size_t BodySize(const Counts& c, std::size_t time_size) {
  return c.times * (time_size + 1) + c.types * 6 + c.chars + c.leap * (time_size + 4) + c.standard +
         c.ut;
}

// Sets offset and zone from the 64-bit part of a TZif file; false where it is none.
bool Apply(std::string_view data, GoTime& time) {
  if (data.size() < kHeader || !data.starts_with("TZif")) return false;
  const std::size_t first = kHeader + BodySize(ReadCounts(data), 4);
  if (data.size() < first + kHeader) return false;
  data.remove_prefix(first);
  const Counts c = ReadCounts(data);
  data.remove_prefix(kHeader);
  if (c.types == 0 || data.size() < BodySize(c, 8)) return false;
  std::size_t type = 0;
  for (std::size_t i = 0; i < c.times; ++i) {
    if (BigEndian(data.substr(i * 8, 8)) > time.seconds) break;
    type = static_cast<unsigned char>(data[c.times * 8 + i]);
  }
  if (type >= c.types) return false;
  const std::string_view info = data.substr(c.times * 9 + type * 6, 6);
  const auto name = static_cast<unsigned char>(info[5]);
  if (name >= c.chars) return false;
  const std::string_view names = data.substr(c.times * 9 + c.types * 6, c.chars);
  time.offset = static_cast<std::int32_t>(BigEndian(info.substr(0, 4)));
  time.zone = names.substr(name, names.find('\0', name) - name);
  return true;
}

}  // namespace

GoTime InZone(GoTime time, std::string_view zone) {
  time.offset = 0;
  time.zone = "UTC";
  if (zone == "UTC" || zone == "Local" || !IsZoneName(zone)) return time;
  std::ifstream file("/usr/share/zoneinfo/" + std::string(zone), std::ios::binary);
  const std::string data{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (data.size() < kMaxZoneFile) Apply(data, time);
  return time;
}

}  // namespace swell::funcs
