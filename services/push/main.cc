#include "services/push/wiring.h"

int main(int argc, char** argv) {
  return drover::service::Run(drover::push::Definition(), argc, argv);
}
