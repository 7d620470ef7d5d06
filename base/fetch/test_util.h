#pragma once
// For tests: a server of files that can be told to misbehave, and a folder.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/core/digest.h"
#include "base/net/http_server.h"

namespace swell::fetch::testing {

// Answers by path; what nobody answers is 404. Remembers what it was asked.
class TestServer {
 public:
  using Handler = std::function<void(const net::HttpRequest&, net::ResponseWriterPtr)>;

  explicit TestServer(net::HttpServer::Options options = {}) {
    auto started = net::HttpServer::Start(
        loop_, std::move(options), [this](net::HttpRequest request, net::ResponseWriterPtr writer) {
          Handler handler;
          {
            const std::lock_guard lock(mutex_);
            asked_.push_back(request);
            if (const auto it = handlers_.find(request.path); it != handlers_.end()) {
              handler = it->second;
            }
          }
          if (!handler) return writer->Respond(404, {}, "no such file");
          handler(request, std::move(writer));
        });
    EXPECT_TRUE(started) << started.error().ToString();
    server_ = std::move(*started);
  }

  void On(const std::string& path, Handler handler) {
    const std::lock_guard lock(mutex_);
    handlers_[path] = std::move(handler);
  }
  Handler HandlerOf(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return handlers_.at(path);
  }
  void Serve(const std::string& path, const std::string& body, net::Headers headers = {}) {
    On(path, [body, headers](const net::HttpRequest&, net::ResponseWriterPtr writer) {
      writer->Respond(200, headers, body);
    });
  }
  // With an ETag, honouring If-None-Match.
  void ServeTagged(const std::string& path, const std::string& body) {
    On(path, [body](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
      const std::string tag = "\"" + Digest::Of(body).Short() + "\"";
      const bool same = request.headers.Get("if-none-match") == tag;
      writer->Respond(same ? 304 : 200, {{"etag", tag}}, same ? "" : body);
    });
  }

  std::string url() const { return server_->url(); }
  std::uint16_t port() const { return server_->port(); }
  // Requests for the path; "" is all.
  int Asked(const std::string& path = "") const {
    const std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& request : asked_) count += path.empty() || request.path == path ? 1 : 0;
    return count;
  }
  std::vector<net::HttpRequest> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  net::Loop loop_{"test"};
  mutable std::mutex mutex_;
  std::map<std::string, Handler> handlers_;  // guarded by mutex_, as is asked_
  std::vector<net::HttpRequest> asked_;
  std::unique_ptr<net::HttpServer> server_;  // last: ends before what its handler uses
};

// A folder that goes with the test.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "swell-fetch-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path = pattern;
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path;
};

}  // namespace swell::fetch::testing
