#pragma once
// What `swell apply -f` reads: files, folders and standard input as one stream of documents.

#include <istream>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "cli/commands/commands.h"

namespace swell::cli {

// The most that the server takes in one call, with room for the rest of the message.
inline constexpr std::size_t kMaxDocumentBytes = 15u << 20;

// Several files are sent as one stream, so that all of them are applied or none.
struct Documents {
  struct Part {
    std::string file;
    int first_line = 1;  // in text
  };
  std::string text;
  std::string name;  // what the server calls the stream in its messages
  std::vector<Part> parts;

  // Messages of the server about "<name>:<line>" with the file and the line in it.
  std::string Locate(const std::string& message) const;
};

// Folders give their *.yaml, *.yml and *.json, sorted. kNotFound for what is not there or for
// a folder without such files, kResourceExhausted above kMaxDocumentBytes.
Result<Documents> ReadDocuments(const std::vector<std::string>& files, Recurse recurse,
                                std::istream& standard_input);

}  // namespace swell::cli
