#pragma once
// Go's fmt state: flags of one verb and the value being printed. Internal to the room.

#include <span>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/value.h"

namespace swell::gotemplate {

struct FormatFlags {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool plus_v = false;
  bool sharp_v = false;
  bool has_width = false;
  bool has_precision = false;
  int width = 0;
  int precision = 0;
};

// Appends to `out`. The rules and the names are those of Go's fmt/print.go and fmt/format.go.
class Printer {
 public:
  Printer(std::string& out, Budget& budget) : out_(out), budget_(budget), start_(out.size()) {}

  // One operand under one verb.
  Status PrintArg(const Any& arg, char32_t verb);
  Status Printf(std::string_view format, std::span<const Any> args);
  // Charges the budget with what was printed.
  Status Finish() { return budget_.Allow(out_.size() - start_); }

 private:
  // printf.cc
  struct Directive;
  void ParseFlags(Directive& d);
  Status PrintDirective(Directive& d);
  Status PrintExtra(std::span<const Any> extra);
  void ArgNumber(Directive& d);
  void Width(Directive& d);
  void Precision(Directive& d);

  // printer.cc
  Status PrintValue(const Any& value, char32_t verb, int depth);
  Status PrintList(const List& list, char32_t verb, int depth);
  Status PrintMap(const Map& map, char32_t verb, int depth);
  Status PrintBytes(const Any& value, char32_t verb, int depth);
  Status PrintObject(const Any& value, char32_t verb, int depth);
  Status PrintComplex(const Any& value, char32_t verb, int depth);
  Status BadVerb(const Any& value, char32_t verb, int depth);
  Status CheckSize() const;

  // printer_scalar.cc; false: the verb does not fit
  bool PrintBool(bool value, char32_t verb);
  bool PrintInteger(std::uint64_t bits, bool is_signed, char32_t verb);
  bool PrintFloat(double value, char32_t verb);
  bool PrintString(std::string_view text, char32_t verb);
  void Integer(std::uint64_t bits, bool is_signed, unsigned base, char32_t verb);
  void Float(double value, char verb, int precision);
  void Unicode(std::uint64_t value);
  void Hex(std::string_view bytes, bool upper);
  void QuotedText(std::string_view text);
  void PlainText(std::string_view text);
  std::string_view Truncate(std::string_view text) const;
  void Pad(std::string_view text);
  void PadWith(int columns);

  std::string& out_;
  Budget& budget_;
  std::size_t start_;
  FormatFlags flags_;
};

}  // namespace swell::gotemplate
