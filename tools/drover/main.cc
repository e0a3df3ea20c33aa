#include <iostream>

#include <unistd.h>

#include "tools/drover/run.h"

int main(int argc, char** argv) {
  drover::cli::Console console{std::cin, std::cout, std::cerr};
  console.colour = isatty(STDOUT_FILENO) == 1;
  return drover::cli::Run({argv + 1, argv + argc}, console, drover::cli::ProcessEnvironment);
}
