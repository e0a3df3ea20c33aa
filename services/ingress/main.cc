#include "services/ingress/wiring.h"

int main(int argc, char** argv) {
  return drover::service::Run(drover::ingress::Definition(), argc, argv);
}
