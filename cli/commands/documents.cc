#include "cli/commands/documents.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace swell::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 10'000;

bool IsDocument(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

Status ListFolder(const fs::path& folder, Recurse recurse, std::vector<std::string>& out) {
  std::error_code error;
  std::vector<fs::path> found, folders;
  fs::directory_iterator it(folder, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    std::error_code ignored;
    // A linked folder may lead back here.
    if (it->is_directory(ignored)) {
      if (!it->is_symlink(ignored)) folders.push_back(it->path());
    } else if (IsDocument(it->path())) {
      found.push_back(it->path());
    }
    if (found.size() + out.size() > kMaxFiles) {
      return Fail(ResourceExhausted("more than " + std::to_string(kMaxFiles) + " files in " +
                                    folder.string()));
    }
  }
  if (error) return Fail(Unavailable("cannot list " + folder.string() + ": " + error.message()));
  std::ranges::sort(found);
  std::ranges::sort(folders);
  for (const fs::path& file : found) out.push_back(file.string());
  if (recurse == Recurse::kNo) return {};
  for (const fs::path& next : folders) TRY(ListFolder(next, recurse, out));
  return {};
}

Result<std::vector<std::string>> Expand(const std::string& file, Recurse recurse) {
  std::error_code error;
  if (file == "-" || !fs::is_directory(file, error)) return std::vector{file};
  std::vector<std::string> out;
  TRY(ListFolder(file, recurse, out));
  if (out.empty()) {
    return Fail(NotFound("folder " + file + " holds no .yaml, .yml or .json file" +
                         (recurse == Recurse::kNo ? "; --recursive looks below, too" : "")));
  }
  return out;
}

Status ReadInto(std::istream& from, const std::string& file, std::string& text) {
  char buffer[64 * 1024];
  while (from.read(buffer, sizeof buffer) || from.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(from.gcount()));
    if (text.size() > kMaxDocumentBytes) {
      return Fail(ResourceExhausted("documents of more than " +
                                    std::to_string(kMaxDocumentBytes >> 20) +
                                    " MiB in one apply (at " + file + ")"));
    }
  }
  if (from.bad()) return Fail(Unavailable("cannot read " + file));
  return {};
}

Status Append(const std::string& file, std::istream& standard_input, Documents& out) {
  if (!out.text.empty()) out.text += "\n---\n";
  const bool is_input = file == "-";
  const std::string shown = is_input ? "standard input" : file;
  out.parts.push_back({shown, 1 + static_cast<int>(std::ranges::count(out.text, '\n'))});
  if (is_input) return ReadInto(standard_input, shown, out.text);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    std::error_code error;
    const bool there = fs::exists(file, error);
    return Fail(there ? Unavailable("cannot open " + file) : NotFound("there is no file " + file));
  }
  return ReadInto(stream, file, out.text);
}

}  // namespace

Result<Documents> ReadDocuments(const std::vector<std::string>& files, Recurse recurse,
                                std::istream& standard_input) {
  std::vector<std::string> expanded;
  for (const std::string& file : files) {
    for (std::string& one : TRY(Expand(file, recurse))) expanded.push_back(std::move(one));
  }
  if (std::ranges::count(expanded, "-") > 1) {
    return Fail(InvalidArgument("standard input (-) can be read only once"));
  }
  Documents out;
  for (const std::string& file : expanded) TRY(Append(file, standard_input, out));
  out.name = out.parts.size() == 1 ? out.parts[0].file : "documents";
  return out;
}

std::string Documents::Locate(const std::string& message) const {
  if (parts.size() < 2) return message;
  const std::string mark = name + ":";
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t found = message.find(mark, at);
    if (found == std::string::npos) return out + message.substr(at);
    int line = 0;
    const char* digits = message.data() + found + mark.size();
    const auto [end, failed] = std::from_chars(digits, message.data() + message.size(), line);
    const auto after = static_cast<std::size_t>(end - message.data());
    if (failed != std::errc{} || line < 1) {
      out += message.substr(at, found + mark.size() - at);
      at = found + mark.size();
      continue;
    }
    auto part = std::ranges::upper_bound(parts, line, {}, &Part::first_line);
    --part;  // the first part begins at line 1
    out += message.substr(at, found - at) + part->file + ":" +
           std::to_string(line - part->first_line + 1);
    at = after;
  }
}

}  // namespace swell::cli
