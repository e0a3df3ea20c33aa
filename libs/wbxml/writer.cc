#include "libs/wbxml/writer.h"

namespace drover::wbxml {

void Writer::Number(uint32_t number) {
  int shift = 28;
  while (shift > 0 && number >> shift == 0) shift -= 7;
  for (; shift > 0; shift -= 7) Octet(static_cast<uint8_t>(0x80 | (number >> shift & 0x7F)));
  Octet(static_cast<uint8_t>(number & 0x7F));
}

}  // namespace drover::wbxml
