#include "reconciler/domain/window_fields.h"

#include "base/text/cron.h"
#include "base/text/glob.h"
#include "base/text/time_zone.h"
#include "reconciler/domain/source_fields.h"
#include "reconciler/domain/words.h"
#include "reconciler/domain/writer.h"

namespace swell {
namespace {

constexpr Words<2> kWindows = {"allow", "deny"};
constexpr Words<3> kOverruns = {"finish", "wave", "stop"};

std::vector<std::string> ReadGlobs(Fields& fields, std::string_view key) {
  std::vector<std::string> out = fields.StringList(key);
  for (const std::string& glob : out) {
    if (const auto read = PathPattern::Compile(glob); !read) {
      fields.Complain(key, glob + ": " + read.error().ToString());
    }
  }
  return out;
}

ApplicationSelector ReadApplications(Fields fields) {
  ApplicationSelector out;
  out.names = ReadGlobs(fields, "names");
  out.projects = ReadGlobs(fields, "projects");
  out.match_labels = fields.StringMap("matchLabels");
  fields.Finish();
  return out;
}

}  // namespace

ChangeWindow ReadWindow(Fields fields) {
  ChangeWindow out;
  const std::string word = fields.String("window", Presence::kRequired);
  if (const auto known = Known<WindowKind>(kWindows, word)) {
    out.window = *known;
  } else if (!word.empty()) {
    fields.Complain("window", NotOneOf(word, kWindows));
  }
  out.schedule = fields.String("schedule", Presence::kRequired);
  if (const auto read = Cron::Parse(out.schedule); !read && !out.schedule.empty()) {
    fields.Complain("schedule", read.error().ToString());
  }
  out.duration = fields.Time("duration", Duration{0});
  if (out.duration < std::chrono::minutes(1)) fields.Complain("duration", "must be at least 1m");
  out.time_zone = fields.String("timeZone");
  if (const auto read = TimeZone::Load(out.time_zone); !read) {
    fields.Complain("timeZone", read.error().ToString());
  }
  out.applications = ReadApplications(fields.Nested("applications"));
  if (fields.Has("clusters")) {
    out.clusters = ReadSelector(fields.Nested("clusters"));
    if (out.clusters.empty()) fields.Complain("clusters", kSelectsNothing);
  }
  out.overrun = ReadWord(fields, "overrun", kOverruns, out.overrun);
  out.manual = fields.Bool("manual");
  out.description = fields.String("description");
  fields.Finish();
  return out;
}

Value ToValue(const ChangeWindow& window) {
  Writer out;
  out.Text("window", Word(kWindows, window.window)).Text("schedule", window.schedule);
  out.Time("duration", window.duration).Text("timeZone", window.time_zone);
  const ApplicationSelector& apps = window.applications;
  if (apps != ApplicationSelector{}) {
    out.Put("applications", Writer()
                                .Texts("names", apps.names)
                                .Texts("projects", apps.projects)
                                .Map("matchLabels", apps.match_labels)
                                .Done());
  }
  if (!window.clusters.empty()) out.Put("clusters", ToValue(window.clusters));
  out.Text("overrun", WordUnless(kOverruns, window.overrun, ChangeWindow{}.overrun));
  return out.Flag("manual", window.manual).Text("description", window.description).Done();
}

}  // namespace swell
