#include "reconciler/charts/fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/core/encoding.h"
#include "base/net/test_util.h"
#include "base/net/url.h"
#include "reconciler/charts/chart_source.h"
#include "reconciler/charts/test_util.h"

namespace swell::charts {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using fetch::testing::TestServer;
using testing::ChartArchive;
using ::testing::HasSubstr;
using testing::IndexOf;
using ::testing::Not;
using testing::TestLimits;

class FetcherTest : public ::testing::Test {
 protected:
  Result<FetchedChart> Fetch(const std::string& version, const std::string& chart = "web") {
    return fetcher_.Fetch({server_.url() + "/charts", chart, version}, Deadline::After(20s));
  }
  Result<FetchedChart> Pull(const std::string& version, const std::string& chart = "web") {
    return fetcher_.Fetch({Registry(), chart, version}, Deadline::After(20s));
  }
  std::string Error(const Result<FetchedChart>& chart) {
    return chart ? "fetched " + chart->version : chart.error().ToString();
  }

  std::string Registry() const {
    return "oci://127.0.0.1:" + std::to_string(server_.port()) + "/team";
  }
  Repository RepositoryFor(const std::string& url, const std::string& password = "") {
    Repository out;
    out.name = "declared";
    out.url = url;
    out.plain_http = url.starts_with("oci://");
    if (!password.empty()) {
      out.username = "ada";
      out.password = Secret(password);
    }
    return out;
  }

  // One chart in a registry: manifest by tag and by digest, blob, tags.
  Digest Push(const std::string& name, const std::string& version) {
    const std::string archive = ChartArchive(name, version);
    const std::string layer = Digest::Of(archive).ToString();
    const std::string manifest =
        R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json",)"
        R"("digest":"sha256:00","size":2},"layers":[{"mediaType":)"
        R"("application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":")" +
        layer + R"(","size":)" + std::to_string(archive.size()) +
        R"(}],"annotations":{"org.opencontainers.image.created":"2026-11-27T05:38:55Z"}})";
    const std::string base = "/v2/team/" + name;
    const Digest digest = Digest::Of(manifest);
    server_.Serve(base + "/manifests/" + TagOf(version), manifest,
                  {{"docker-content-digest", digest.ToString()}});
    server_.Serve(base + "/manifests/" + digest.ToString(), manifest);
    server_.Serve(base + "/blobs/" + layer, archive);
    tags_.push_back(TagOf(version));
    std::string list;
    for (const auto& tag : tags_) list += (list.empty() ? "\"" : ",\"") + tag + "\"";
    server_.Serve(base + "/tags/list", "{\"name\":\"team/" + name + "\",\"tags\":[" + list + "]}");
    return digest;
  }

  fetch::testing::Scratch scratch_;
  TestServer server_;
  Fetcher fetcher_{scratch_.path + "/cache", TestLimits()};
  std::vector<std::string> tags_;
};

TEST_F(FetcherTest, FetchesOnceWhatTheIndexNames) {
  const std::string one = ChartArchive("web", "1.0.0"), two = ChartArchive("web", "1.1.0");
  server_.ServeTagged("/charts/index.yaml",
                      IndexOf({{"web", "1.0.0", "web-1.0.0.tgz", Digest::Of(one).Hex()},
                               {"web", "1.1.0", "web-1.1.0.tgz", Digest::Of(two).ToString()}}));
  server_.Serve("/charts/web-1.0.0.tgz", one);
  server_.Serve("/charts/web-1.1.0.tgz", two);
  const auto newest = Fetch("^1");
  ASSERT_TRUE(newest) << newest.error().ToString();
  EXPECT_EQ(newest->version, "1.1.0");
  EXPECT_EQ(newest->digest, Digest::Of(two));
  EXPECT_EQ(fetcher_.cache().Archive(newest->digest).value(), two);
  // Again: the index is asked for but not sent, the archive is there.
  ASSERT_TRUE(Fetch("^1"));
  EXPECT_EQ(server_.Asked("/charts/web-1.1.0.tgz"), 1);
  EXPECT_EQ(server_.Asked("/charts/index.yaml"), 2);
  EXPECT_NE(server_.asked().back().headers.Get("if-none-match"), "");
  EXPECT_EQ(Fetch("1.0.0")->version, "1.0.0");
  EXPECT_EQ(Fetch("^2").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(Fetch("", "shop").error().code(), ErrorCode::kNotFound);
}

TEST_F(FetcherTest, RefusesWhatTheDigestDoesNotName) {
  const std::string expected = Digest::Of("another").Hex();
  server_.Serve("/charts/index.yaml", IndexOf({{"web", "1.0.0", "web.tgz", expected}}));
  server_.Serve("/charts/web.tgz", ChartArchive("web", "1.0.0"));
  const auto wrong = Fetch("");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), ErrorCode::kDataLoss);
  EXPECT_THAT(Error(wrong), HasSubstr("should be sha256:" + expected));
  EXPECT_FALSE(fetcher_.cache().HasArchive(Digest::Of(ChartArchive("web", "1.0.0"))));
  server_.Serve("/charts/index.yaml", IndexOf({{"web", "1.0.0", "web.tgz", "abc"}}));
  EXPECT_THAT(Error(Fetch("")), HasSubstr("digest of web 1.0.0"));
}

