// swell-sandbox: simulated Kubernetes clusters for trying Swell, for tests and scale figures.

#include <string>
#include <vector>

#include "server/sandbox/fleet.h"

int main(int argc, char** argv) {
  return swell::sandbox::RunProgram(std::vector<std::string>(argv + 1, argv + argc));
}
