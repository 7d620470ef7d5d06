#pragma once
// Where output goes, and how it may look there.

#include <string>
#include <string_view>

namespace swell::cli {

struct Terminal {
  bool interactive = false;  // a person's terminal: lines may be redrawn
  bool color = false;        // interactive, without NO_COLOR, and TERM is not "dumb"
  bool unicode = false;      // the locale is UTF-8
  int width = 0;             // columns; 0: no limit (a file or a pipe)
  int height = 0;            // rows; 0: no limit
};

// Looks at the file descriptor and the environment. Cheap enough to ask before each redraw.
Terminal DetectTerminal(int descriptor);

enum class Tone { kPlain, kGood, kBad, kWarn, kBusy, kDim, kBold };

// The text in the tone's colour; as it is where the terminal takes none.
std::string Paint(const Terminal& terminal, Tone tone, std::string_view text);

// The tone of a state's word: "Healthy" and "Synced" are good, "Failed" is bad, and so on.
Tone ToneOf(std::string_view word);

}  // namespace swell::cli