TEST_F(FetcherTest, RefusesWhatIsNotTheChart) {
  server_.Serve("/charts/index.yaml", IndexOf({{"web", "1.0.0", "web.tgz", ""}}));
  server_.Serve("/charts/web.tgz", ChartArchive("shop", "1.0.0"));
  EXPECT_THAT(Error(Fetch("")), HasSubstr("holds the chart \"shop\", not \"web\""));
  server_.Serve("/charts/web.tgz", "<html>Please log in</html>");
  EXPECT_EQ(Fetch("").error().code(), ErrorCode::kInvalidArgument) << Error(Fetch(""));
  server_.On("/charts/web.tgz", nullptr);
  EXPECT_THAT(Error(Fetch("")), HasSubstr("which the index names, is not there"));
}

// What another chart brought into the cache is no answer either.
TEST_F(FetcherTest, RefusesWhatIsNotTheChartFromTheCacheToo) {
  const std::string shop = ChartArchive("shop", "1.0.0");
  server_.Serve("/charts/shop.tgz", shop);
  const auto both = [&](const std::string& digest) {
    return IndexOf({{"web", "1.0.0", "shop.tgz", digest}, {"shop", "1.0.0", "shop.tgz", digest}});
  };
  const auto refused = [&](const Result<FetchedChart>& chart) {
    EXPECT_FALSE(chart);
    EXPECT_THAT(Error(chart), HasSubstr("holds the chart \"shop\", not \"web\""));
  };
  server_.Serve("/charts/index.yaml", both(Digest::Of(shop).Hex()));
  ASSERT_TRUE(Fetch("", "shop"));
  refused(Fetch("", "web"));
  // Without a digest, and the server says that nothing changed.
  server_.ServeTagged("/charts/shop.tgz", shop);
  server_.Serve("/charts/index.yaml", both(""));
  ASSERT_TRUE(Fetch("", "shop"));
  ASSERT_TRUE(Fetch("", "shop"));
  refused(Fetch("", "web"));
  // After a restart, and by the archive's own name.
  Fetcher restarted(scratch_.path + "/cache", TestLimits());
  server_.Serve("/charts/index.yaml", both(Digest::Of(shop).Hex()));
  refused(restarted.Fetch({server_.url() + "/charts", "web", ""}, Deadline::After(20s)));
  const auto source = *OpenChart(restarted, {server_.url() + "/charts", "web"});
  const auto revisions = source->Resolve({Digest::Of(shop).Hex()});
  ASSERT_FALSE(revisions[0]);
  EXPECT_THAT(revisions[0].error().ToString(), HasSubstr("holds the chart \"shop\", not \"web\""));
}

TEST_F(FetcherTest, RefusesWhatIsNotTheChartFromARegistry) {
  fetcher_.SetRepositories({RepositoryFor(Registry())});
  const Digest pinned = Push("shop", "1.0.0");
  for (const std::string& tag : {std::string("1.0.0"), pinned.ToString()}) {
    server_.On("/v2/team/web/manifests/" + tag,
               server_.HandlerOf("/v2/team/shop/manifests/" + tag));
  }
  ASSERT_TRUE(Pull(pinned.ToString(), "shop"));
  for (const std::string& version : {std::string("1.0.0"), pinned.ToString()}) {
    const auto chart = Pull(version, "web");
    ASSERT_FALSE(chart) << version;
    EXPECT_THAT(Error(chart), HasSubstr("holds the chart \"shop\", not \"web\""));
  }
  // A digest is looked up in its own repository: what one has another need not have.
  server_.On("/v2/team/web/manifests/" + pinned.ToString(), nullptr);
  EXPECT_EQ(Pull(pinned.ToString(), "web").error().code(), ErrorCode::kNotFound);
}

