#include "libs/syncml/message_reader.h"

namespace drover::syncml {
namespace {

bool IsBase64Character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

}  // namespace

bool IsBase64Text(std::string_view octets) {
  if (octets.empty() || octets.size() % 4 != 0) return false;
  size_t length = octets.size();
  if (octets[length - 1] == '=') --length;
  if (octets[length - 1] == '=') --length;
  for (size_t i = 0; i < length; ++i) {
    if (!IsBase64Character(octets[i])) return false;
  }
  return true;
}

Version VersionOfVerDtd(std::string_view ver_dtd) {
  if (ver_dtd == "1.0") return Version::k10;
  if (ver_dtd == "1.1") return Version::k11;
  return Version::k12;
}

}  // namespace drover::syncml
