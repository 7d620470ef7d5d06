#include "renderer/gotemplate/template.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "renderer/gotemplate/testing.h"

namespace swell::gotemplate {
namespace {

using Args = std::span<const Any>;

std::shared_ptr<const FunctionMap> Functions() {
  auto functions = std::make_shared<FunctionMap>();
  RegisterBuiltins(*functions);
  functions->Add("include", {types::kString, types::kAny},
                 [](Context& context, Args args) -> Result<Any> {
                   return Any::String(TRY(context.ExecuteTemplate(args[0].as_string(), args[1])));
                 });
  functions->Add(
      "tpl", {types::kString, types::kAny}, [](Context& context, Args args) -> Result<Any> {
        return Any::String(TRY(context.ExecuteText("gotpl", args[0].as_string(), args[1])));
      });
  functions->Add("where", {}, [](Context& context, Args) -> Result<Any> {
    std::string out;
    for (const RunningTemplate* at = context.running(); at != nullptr; at = at->caller) {
      out += (out.empty() ? "" : "<") + std::string(at->name);
      if (at->data.is_string()) out += "(" + at->data.str() + ")";
    }
    return Any::String(out + " after '" + context.running()->written + "'");
  });
  functions->Add("fail", {types::kString}, [](Context&, Args args) -> Result<Any> {
    return Fail(InvalidArgument(args[0].str()));
  });
  return functions;
}

class Files {
 public:
  Files& Add(std::string_view name, std::string_view text) {
    Status parsed = set_.Parse(name, text);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().ToString());
    return *this;
  }
  std::string Run(std::string_view name, const Any& data = {}, SessionOptions options = {}) {
    Session session(options);
    Result<std::string> out = set_.Execute(name, data, session);
    return out ? *out : "ERR " + out.error().ToString();
  }
  TemplateSet& set() { return set_; }