TEST_F(FetcherTest, WithoutADigestTheArchiveIsAskedForAnew) {
  server_.Serve("/charts/index.yaml", IndexOf({{"web", "1.0.0", "web.tgz", ""}}));
  server_.ServeTagged("/charts/web.tgz", ChartArchive("web", "1.0.0"));
  const Digest first = Fetch("")->digest;
  EXPECT_EQ(Fetch("")->digest, first);
  EXPECT_NE(server_.asked().back().headers.Get("if-none-match"), "");
  auto files = testing::ChartFiles("web", "1.0.0");
  files["web/values.yaml"] = "a: 1\n";
  server_.ServeTagged("/charts/web.tgz", WriteTar(files));
  EXPECT_EQ(Fetch("")->digest, Digest::Of(WriteTar(files)));
}

TEST_F(FetcherTest, AnIndexBeyondItsBudgetIsNotRead) {
  Limits limits = TestLimits();
  limits.index.max_bytes = 1000;
  Fetcher small(scratch_.path + "/small", limits);
  server_.Serve("/charts/index.yaml", std::string(2000, '#'));
  const auto large = small.Fetch({server_.url() + "/charts", "web", ""}, Deadline::After(20s));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(Error(large), HasSubstr("1000 bytes (budget max_index_bytes)"));
}

// One index on its way is waited for, but not longer than the caller has time.
TEST_F(FetcherTest, WaitsForAnIndexUntilItsDeadline) {
  std::vector<net::ResponseWriterPtr> kept;  // used on the server's thread alone until it is done
  server_.On("/charts/index.yaml", [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    kept.push_back(std::move(writer));
  });
  std::jthread first([&] { EXPECT_FALSE(Fetch("")); });
  while (server_.Asked() == 0) std::this_thread::sleep_for(1ms);
  const auto begun = std::chrono::steady_clock::now();
  const auto second = fetcher_.Fetch({server_.url() + "/charts", "web", ""}, Deadline::After(50ms));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  fetcher_.Stop();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(Error(second), HasSubstr("chart repository " + server_.url() + "/charts"));
  EXPECT_EQ(server_.Asked(), 1);
}

