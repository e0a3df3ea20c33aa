#include "services/session/wiring.h"

int main(int argc, char** argv) {
  return drover::service::Run(drover::session::Definition(), argc, argv);
}
