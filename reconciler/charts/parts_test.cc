#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "reconciler/charts/access.h"
#include "reconciler/charts/archive.h"
#include "reconciler/charts/cache.h"
#include "reconciler/charts/index.h"
#include "reconciler/charts/index_cache.h"
#include "reconciler/charts/oci_name.h"
#include "reconciler/charts/registry.h"
#include "reconciler/charts/test_util.h"
#include "reconciler/charts/versions.h"

namespace swell::charts {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What helm 4.1.4 picks from the same index with `helm pull one --version W`.
TEST(Versions, ArePickedAsHelmPicks) {
  std::vector<std::string> versions = {"1.0.0", "2.0.0-rc.1", "1.10.0", "1.2.0", "v1.9.0", "junk"};
  SortNewestFirst(versions);
  EXPECT_THAT(versions, ElementsAre("2.0.0-rc.1", "1.10.0", "v1.9.0", "1.2.0", "1.0.0", "junk"));
  const auto pick = [&](const std::string& wanted) -> std::string {
    const auto picked = PickVersion(versions, wanted);
    return picked ? versions[*picked] : picked.error().message();
  };
  EXPECT_EQ(pick(""), "1.10.0");
  EXPECT_EQ(pick("1.2.0"), "1.2.0");
  EXPECT_EQ(pick("v1.2.0"), "1.2.0");
  EXPECT_EQ(pick("~1.9"), "v1.9.0");
  EXPECT_EQ(pick("<1.10"), "v1.9.0");
  EXPECT_EQ(pick(">0.0.0-0"), "2.0.0-rc.1");
  EXPECT_EQ(pick("2.0.0-rc.1"), "2.0.0-rc.1");
  EXPECT_EQ(pick("3"), "no version \"3\"; the newest are 2.0.0-rc.1, 1.10.0, v1.9.0, 1.2.0, 1.0.0");
  EXPECT_THAT(pick("main"), HasSubstr("no version and no version constraint"));
  EXPECT_TRUE(IsExactVersion("1.2.0+b.1"));
  EXPECT_FALSE(IsExactVersion("^1.2.0"));
}

TEST(Index, IsReadTolerantly) {
  const auto index = ParseIndex(R"(apiVersion: v1
entries:
  web:
  - {name: web, version: 1.2, urls: [a.tgz], appVersion: 1.5, digest: aa}
  - {name: web, version: 1.10.0, urls: [b.tgz, c.tgz], created: "2026-11-27T05:38:55Z"}
  - {name: web, version: 9.0.0, urls: []}
  - {name: web, urls: [d.tgz]}
  - null
  empty: []
)",
                                "index.yaml");
  ASSERT_TRUE(index) << index.error().ToString();
  const auto newest = PickEntry(*index, "web", "");
  ASSERT_TRUE(newest) << newest.error().ToString();
  EXPECT_EQ(newest->version, "1.10.0");
  EXPECT_EQ(newest->url, "b.tgz");
  EXPECT_EQ(FormatTimestamp(newest->created), "2026-11-27T05:38:55Z");
  EXPECT_EQ(PickEntry(*index, "web", "1.2")->app_version, "1.5");
  EXPECT_EQ(PickEntry(*index, "web", "9.0.0").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(PickEntry(*index, "empty", "").error().code(), ErrorCode::kNotFound);
  EXPECT_THAT(PickEntry(*index, "shop", "").error().ToString(), HasSubstr("no chart \"shop\""));
}

TEST(Index, RefusesWhatIsNone) {
  for (const char* text : {"", "<html>", "entries: {}", "a: [", "[1]", "404"}) {
    const auto index = ParseIndex(text, "https://h/index.yaml");
    ASSERT_FALSE(index) << text;
    EXPECT_EQ(index.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(index.error().ToString(), HasSubstr("https://h/index.yaml"));
  }
}

// As helm's ResolveReferenceURL.
TEST(Index, UrlsAreRelativeToTheRepository) {
  const auto resolve = [](const std::string& repository, const std::string& reference) {
    const auto url = ResolveInRepository(repository, reference);
    return url ? *url : url.error().ToString();
  };
  EXPECT_EQ(resolve("https://h/charts", "index.yaml"), "https://h/charts/index.yaml");
  EXPECT_EQ(resolve("https://h/charts/", "a/b.tgz"), "https://h/charts/a/b.tgz");
  EXPECT_EQ(resolve("https://h/charts?token=x", "a.tgz"), "https://h/charts/a.tgz?token=x");
  EXPECT_EQ(resolve("https://h/charts", "/a.tgz"), "https://h/a.tgz");
  EXPECT_EQ(resolve("https://h/charts", "https://cdn/a.tgz"), "https://cdn/a.tgz");
  EXPECT_EQ(resolve("https://h/charts", "oci://r/web:1.0.0"), "oci://r/web:1.0.0");
}

TEST(OciName, IsChecked) {
  const auto name = OciName::Parse("oci://Registry.example.com:5000/team/charts/", "web");
  ASSERT_TRUE(name) << name.error().ToString();
  EXPECT_EQ(name->ToString(), "oci://registry.example.com:5000/team/charts/web");
  EXPECT_EQ(name->chart(), "web");
  EXPECT_TRUE(OciName::Parse("oci://h/a.b__c-d/e---f"));
  for (const char* bad :
       {"https://h/a", "oci://h", "oci://h/", "oci://h/a:1.0", "oci://h/a@sha256:0", "oci://h/../x",
        "oci://h/a//b", "oci://h/A", "oci://h/a_-b", "oci://h/-a", "oci://u:p@h/a", "oci://h/a?x=1",
        "oci://h/a%2f..", "oci://h/a..b"}) {
    EXPECT_FALSE(OciName::Parse(bad)) << bad;
  }
  EXPECT_EQ(TagOf("1.2.3+build.5"), "1.2.3_build.5");
  EXPECT_EQ(VersionOf("1.2.3_build.5"), "1.2.3+build.5");
  EXPECT_FALSE(IsTag("../x"));
  EXPECT_FALSE(IsTag(""));
  EXPECT_TRUE(IsTag("1.2.3_build.5"));
}

TEST(Registry, ReadsChallengesAndLinks) {
  const auto bearer = ParseChallenge(
      "Bearer realm=\"https://auth.example.com/token\",service=\"a \\\"b\\\"\", scope=x");
  ASSERT_TRUE(bearer);
  EXPECT_EQ(bearer->scheme, "bearer");
  EXPECT_EQ(bearer->parameters.at("realm"), "https://auth.example.com/token");
  EXPECT_EQ(bearer->parameters.at("service"), "a \"b\"");
  EXPECT_EQ(bearer->parameters.at("scope"), "x");
  EXPECT_EQ(ParseChallenge("basic")->scheme, "basic");
  EXPECT_FALSE(ParseChallenge("  "));
  EXPECT_EQ(NextLink("</v2/a/tags/list?last=b&n=1>; rel=\"next\""), "/v2/a/tags/list?last=b&n=1");
  EXPECT_EQ(NextLink("<x>; rel=\"prev\", <y>; rel=next"), "y");
  EXPECT_EQ(NextLink("x>; rel=next<"), "");
}

TEST(Registry, RefusesManifestsOfOtherThings) {
  const auto error = [](const char* text) {
    const auto manifest = ParseManifest(text, Digest());
    return manifest ? "" : manifest.error().ToString();
  };
  EXPECT_THAT(error(R"({"config":{"mediaType":"application/vnd.oci.image.config.v1+json"}})"),
              HasSubstr("not a Helm chart's: its config is"));
  EXPECT_THAT(error(R"({"manifests":[]})"), HasSubstr("index of several images"));
  EXPECT_THAT(error(R"({"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"},
                        "layers":[{"mediaType":"application/vnd.cncf.helm.chart.provenance.v1.prov",
                                   "digest":"sha256:00"}]})"),
              HasSubstr("no layer"));
  EXPECT_NE(error("not json"), "");
}

TEST(Archive, ProvesToBeAChart) {
  const std::string good = testing::ChartArchive("web", "1.2.3");
  const auto metadata = ReadChartArchive(good, "web.tgz");
  ASSERT_TRUE(metadata) << metadata.error().ToString();
  EXPECT_EQ(metadata->version, "1.2.3");
  for (const std::string& bad :
       {std::string("<html>"), WriteTar({{"web/values.yaml", ""}}), WriteTar({{"Chart.yaml", ""}}),
        WriteTar({{"web/Chart.yaml", "name: web"}}), good.substr(0, 530),
        WriteTar({{"a/Chart.yaml", "name: a"}, {"b/Chart.yaml", "name: b"}})}) {
    EXPECT_FALSE(ReadChartArchive(bad, "bad.tgz")) << bad.substr(0, 40);
  }
}

TEST(Archive, IsATreeThatIsReadAtItsFirstUse) {
  auto files = testing::ChartFiles("web", "1.2.3");
  files["web/.helmignore"] = "templates/\n";
  int reads = 0;
  const Digest digest = Digest::Of("the archive");
  const FileTreePtr tree = ChartArchiveTree(
      digest,
      [&]() -> Result<std::string> {
        ++reads;
        return WriteTar(files);
      },
      "repo/web@1");
  EXPECT_EQ(tree->ContentId(""), "chart:" + digest.Hex());
  EXPECT_EQ(reads, 0);
  EXPECT_EQ(tree->List("")->size(), 2u);  // Chart.yaml, templates: the rest is hidden
  EXPECT_THAT(tree->Read("Chart.yaml").value(), HasSubstr("name: web"));
  EXPECT_EQ(tree->Read(".helmignore").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(tree->Stat(".helmignore").error().code(), ErrorCode::kNotFound);
  EXPECT_NE(tree->ContentId("templates/config.yaml"), "");
  EXPECT_EQ(reads, 1);
}

TEST(Cache, VerifiesWhatItReads) {
  fetch::testing::Scratch scratch;
  DiskCache cache(scratch.path + "/charts", 1 << 20);
  const Digest digest = Digest::Of("archive");
  EXPECT_EQ(cache.Archive(digest).error().code(), ErrorCode::kNotFound);
  ASSERT_TRUE(cache.PutArchive(digest, "archive"));
  ASSERT_TRUE(cache.PutNote(digest, "a\nnote"));
  EXPECT_EQ(cache.Archive(digest).value(), "archive");
  EXPECT_EQ(cache.Note(digest).value(), "a\nnote");
  for (const auto& entry : fs::directory_iterator(scratch.path + "/charts")) {
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
    std::ofstream(entry.path(), std::ios::app) << "x";
  }
  EXPECT_EQ(cache.Archive(digest).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(cache.Note(digest).error().code(), ErrorCode::kNotFound);
  EXPECT_FALSE(cache.HasArchive(digest));
}

// A fault that passes must not look like something that never was there.
TEST(Cache, TellsTheAbsentFromTheUnreadable) {
  fetch::testing::Scratch scratch;
  DiskCache cache(scratch.path, 1 << 20);
  const Digest digest = Digest::Of("archive");
  EXPECT_EQ(cache.Note(digest).error().code(), ErrorCode::kNotFound);
  for (const char* suffix : {".tgz", ".note"}) {
    fs::create_directory(scratch.path + "/" + digest.Hex() + suffix);  // opens, cannot be read
  }
  const auto archive = cache.Archive(digest);
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(archive.error().ToString(), HasSubstr(digest.Hex() + ".tgz"));
  EXPECT_EQ(cache.Note(digest).error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(fs::exists(scratch.path + "/" + digest.Hex() + ".tgz"));
  EXPECT_TRUE(fs::exists(scratch.path + "/" + digest.Hex() + ".note"));
}

TEST(Cache, ForgetsWhatWasUsedLongestAgo) {
  fetch::testing::Scratch scratch;
  DiskCache cache(scratch.path, 100'000);
  const auto put = [&](char c) {
    const std::string bytes(40'000, c);
    EXPECT_TRUE(cache.PutArchive(Digest::Of(bytes), bytes));
    return Digest::Of(bytes);
  };
  const Digest a = put('a'), b = put('b');
  const auto used = [&](const Digest& digest, int ago) {
    fs::last_write_time(scratch.path + "/" + digest.Hex() + ".tgz",
                        fs::file_time_type::clock::now() - std::chrono::hours(ago));
  };
  used(a, 3);
  used(b, 2);
  ASSERT_TRUE(cache.Archive(a));  // used again
  const Digest c = put('c');
  EXPECT_TRUE(cache.HasArchive(a));
  EXPECT_FALSE(cache.HasArchive(b));
  EXPECT_TRUE(cache.HasArchive(c));
  // Who asks whether it is there means to use it.
  used(a, 3);
  used(c, 2);
  ASSERT_TRUE(cache.HasArchive(a));
  put('d');
  EXPECT_TRUE(cache.HasArchive(a));
  EXPECT_FALSE(cache.HasArchive(c));
}

TEST(Access, ReadsThePasswordFileEachTime) {
  fetch::testing::Scratch scratch;
  Repository repository;
  repository.name = "r";
  repository.username = "ada";
  repository.password_file = scratch.path + "/password";
  EXPECT_FALSE(AccessOf(&repository));
  std::ofstream(repository.password_file) << "s3cret\n";
  EXPECT_EQ(BasicAuthorization(*AccessOf(&repository)).Reveal(), "Basic YWRhOnMzY3JldA==");
  EXPECT_TRUE(AccessOf(nullptr)->anonymous());
}

// Whoever names a file means to log in: nobody is asked in anyone's name without it.
TEST(Access, APasswordFileWithoutAPasswordIsAnError) {
  fetch::testing::Scratch scratch;
  Repository repository;
  repository.name = "r";
  repository.password_file = scratch.path + "/password";
  for (const char* text : {"", "\n", " \t\r\n"}) {
    std::ofstream(repository.password_file) << text;
    const auto access = AccessOf(&repository);
    ASSERT_FALSE(access);
    EXPECT_EQ(access.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(access.error().ToString(),
                HasSubstr("Repository r: passwordFile " + repository.password_file + " is empty"));
  }
  repository.password_file = scratch.path;  // opens, cannot be read
  const auto folder = AccessOf(&repository);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().ToString(),
              HasSubstr("Repository r: cannot read passwordFile " + scratch.path + ": Is a dir"));
}

}  // namespace
}  // namespace swell::charts
