// The arguments of the commands about drift and deletions.

#include "cli/commands/healing.h"
#include "cli/commands/line.h"

namespace swell::cli {
namespace {

void Time(CLI::App& command, const char* flag, const char* about,
          std::function<void(Duration)> set) {
  command
      .add_option_function<std::string>(
          flag, [set = std::move(set)](const std::string& t) { set(*ParseDuration(t)); }, about)
      ->check(Reads(ParseDuration, ""))
      ->type_name("TIME");
}

Line::Shared<TolerationOptions> TolerationArguments(CLI::App& command,
                                                    const char* without_pointer) {
  const auto o = std::make_shared<TolerationOptions>();
  Line::Name(command, o->application);
  command.add_option("OBJECT", o->object, "As in Deployment/web")
      ->required()
      ->type_name("KIND/NAME");
  command.add_option("POINTER", o->pointer, without_pointer)->type_name("JSON-POINTER");
  command.add_option("-n,--namespace", o->ns, "Where several objects have that name")
      ->type_name("NS");
  Line::Cluster(command, o->cluster);
  command.add_option("--reason", o->reason, "Recorded in history");
  return o;
}

// Of one application, or of all.
void Lists(Line& line, const char* name, const char* about,
           Result<int> (*work)(const Session&, const std::string&)) {
  CLI::App& command = line.Add(line.root(), name, kLook, about);
  const auto application = std::make_shared<std::string>();
  command.add_option("APP", *application, "The application; all where absent");
  line.Runs(command, application, work);
}

void AddTolerations(Line& line) {
  CLI::App& tolerate =
      line.Add(line.root(), "tolerate", kSteer, "Let drift of an object be for a while");
  const auto t = TolerationArguments(
      tolerate, "A field, as swell diff shows it, and what is below it; else the whole object");
  Time(tolerate, "--for", "For how long, as in 90m, 2h, 24h; at most 720h",
       [t](Duration d) { t->length = d; });
  line.Runs(tolerate, t, &Tolerate);

  CLI::App& untolerate = line.Add(line.root(), "untolerate", kSteer, "End that now");
  const auto u =
      TolerationArguments(untolerate, "This field alone; else all that is tolerated of the object");
  line.Runs(untolerate, u, &Untolerate);
}

void AddUndelete(Line& line) {
  CLI::App& undelete =
      line.Add(line.root(), "undelete", kSteer, "Bring back objects that were deleted");
  const auto o = std::make_shared<UndeleteOptions>();
  Line::Name(undelete, o->application);
  undelete.add_option("OBJECT", o->objects, "As in ConfigMap/web; all where absent")
      ->type_name("KIND/NAME");
  Line::Cluster(undelete, o->cluster);
  CLI::Option* rollout =
      undelete
          .add_option("--rollout", o->rollout,
                      "Deleted by this one; without objects and --since the last that deleted "
                      "anything")
          ->check(CLI::PositiveNumber)
          ->type_name("NUMBER");
  undelete
      .add_option_function<std::string>(
          "--since", [o](const std::string& t) { o->since = *ParseDuration(t); },
          "Deleted at most so long ago, as in 30m, 2h")
      ->check(Reads(ParseDuration, ""))
      ->type_name("TIME")
      ->excludes(rollout);
  undelete.add_flag_callback(
      "--dry-run", [o] { o->dry_run = DryRun::kYes; }, "Show what would come back");
  undelete.add_option("--reason", o->reason, "Recorded in history; required");
  line.Runs(undelete, o, &Undelete);
}

}  // namespace

void AddHealing(Line& line) {
  Lists(line, "drift", "What differs in the clusters, and what became of it", &ShowDrift);
  Lists(line, "tolerations", "What is tolerated, and until when", &ListTolerations);
  Lists(line, "deleted", "Deleted objects that can be brought back", &ListDeleted);
  AddTolerations(line);
  AddUndelete(line);
}

}  // namespace swell::cli