 private:
  TemplateSet set_{Functions()};
};

TEST(TemplateSet, TheLastDefinitionWins) {
  Files files;
  files.Add("a", "{{ define `d` }}first{{ end }}").Add("b", "{{ define `d` }}second{{ end }}");
  files.Add("c", "{{ template `d` }}");
  EXPECT_EQ(files.Run("c"), "second");
}

TEST(TemplateSet, AnEmptyDefinitionDoesNotReplaceAFullOne) {
  Files files;
  files.Add("a", "{{ define `d` }}full{{ end }}")
      .Add("b", "{{ define `d` }} \n{{/* c */}}{{ end }}");
  files.Add("c", "{{ template `d` }}");
  EXPECT_EQ(files.Run("c"), "full");
}

TEST(TemplateSet, OneFileMayNotDefineANameTwice) {
  Files files;
  const Status parsed =
      files.set().Parse("a", "{{ define `d` }}1{{ end }}\n{{ define `d` }}2{{ end }}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message(),
            "template: a:2: template: multiple definition of template \"d\"");
}

TEST(TemplateSet, AFailedParseLeavesTheSetAsItWas) {
  Files files;
  files.Add("a", "old");
  EXPECT_FALSE(files.set().Parse("a", "{{ define `d` }}x{{ end }}{{ if }}"));
  EXPECT_EQ(files.Run("a"), "old");
  EXPECT_FALSE(files.set().Has("d"));
  EXPECT_EQ(files.set().Names(), std::vector<std::string>{"a"});
}

TEST(TemplateSet, ErrorsNameTheFileOfTheDefinition) {
  Files files;
  files.Add("lib", "\n{{ define `d` }}\n  {{ fail `no` }}{{ end }}");
  files.Add("main", "{{ include `d` . }}");
  EXPECT_EQ(files.Run("main"),
            "ERR template: main:1:3: executing \"main\" at <include `d` .>: error calling include: "
            "template: lib:3:5: executing \"d\" at <fail `no`>: error calling fail: no");
  EXPECT_EQ(files.Run("gone"),
            "ERR template: no template \"gone\" associated with template \"gotpl\"");
}

TEST(Tpl, SeesTheSetAndItsOwnDefinitionsAlone) {
  Files files;
  files.Add("lib", "{{ define `d` }}set{{ end }}{{ define `via` }}{{ include `d` . }}{{ end }}");
  // A definition in the text is seen by everything that runs inside, and gone afterwards.
  files.Add(
      "main",
      "{{ tpl `{{ define \"d\" }}own{{ end }}{{ include \"d\" . }} {{ include \"via\" . }}` . }}"
      " {{ include `via` . }}");
  EXPECT_EQ(files.Run("main"), "own own set");
  files.Add("leak", "{{ tpl `{{ define \"in\" }}x{{ end }}` . }}{{ include `in` . }}");
  EXPECT_EQ(files.Run("leak"),
            "ERR template: leak:1:44: executing \"leak\" at <include `in` .>: error calling "
            "include: template: no template \"in\" associated with template \"gotpl\"");
}

TEST(Tpl, NestsAndDoesNotSeeOuterVariables) {
  Files files;
  files.Add("nest", "{{ $v := 1 }}{{ tpl `{{ tpl . . }}` `deep` }}");
  EXPECT_EQ(files.Run("nest"), "deep");
  files.Add("var", "{{ $v := 1 }}{{ tpl `{{ $v }}` . }}");
  EXPECT_EQ(files.Run("var"),
            "ERR template: var:1:16: executing \"var\" at <tpl `{{ $v }}` .>: error calling tpl: "
            "cannot parse template \"{{ $v }}\": template: gotpl:1: undefined variable \"$v\"");
}

TEST(Context, TellsWhereTheCallStands) {
  Files files;
  files.Add("lib", "{{ define `d` }}{{ where }}{{ end }}");
  files.Add("other", "{{ where }}");
  const struct {
    const char *text, *where;
  } kCases[] = {
      {"a: {{ where }}", "a: f after 'a: '"},
      {"a: {{ template `d` }}", "a: d<f after 'a: '"},
      {"a: {{ include `d` `x` }}", "a: d(x)<f after ''"},
      {"{{ include `d` `x` }}, {{ where }}", "d(x)<f after '', f after 'd(x)<f after '', '"},
      {"{{ include `other` . }}", "other<f after ''"},
      {"{{ tpl `{{ where }}` `y` }}", "gotpl(y)<f after ''"},
      {"{{ tpl `{{ include \"d\" . }}` `y` }}", "d(y)<gotpl(y)<f after ''"},
  };
  for (const auto& c : kCases) {
    files.Add("f", c.text);
    EXPECT_EQ(files.Run("f"), c.where) << c.text;
  }
}

TEST(Session, MissingKeys) {
  Any data = Any::NewMap();
  data.as_map()->Set("map", Any::NewMap(types::kStringMap));
  Files files;
  files.Add("a", "{{ .x }}|{{ .map.x }}").Add("b", "{{ .x.y }}");
  EXPECT_EQ(files.Run("a", data), "<no value>|<no value>");
  EXPECT_EQ(files.Run("a", data, {.missing_key = MissingKey::kZero}), "<no value>|");
  EXPECT_EQ(files.Run("a", data, {.missing_key = MissingKey::kError}),
            "ERR template: a:1:3: executing \"a\" at <.x>: map has no entry for key \"x\"");
  EXPECT_EQ(files.Run("b", data), "<no value>");
  EXPECT_EQ(
      files.Run("b", data, {.missing_key = MissingKey::kZero}),
      "ERR template: b:1:5: executing \"b\" at <.x.y>: nil pointer evaluating interface {}.y");
}

TEST(TemplateSet, RunsFromManyThreads) {
  Files files;
  files.Add("t",
            "{{ range $i := 50 }}{{ printf `%03d-a rather long literal` $i }}{{ end }}"
            "{{ tpl `{{ . }}` .name }}");
  std::vector<std::string> outputs(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& output : outputs) {
      threads.emplace_back([&files, &output] {
        for (int i = 0; i < 20; ++i) {
          Any data = Any::NewMap();
          data.as_map()->Set("name", Any::String("a name that is not inline"));
          output = files.Run("t", data);
        }
      });
    }
  }
  for (const std::string& output : outputs) {
    EXPECT_EQ(output, outputs[0]);
    EXPECT_TRUE(output.ends_with("a name that is not inline")) << output;
  }
}

}  // namespace
}  // namespace swell::gotemplate
