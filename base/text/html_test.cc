#include "base/text/html.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Html, EscapesWhatMeansSomething) {
  EXPECT_EQ(EscapeHtml(R"(<a href="x">Tom & Jerry's</a>)"),
            "&lt;a href=&quot;x&quot;&gt;Tom &amp; Jerry&#39;s&lt;/a&gt;");
  EXPECT_EQ(EscapeHtml("plain \xc3\xa9"), "plain \xc3\xa9");
  EXPECT_EQ(EscapeHtml(""), "");
}

}  // namespace
}  // namespace swell