TEST_F(FetcherTest, CredentialsStayWithTheirHost) {
  TestServer cdn;
  const std::string here = ChartArchive("web", "1.0.0"), there = ChartArchive("web", "2.0.0");
  server_.On("/charts/index.yaml", [&](const net::HttpRequest& request, auto writer) {
    const bool known =
        request.headers.Get("authorization") == "Basic " + Base64Encode("ada:s3cret");
    writer->Respond(known ? 200 : 401, {},
                    IndexOf({{"web", "1.0.0", "/files/web.tgz", Digest::Of(here).Hex()},
                             {"web", "2.0.0", cdn.url() + "/web.tgz", Digest::Of(there).Hex()}}));
  });
  server_.Serve("/files/web.tgz", here);
  cdn.Serve("/web.tgz", there);
  EXPECT_EQ(Fetch("").error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(Error(Fetch("")), HasSubstr("declare a Repository resource"));
  fetcher_.SetRepositories({RepositoryFor(server_.url() + "/charts", "wrong")});
  EXPECT_THAT(Error(Fetch("")), HasSubstr("credentials of Repository declared are not accepted"));
  EXPECT_THAT(Error(Fetch("")), Not(HasSubstr("wrong")));
  fetcher_.SetRepositories({RepositoryFor(server_.url() + "/charts", "s3cret")});
  ASSERT_TRUE(Fetch("1.0.0")) << Error(Fetch("1.0.0"));
  // The archive beside the index, on the same host, gets them as helm sends them.
  EXPECT_NE(server_.asked().back().headers.Get("authorization"), "");
  ASSERT_TRUE(Fetch("2.0.0")) << Error(Fetch("2.0.0"));
  EXPECT_FALSE(cdn.asked().back().headers.Has("authorization"));
}

TEST_F(FetcherTest, PullsFromARegistry) {
  fetcher_.SetRepositories({RepositoryFor(Registry())});
  Push("web", "1.0.0");
  const Digest pinned = Push("web", "1.2.0+b.1");
  tags_.push_back("latest");
  Push("web", "2.0.0-rc.1");
  const auto newest = Pull("");
  ASSERT_TRUE(newest) << Error(newest);
  EXPECT_EQ(newest->version, "1.2.0+b.1");
  EXPECT_EQ(FormatTimestamp(newest->created), "2026-11-27T05:38:55Z");
  EXPECT_EQ(fetcher_.cache().Archive(newest->digest).value(), ChartArchive("web", "1.2.0+b.1"));
  EXPECT_EQ(Pull("~1.0")->version, "1.0.0");
  EXPECT_EQ(Pull(">0-0")->version, "2.0.0-rc.1");
  // An exact version needs no list, a digest the second time nobody.
  const int lists = server_.Asked("/v2/team/web/tags/list");
  EXPECT_EQ(Pull("1.2.0+b.1")->digest, newest->digest);
  EXPECT_EQ(server_.Asked("/v2/team/web/tags/list"), lists);
  for (const std::string& version : {pinned.ToString(), "1.2.0+b.1@" + pinned.ToString()}) {
    EXPECT_EQ(Pull(version)->digest, newest->digest) << version;
  }
  const int before = server_.Asked();
  EXPECT_EQ(Pull(pinned.ToString())->version, "1.2.0+b.1");
  EXPECT_EQ(server_.Asked(), before);
  EXPECT_EQ(Pull("9.9.9").error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(Pull("sha256:12").error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(FetcherTest, RefusesWhatARegistrySwaps) {
  fetcher_.SetRepositories({RepositoryFor(Registry())});
  const Digest pinned = Push("web", "1.0.0");
  const std::string base = "/v2/team/web";
  server_.Serve(base + "/blobs/" + Digest::Of(ChartArchive("web", "1.0.0")).ToString(),
                ChartArchive("web", "1.0.1"));
  EXPECT_EQ(Pull("1.0.0").error().code(), ErrorCode::kDataLoss);
  server_.Serve(base + "/manifests/" + pinned.ToString(), "{}");
  EXPECT_EQ(Pull(pinned.ToString()).error().code(), ErrorCode::kDataLoss);
  server_.Serve(base + "/manifests/1.0.0", "{}", {{"docker-content-digest", pinned.ToString()}});
  EXPECT_EQ(Pull("1.0.0").error().code(), ErrorCode::kDataLoss);
}

TEST_F(FetcherTest, GoesThroughThePagesOfTags) {
  fetcher_.SetRepositories({RepositoryFor(Registry())});
  Push("web", "1.0.0");
  Push("web", "1.5.0");
  const std::string path = "/v2/team/web/tags/list";
  server_.On(path, [&](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
    if (request.query.contains("last=")) return writer->Respond(200, {}, R"({"tags":["1.5.0"]})");
    writer->Respond(200, {{"link", "<" + path + "?last=1.0.0&n=1>; rel=\"next\""}},
                    R"({"tags":["1.0.0"]})");
  });
  EXPECT_EQ(Pull("")->version, "1.5.0");
  server_.On(path, [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Respond(200, {{"link", "<" + path + "?again>; rel=\"next\""}}, R"({"tags":[]})");
  });
  EXPECT_THAT(Error(Pull("")), HasSubstr("max_tag_pages"));
  server_.On(path, [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Respond(200, {{"link", "<http://127.0.0.1:1/x>; rel=\"next\""}}, R"({"tags":[]})");
  });
  EXPECT_THAT(Error(Pull("")), HasSubstr("at another host"));
}

// Nobody but who has a token gets anything; the realm hands it to who knows the password.
class TokenTest : public FetcherTest {
 protected:
  void SetUp() override {
    Push("web", "1.0.0");
    server_.On("/token", [this](const net::HttpRequest& request, net::ResponseWriterPtr writer) {
      const bool known =
          request.headers.Get("authorization") == "Basic " + Base64Encode("ada:s3cret");
      writer->Respond(known ? 200 : 401, {}, R"({"token":"t0ken","expires_in":300})");
    });
    const std::string base = "/v2/team/web";
    Guard(base + "/tags/list");
    Guard(base + "/manifests/1.0.0");
    Guard(base + "/blobs/" + Digest::Of(ChartArchive("web", "1.0.0")).ToString());
  }
  void Guard(const std::string& path) {
    server_.On(path, [this, inner = server_.HandlerOf(path)](const net::HttpRequest& request,
                                                             net::ResponseWriterPtr writer) {
      if (request.headers.Get("authorization") == "Bearer t0ken") return inner(request, writer);
      writer->Respond(401,
                      {{"www-authenticate", "Bearer realm=\"" + server_.url() +
                                                "/token\",service=\"reg\",scope=\"everything\""}},
                      "");
    });
  }
};

TEST_F(TokenTest, IsFetchedOnceAndForThisChartAlone) {
  fetcher_.SetRepositories({RepositoryFor(Registry(), "s3cret")});
  const auto chart = Pull("^1");
  ASSERT_TRUE(chart) << Error(chart);
  EXPECT_EQ(server_.Asked("/token"), 1);
  for (const net::HttpRequest& request : server_.asked()) {
    if (request.path != "/token") continue;
    const auto query = net::ParseQuery(request.query);
    EXPECT_EQ(net::QueryValue(*query, "scope"), "repository:team/web:pull");
    EXPECT_EQ(net::QueryValue(*query, "service"), "reg");
  }
  ASSERT_TRUE(Pull("^1"));
  EXPECT_EQ(server_.Asked("/token"), 1);
}

TEST_F(TokenTest, RefusalsNameTheRepositoryAndNoSecret) {
  fetcher_.SetRepositories({RepositoryFor(Registry(), "wr0ng")});
  const auto refused = Pull("^1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnauthenticated);
  EXPECT_THAT(Error(refused), HasSubstr("credentials of Repository declared are not accepted"));
  EXPECT_THAT(Error(refused), Not(HasSubstr("wr0ng")));
  fetcher_.SetRepositories({RepositoryFor(Registry())});
  EXPECT_THAT(Error(Pull("^1")), HasSubstr("Repository declared has no password"));
}

TEST_F(FetcherTest, AnswersBasicWhereTheRegistryAsksForIt) {
  Push("web", "1.0.0");
  const std::string path = "/v2/team/web/manifests/1.0.0";
  server_.On(path, [this, inner = server_.HandlerOf(path)](const net::HttpRequest& request,
                                                           net::ResponseWriterPtr writer) {
    if (request.headers.Get("authorization") == "Basic " + Base64Encode("ada:s3cret")) {
      return inner(request, writer);
    }
    writer->Respond(401, {{"www-authenticate", "Basic realm=\"x\""}}, "");
  });
  fetcher_.SetRepositories({RepositoryFor(Registry(), "s3cret")});
  ASSERT_TRUE(Pull("1.0.0")) << Error(Pull("1.0.0"));
  fetcher_.SetRepositories({RepositoryFor(Registry())});
  EXPECT_EQ(Pull("1.0.0").error().code(), ErrorCode::kUnauthenticated);
}

// Whoever a redirect leads to may ask for credentials, and name a realm of its own for them.
TEST_F(FetcherTest, AnswersNobodyARedirectLedTo) {
  TestServer other;
  const std::string path = "/v2/team/web/manifests/1.0.0";
  server_.On(path, [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
    writer->Respond(307, {{"location", other.url() + "/stolen"}}, "");
  });
  other.Serve("/token", R"({"token":"t0ken"})");
  for (const std::string& asks :
       {"Bearer realm=\"" + other.url() + "/token\"", std::string("Basic realm=\"x\"")}) {
    other.On("/stolen", [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
      writer->Respond(401, {{"www-authenticate", asks}}, "");
    });
    fetcher_.SetRepositories({RepositoryFor(Registry(), "s3cret")});
    const auto chart = Pull("1.0.0");
    ASSERT_FALSE(chart);
    EXPECT_EQ(chart.error().code(), ErrorCode::kUnauthenticated);
    EXPECT_THAT(Error(chart), HasSubstr("redirects to " + other.url() + "/stolen, which answers"));
    EXPECT_THAT(Error(chart), HasSubstr("credentials of Repository declared are not for it"));
  }
  EXPECT_EQ(other.Asked("/stolen"), 2);
  EXPECT_EQ(other.Asked("/token"), 0);
  for (const net::HttpRequest& request : other.asked()) {
    EXPECT_FALSE(request.headers.Has("authorization")) << request.path;
  }
}

TEST_F(FetcherTest, ARealmElsewhereIsNotTrustedWithTheRegistrysCa) {
  const auto identity = net::testing::MakeIdentity("localhost", "IP:127.0.0.1,DNS:localhost");
  net::HttpServer::Options options;
  options.tls = net::TlsServerConfig{.cert_pem = identity.cert, .key = Secret(identity.key)};
  TestServer registry(options), other(options);
  std::string realm = registry.url();
  for (TestServer* server : {&registry, &other}) {
    server->Serve("/token", R"({"token":"t0ken"})");
  }
  registry.On(
      "/v2/team/web/manifests/1.0.0", [&](const net::HttpRequest&, net::ResponseWriterPtr writer) {
        writer->Respond(401, {{"www-authenticate", "Bearer realm=\"" + realm + "/token\""}}, "");
      });
  const std::string url = "oci://127.0.0.1:" + std::to_string(registry.port()) + "/team";
  Repository repository = RepositoryFor(url, "s3cret");
  repository.plain_http = false;
  repository.ca_file = scratch_.path + "/ca.pem";
  std::ofstream(repository.ca_file) << identity.cert;
  fetcher_.SetRepositories({repository});
  EXPECT_FALSE(fetcher_.Fetch({url, "web", "1.0.0"}, Deadline::After(20s)));
  EXPECT_EQ(registry.Asked("/token"), 1);
  realm = other.url();
  Fetcher fresh(scratch_.path + "/fresh", TestLimits());  // knows no token yet
  fresh.SetRepositories({repository});
  const auto chart = fresh.Fetch({url, "web", "1.0.0"}, Deadline::After(20s));
  ASSERT_FALSE(chart);
  EXPECT_EQ(chart.error().code(), ErrorCode::kPermissionDenied) << Error(chart);
  EXPECT_EQ(other.Asked(), 0);
}

TEST_F(FetcherTest, ARegistryWantsTlsUnlessToldOtherwise) {
  Push("web", "1.0.0");
  const auto chart = Pull("1.0.0");
  ASSERT_FALSE(chart);
  EXPECT_EQ(chart.error().code(), ErrorCode::kUnavailable) << Error(chart);
  EXPECT_EQ(server_.Asked(), 0);
}

TEST_F(FetcherTest, AnIndexMayLeadIntoARegistry) {
  fetcher_.SetRepositories({RepositoryFor(Registry())});
  Push("web", "1.0.0");
  server_.Serve("/charts/index.yaml", IndexOf({{"web", "1.0.0", Registry() + "/web:1.0.0", ""}}));
  const auto chart = Fetch("");
  ASSERT_TRUE(chart) << Error(chart);
  EXPECT_EQ(chart->digest, Digest::Of(ChartArchive("web", "1.0.0")));
}

TEST_F(FetcherTest, IsASourceOfRevisions) {
  const std::string one = ChartArchive("web", "1.0.0");
  server_.Serve("/charts/index.yaml",
                IndexOf({{"web", "1.0.0", "web.tgz", Digest::Of(one).Hex()}}));
  server_.Serve("/charts/web.tgz", one);
  const auto source = OpenChart(fetcher_, {server_.url() + "/charts", "web"});
  ASSERT_TRUE(source) << source.error().ToString();
  const auto revisions = (*source)->Resolve({"^1", "^2"});
  ASSERT_EQ(revisions.size(), 2u);
  ASSERT_TRUE(revisions[0]) << revisions[0].error().ToString();
  EXPECT_EQ(revisions[0]->commit, Digest::Of(one).Hex());
  EXPECT_EQ(revisions[0]->ref, "1.0.0");
  EXPECT_EQ(revisions[0]->message, "chart web 1.0.0");
  EXPECT_EQ(revisions[1].error().code(), ErrorCode::kNotFound);
  const auto tree = (*source)->Tree(revisions[0]->commit);
  ASSERT_TRUE(tree) << tree.error().ToString();
  EXPECT_THAT((*tree)->Read("Chart.yaml").value(), HasSubstr("name: web"));
  EXPECT_EQ(*tree, *(*source)->Tree(revisions[0]->commit));
  // A commit that is here needs nobody, and after a restart, too.
  const int before = server_.Asked();
  Fetcher restarted(scratch_.path + "/cache", TestLimits());
  const auto again = *OpenChart(restarted, {server_.url() + "/charts", "web"});
  EXPECT_EQ(again->Resolve({revisions[0]->commit})[0]->ref, "1.0.0");
  EXPECT_TRUE(again->Tree(revisions[0]->commit));
  EXPECT_EQ(server_.Asked(), before);
  EXPECT_EQ(again->Tree(std::string(64, 'a')).error().code(), ErrorCode::kUnavailable);
  EXPECT_FALSE(OpenChart(fetcher_, {"https://h/charts", ""}));
}

}  // namespace
}  // namespace swell::charts
