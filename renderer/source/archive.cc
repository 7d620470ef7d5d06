// tar (ustar, pax, GNU long names) as a FileTree. Only regular files and folders: an archive
// with a link, a device or a path that leaves it is refused whole.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/core/strings.h"
#include "renderer/source/gunzip.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kMaxEntries = 100'000;
constexpr std::size_t kMaxPathBytes = 4096;
constexpr std::size_t kMaxExtensionBytes = 1u << 20;  // of a pax header or a GNU long name

// A header block's fields: offset and width.
struct Field {
  std::size_t offset, size;
};
constexpr Field kName{0, 100}, kSize{124, 12}, kChecksum{148, 8}, kType{156, 1}, kMagic{257, 6},
    kPrefix{345, 155};

std::string_view Raw(std::string_view header, Field field) {
  return header.substr(field.offset, field.size);
}

std::string_view Text(std::string_view header, Field field) {
  const std::string_view raw = Raw(header, field);
  return raw.substr(0, raw.find('\0'));
}

// Octal digits, or (GNU) big-endian bytes where the first has its high bit set.
std::optional<std::uint64_t> Number(std::string_view header, Field field) {
  std::string_view raw = Raw(header, field);
  const auto first = static_cast<unsigned char>(raw[0]);
  std::uint64_t out = 0;
  if ((first & 0x80) != 0) {
    if (first != 0x80) return std::nullopt;  // negative, or beyond 64 bits
    for (const char c : raw.substr(1)) {
      if (out >> 56 != 0) return std::nullopt;
      out = out << 8 | static_cast<unsigned char>(c);
    }
    return out;
  }
  const std::string_view digits = Trim(raw.substr(0, raw.find('\0')));
  for (const char c : digits) {
    if (c < '0' || c > '7') return std::nullopt;
    out = out << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

bool ChecksumHolds(std::string_view header) {
  const auto expected = Number(header, kChecksum);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    sum += own ? static_cast<unsigned char>(' ') : static_cast<unsigned char>(header[i]);
  }
  return expected == sum;
}

class TarReader {
 public:
  TarReader(std::string_view bytes, const std::string& name) : rest_(bytes), name_(name) {}

  Result<std::map<std::string, std::string>> Run() {
    std::size_t entries = 0;
    while (!rest_.empty()) {
      const std::string_view header = rest_.substr(0, kBlock);
      if (header.size() < kBlock) return Fail(Bad("it is cut off inside a header"));
      if (header.find_first_not_of('\0') == std::string_view::npos) break;  // end of archive
      if (!ChecksumHolds(header)) return Fail(Bad("a header's checksum is wrong"));
      if (++entries > kMaxEntries) {
        return Fail(ResourceExhausted("archive " + name_ + " has more than " +
                                      std::to_string(kMaxEntries) +
                                      " entries (budget max_entries)"));
      }
      TRY(ReadEntry(header));
    }
    TRY(CheckFolders());
    return std::move(files_);
  }

 private:
  Error Bad(std::string_view why) const {
    return InvalidArgument("archive " + name_ + " is not a readable tar file: " + std::string(why));
  }

  Status ReadEntry(std::string_view header) {
    const char type = header[kType.offset];
    auto size = Number(header, kSize);
    if (pax_size_ && type != 'x' && type != 'g') size = std::exchange(pax_size_, std::nullopt);
    if (!size) return Fail(Bad("an entry's size is no number"));
    const std::string_view after = rest_.substr(kBlock);
    if (*size > after.size()) return Fail(Bad("it is cut off inside a file"));
    const std::string_view content = after.substr(0, *size);
    rest_ =
        after.substr(std::min<std::size_t>((*size + kBlock - 1) / kBlock * kBlock, after.size()));
    switch (type) {
      case 'x':
        return ReadPax(content);
      case 'g':
        return {};  // defaults for all: Git's archives put the commit there
      case 'L':
        if (content.size() > kMaxExtensionBytes) return Fail(Bad("a name is too long"));
        long_name_ = std::string(content.substr(0, content.find('\0')));
        return {};
      case '0':
      case '7':
      case '\0':
        return AddFile(TakeName(header), content);
      case '5':
        TRY(CleanName(TakeName(header)));
        return {};
      default:
        return Fail(Refused(TakeName(header).substr(0, kMaxPathBytes), type));
    }
  }

  Error Refused(const std::string& entry, char type) const {
    const char* what = type == '1'                  ? "a hard link"
                       : type == '2'                ? "a symbolic link"
                       : type == '3' || type == '4' ? "a device"
                       : type == '6'                ? "a pipe"
                                                    : "an entry of an unknown type";
    return Error(ErrorCode::kPermissionDenied, "archive " + name_ + ": " + Quote(entry) + " is " +
                                                   what + "; only files and folders are taken");
  }

  std::string TakeName(std::string_view header) {
    if (!long_name_.empty()) return std::exchange(long_name_, "");
    std::string name(Text(header, kName));
    const bool ustar = Raw(header, kMagic).starts_with(std::string_view("ustar\0", 6));
    const std::string_view prefix = ustar ? Text(header, kPrefix) : std::string_view();
    return prefix.empty() ? name : std::string(prefix) + "/" + name;
  }

  Result<std::string> CleanName(const std::string& entry) const {
    if (entry.size() > kMaxPathBytes) {
      return Fail(InvalidArgument("archive " + name_ + ": the name " + Quote(entry.substr(0, 100)) +
                                  "… is longer than " + std::to_string(kMaxPathBytes) + " bytes"));
    }
    return TRY_WRAP(CleanPath(entry), "archive " + name_);
  }

  Status AddFile(const std::string& entry, std::string_view content) {
    std::string path = TRY(CleanName(entry));
    if (path.empty() || entry.ends_with('/')) return {};  // old archives mark folders so
    if (!files_.emplace(path, content).second) {
      return Fail(InvalidArgument("archive " + name_ + " holds " + Quote(path) + " twice"));
    }
    return {};
  }

  // Records "LENGTH key=value\n"; path and size matter here.
  Status ReadPax(std::string_view records) {
    if (records.size() > kMaxExtensionBytes) return Fail(Bad("a pax header is too long"));
    while (!records.empty()) {
      const std::size_t space = records.find(' ');
      std::size_t length = 0;
      for (const char c : records.substr(0, space)) {
        if (c < '0' || c > '9' || length > kMaxExtensionBytes) return Fail(Bad("a bad pax record"));
        length = length * 10 + static_cast<std::size_t>(c - '0');
      }
      if (space == std::string_view::npos || length <= space + 1 || length > records.size() ||
          records[length - 1] != '\n') {
        return Fail(Bad("a bad pax record"));
      }
      const std::string_view record = records.substr(space + 1, length - space - 2);
      records.remove_prefix(length);
      const std::size_t equals = record.find('=');
      if (equals == std::string_view::npos) return Fail(Bad("a bad pax record"));
      const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
      if (key == "path") long_name_ = std::string(value);
      if (key == "size" && !SetPaxSize(value)) return Fail(Bad("a bad pax size"));
    }
    return {};
  }

  bool SetPaxSize(std::string_view digits) {
    std::uint64_t size = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9' || size > (UINT64_MAX >> 8)) return false;
      size = size * 10 + static_cast<std::uint64_t>(c - '0');
    }
    pax_size_ = size;
    return !digits.empty();
  }

  // A path that is both a file and a folder cannot be read sensibly.
  Status CheckFolders() const {
    for (const auto& [path, content] : files_) {
      for (std::string_view folder = DirName(path); !folder.empty(); folder = DirName(folder)) {
        if (files_.contains(std::string(folder))) {
          return Fail(InvalidArgument("archive " + name_ + " holds " + Quote(folder) +
                                      " both as a file and as a folder"));
        }
      }
    }
    return {};
  }

  std::string_view rest_;
  const std::string& name_;
  std::string long_name_;                  // of the next entry, from pax or GNU
  std::optional<std::uint64_t> pax_size_;  // of the next entry
  std::map<std::string, std::string> files_;
};

}  // namespace

Result<FileTreePtr> OpenArchive(std::string_view bytes, std::uint64_t max_bytes, std::string name) {
  std::string expanded;
  if (LooksLikeGzip(bytes)) {
    expanded = TRY_WRAP(Gunzip(bytes, max_bytes), "archive " + name);
    bytes = expanded;
  } else if (bytes.size() > max_bytes) {
    return Fail(ResourceExhausted("archive " + name + " is larger than " +
                                  std::to_string(max_bytes) + " bytes (budget max_bytes)"));
  }
  auto files = TRY(TarReader(bytes, name).Run());
  return MakeMemoryTree(std::move(files), std::move(name));
}

}  // namespace swell
