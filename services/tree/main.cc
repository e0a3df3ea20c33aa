#include "services/tree/wiring.h"

int main(int argc, char** argv) {
  return drover::service::Run(drover::tree::Definition(), argc, argv);
}
