#include "services/sip/wiring.h"

int main(int argc, char** argv) {
  return drover::service::Run(drover::gateways::Definition(), argc, argv);
}
