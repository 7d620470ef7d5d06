#include "reconciler/remotes/http_files.h"

#include <gtest/gtest.h>

#include "base/core/encoding.h"
#include "base/fetch/test_util.h"
#include "renderer/ambient/remotes.h"

namespace swell::remotes {
namespace {

using fetch::testing::TestServer;

class HttpFilesTest : public ::testing::Test {
 protected:
  static Result<std::string> Read(Source& source) {
    const Revision revision = TRY(std::move(source.Resolve({""}).front()));
    return TRY(source.Tree(revision.commit))->Read(kRemoteFile);
  }

  fetch::testing::Scratch scratch_;
  const std::string folder_ = scratch_.path + "/cache";
  TestServer server_;
};

TEST_F(HttpFilesTest, ContentIsTheRevision) {
  server_.ServeTagged("/a.yaml", "one");
  HttpFiles files(folder_);
  const auto source = files.Open(server_.url() + "/a.yaml?token=s3cret");
  EXPECT_EQ(*Read(*source), "one");
  const std::string first = source->Resolve({""}).front()->commit;
  EXPECT_EQ(first, Digest::Of("one").Hex());
  EXPECT_EQ(server_.Asked("/a.yaml"), 2);
  EXPECT_EQ((*source->Tree(first))->Describe(), server_.url() + "/a.yaml");
  EXPECT_EQ((*source->Tree(first))->ContentId(kRemoteFile), "sha256:" + first);
  server_.ServeTagged("/a.yaml", "two");
  EXPECT_EQ(*Read(*source), "two");
  // What it was stays at hand, for another process, too.
  HttpFiles later(folder_);
  EXPECT_EQ(*(*later.Open(server_.url() + "/a.yaml")->Tree(first))->Read(kRemoteFile), "one");
  EXPECT_FALSE(later.Open(server_.url() + "/a.yaml")->Tree(Digest::Of("three").Hex()));
}

TEST_F(HttpFilesTest, AFileThatLeftTheCacheIsFetchedAgain) {
  server_.ServeTagged("/a.yaml", "one");
  HttpFiles files(folder_);
  const auto source = files.Open(server_.url() + "/a.yaml");
  ASSERT_TRUE(Read(*source));
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(*Read(*source), "one");
}

TEST_F(HttpFilesTest, WhatIsNotToBeHadIsAnError) {
  server_.Serve("/large", std::string(2000, 'x'));
  server_.On("/forbidden", [](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Respond(403, {}, "");
  });
  server_.On("/empty", [](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Respond(204, {}, "");
  });
  server_.On("/teapot", [](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Respond(418, {}, "");
  });
  HttpFiles files(folder_, {.max_file_bytes = 1000});
  struct Case {
    const char* path;
    ErrorCode code;
    const char* words;
  };
  const Case kCases[] = {
      {"/none.yaml", ErrorCode::kNotFound, "answers 404"},
      {"/large", ErrorCode::kResourceExhausted, "max_file_bytes"},
      {"/forbidden", ErrorCode::kPermissionDenied, "declare a Repository"},
      {"/teapot", ErrorCode::kUnavailable, "answers 418"},
  };
  for (const Case& c : kCases) {
    const auto text = Read(*files.Open(server_.url() + c.path));
    ASSERT_FALSE(text) << c.path;
    EXPECT_EQ(text.error().code(), c.code) << text.error().ToString();
    EXPECT_TRUE(text.error().ToString().contains(c.words)) << text.error().ToString();
  }
  EXPECT_EQ(*Read(*files.Open(server_.url() + "/empty")), "");
}

TEST_F(HttpFilesTest, CredentialsGoToTheirOwnUrlAlone) {
  TestServer elsewhere;
  elsewhere.Serve("/b.yaml", "moved");
  server_.Serve("/private/a.yaml", "private");
  server_.Serve("/public.yaml", "public");
  server_.On("/private/moved.yaml", [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Respond(302, {{"location", elsewhere.url() + "/b.yaml"}}, "");
  });
  HttpFiles files(folder_);
  Repository repository;
  repository.name = "private";
  repository.url = server_.url() + "/private";
  repository.username = "ada";
  repository.password = Secret("s3cret");
  files.SetRepositories({repository});
  EXPECT_EQ(*Read(*files.Open(server_.url() + "/private/a.yaml")), "private");
  EXPECT_EQ(*Read(*files.Open(server_.url() + "/public.yaml")), "public");
  EXPECT_EQ(*Read(*files.Open(server_.url() + "/private/moved.yaml")), "moved");
  for (const net::HttpRequest& request : server_.asked()) {
    const bool with = request.path.starts_with("/private");
    EXPECT_EQ(request.headers.Get("authorization"),
              with ? "Basic " + Base64Encode("ada:s3cret") : "")
        << request.path;
  }
  for (const net::HttpRequest& request : elsewhere.asked()) {
    EXPECT_EQ(request.headers.Get("authorization"), "");
  }
}

TEST(WebPage, IsToldByItsStart) {
  EXPECT_TRUE(IsWebPage("<!DOCTYPE html>"));
  EXPECT_TRUE(IsWebPage("\xEF\xBB\xBF\r\n <html>"));
  EXPECT_FALSE(IsWebPage("a: <b>"));
  EXPECT_FALSE(IsWebPage(""));
}

}  // namespace
}  // namespace swell::remotes
