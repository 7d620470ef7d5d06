#include <gtest/gtest.h>
#include <zlib.h>

#include "base/core/encoding.h"
#include "renderer/source/testing.h"
#include "renderer/source/trees.h"

namespace swell {
namespace {

constexpr std::uint64_t kMax = 1 << 20;

using testing::TarEnd;
using testing::TarEntry;

std::string Gzip(const std::string& bytes) {
  z_stream stream{};
  ::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ::deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

// Made by GNU tar 1.34: tar czf - --format=pax (and gnu) of web/Chart.yaml ("name: web\n") and
// of a file with a path of 220 characters.
constexpr char kGnuTar[] =
    "H4sIAAAAAAACA+3Y3QqCMBjG8R13FbsCt71zDjoKOvUmjD6pFMyQ7r7VodJKYuLH8ztRUI9e9x+s3m0EC0w61pj3"
    "1Wle2/dKkiXGDevB/VZlJeesLIrK99635yNVu/mvj1lZRY/segk3/ySOP89fUWP+REoyLjH/4PLsulty9xcsGMzQ"
    "a/1v/yB+XP+d+k+x0gr970MkIrFKi/yQnvJzwP3f139lbaP/Knn1P8X8h7/+Q8cDRj//zv3XWkqD/s+l/2TjVv9l"
    "gv5Pv//YPNB/9H/u/dea2v1X6D/67/1474W0D6r/3vNfadr9J5z/9uHi0o+jXwAAAAAAgOl7AsaAyyMAKAAA";
constexpr char kPaxTar[] =
    "H4sIAAAAAAACA+3Zy2rCQBiG4Vl7FbkCnWNGC6666bK3MK1pLXgoMaX27juVQiVSD6SOpnkfBIMTCZJ8389gf3Af"
    "1ndFmBTlavBePIgzkFFu7eY9qr9L6e3P8dfnSnrjRbYWCbytqlDGy4tuMjIL1cu8GCs/ctbGl+w7ZY1XZqh7cfVx"
    "Z1Xm36sCrRcjPzj3NTYRd+73/NePlXJei8ylzH+5XFb7zju0Xv9xLbr/WxPgdhrKqv8R5rOL9r/OpaX/L9f/Q/q/"
    "Q/1/ltCfkn+la/k3TkmRyZT572j/L8K8uMniU0CaO5v/rfk/aeDv5r+21irmP/MfKfLfJPTHbB5P3v9pZ41i/9eK"
    "+3/E8DjU/0bW+t+o+ATQ/ykok2evoZqOGz8Ijb7cYw61NP9HnHNy/xtrpKP//9P939f/Vqp6/xur6f8k/T/y19D/"
    "DA/6n/7vav8bv9P/ztD/KWjd/v5/2ovpcO35l9Lt9r/m/58UZsvFMxtoAAAAAAAAAAAAAAAAAACA9vgEJKZUxABQ"
    "AAA=";

TEST(Archive, ReadsWhatTarWrites) {
  for (const char* text : {kGnuTar, kPaxTar}) {
    const auto tree = OpenArchive(Base64Decode(text).value(), kMax, "web.tgz");
    ASSERT_TRUE(tree) << tree.error().ToString();
    EXPECT_EQ((*tree)->Read("web/Chart.yaml").value(), "name: web\n");
    const std::string folder(60, 'd');
    const std::string path =
        "web/" + folder + "/" + folder + "/" + folder + "/" + std::string(30, 'f');
    EXPECT_EQ((*tree)->Read(path).value(), "long\n") << path;
    EXPECT_EQ((*tree)->List("web")->size(), 2u);
  }
}

TEST(Archive, ReadsPlainAndZipped) {
  const std::string tar = TarEntry("./a/", "", '5') + TarEntry("./a/x", "1") +
                          TarEntry("y", "22", '\0') + TarEntry("z", "333", '0', "deep/er") +
                          TarEnd();
  for (const std::string& bytes :
       {tar, Gzip(tar), Gzip(tar.substr(0, 700)) + Gzip(tar.substr(700))}) {
    const auto tree = OpenArchive(bytes, kMax, "t");
    ASSERT_TRUE(tree) << tree.error().ToString();
    EXPECT_EQ((*tree)->Read("a/x").value(), "1");
    EXPECT_EQ((*tree)->Read("y").value(), "22");
    EXPECT_EQ((*tree)->Read("deep/er/z").value(), "333");
  }
}

TEST(Archive, RefusesWhatIsNotSafe) {
  const struct {
    std::string bytes;
    ErrorCode code;
    const char* message;
  } kCases[] = {
      {TarEntry("../x", "1"), ErrorCode::kPermissionDenied, "leaves"},
      {TarEntry("a/../../x", "1"), ErrorCode::kPermissionDenied, "leaves"},
      {TarEntry("/etc/passwd", "1"), ErrorCode::kPermissionDenied, "absolute"},
      {TarEntry("../d", "", '5'), ErrorCode::kPermissionDenied, "leaves"},
      {TarEntry("l", "", '1'), ErrorCode::kPermissionDenied, "hard link"},
      {TarEntry("l", "", '2'), ErrorCode::kPermissionDenied, "symbolic link"},
      {TarEntry("d", "", '3'), ErrorCode::kPermissionDenied, "device"},
      {TarEntry("p", "", '6'), ErrorCode::kPermissionDenied, "pipe"},
      {TarEntry("a", "1") + TarEntry("./a", "2"), ErrorCode::kInvalidArgument, "twice"},
      {TarEntry("a", "1") + TarEntry("a/b", "2"), ErrorCode::kInvalidArgument, "both as a file"},
      {TarEntry("x", "8 path=a\n", 'x') + TarEntry("b", "1"), ErrorCode::kInvalidArgument,
       "pax record"},
      {TarEntry("x", "17 path=../../up\n", 'x') + TarEntry("b", "1"), ErrorCode::kPermissionDenied,
       "leaves"},
      {TarEntry("x", "12 size=99x\n", 'x') + TarEntry("b", "1"), ErrorCode::kInvalidArgument,
       "pax size"},
      {TarEntry("a", std::string(600, 'x')).substr(0, 700), ErrorCode::kInvalidArgument, "cut off"},
      {TarEntry("a", "1").substr(0, 300), ErrorCode::kInvalidArgument, "cut off"},
      {std::string(512, 'x'), ErrorCode::kInvalidArgument, "checksum"},
      {"<html>404</html>", ErrorCode::kInvalidArgument, "cut off"},
  };
  for (const auto& c : kCases) {
    const auto tree = OpenArchive(c.bytes, kMax, "bad.tgz");
    ASSERT_FALSE(tree) << c.message;
    EXPECT_EQ(tree.error().code(), c.code) << tree.error().ToString();
    EXPECT_NE(tree.error().ToString().find(c.message), std::string::npos)
        << tree.error().ToString();
    EXPECT_NE(tree.error().ToString().find("bad.tgz"), std::string::npos);
  }
}

TEST(Archive, BombsStopAtTheBudget) {
  const std::string bomb = Gzip(std::string(64 << 20, '\0'));
  ASSERT_LT(bomb.size(), 100u << 10);
  const auto tree = OpenArchive(bomb, kMax, "bomb.tgz");
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(tree.error().ToString().find("max_bytes"), std::string::npos);
  EXPECT_FALSE(OpenArchive(std::string(kMax + 1, '\0'), kMax, "t"));
}

// A record of a pax header, its own length in front.
std::string PaxRecord(const std::string& text) {
  std::string length = std::to_string(text.size() + 2);
  length = std::to_string(text.size() + 2 + length.size() - 1 + 1);
  return length + " " + text + "\n";
}

TEST(Archive, AMillionEntriesAndEndlessNamesAreRefused) {
  std::string many;
  const std::string one = TarEntry("a/", "", '5');
  for (int i = 0; i < 100'001; ++i) many += one;
  const auto crowd = OpenArchive(many, 64u << 20, "t");
  ASSERT_FALSE(crowd);
  EXPECT_EQ(crowd.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(crowd.error().ToString().find("more than 100000 entries (budget max_entries)"),
            std::string::npos);

  std::string deep = "path=";
  while (deep.size() < 500'000) deep += "a/";
  const auto named = OpenArchive(
      TarEntry("x", PaxRecord(deep + "b"), 'x') + TarEntry("b", "1") + TarEnd(), kMax, "t");
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code(), ErrorCode::kInvalidArgument) << named.error().ToString();
  EXPECT_LT(named.error().ToString().size(), 1'000u);
  EXPECT_NE(named.error().ToString().find("longer than 4096 bytes"), std::string::npos);
}

TEST(Archive, DamagedGzipIsRefused) {
  const std::string good = Gzip(TarEntry("a", std::string(5000, 'q')) + TarEnd());
  for (std::size_t cut : {std::size_t{3}, std::size_t{12}, good.size() / 2, good.size() - 1}) {
    EXPECT_FALSE(OpenArchive(good.substr(0, cut), kMax, "t")) << cut;
  }
  std::string flipped = good;
  flipped[good.size() - 6] = static_cast<char>(flipped[good.size() - 6] ^ 1);  // the CRC
  EXPECT_FALSE(OpenArchive(flipped, kMax, "t"));
  EXPECT_FALSE(OpenArchive(good + "junk", kMax, "t"));
}

}  // namespace
}  // namespace swell
