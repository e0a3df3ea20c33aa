#include "services/operations/wiring.h"

int main(int argc, char** argv) {
  return drover::service::Run(drover::operations::Definition(), argc, argv);
}
