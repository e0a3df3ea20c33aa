// The independent codec of SMPP 3.4, libsmpp34, behind types that hide its macros.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "libs/smpp/pdu.h"

namespace drover::smpp::testing {

struct Repacked {
  bool ok = false;
  std::string octets;
  std::string error;  // In libsmpp34's words.
};
// Reads a PDU into libsmpp34's structure of its command and writes that again.
Repacked RepackByLibsmpp34(std::string_view pdu);

// A submit_sm in libsmpp34's structure.
class Libsmpp34SubmitSm {
 public:
  Libsmpp34SubmitSm();
  ~Libsmpp34SubmitSm();
  Libsmpp34SubmitSm(const Libsmpp34SubmitSm&) = delete;

  // From our values, TLVs left out. status: 0.
  void Fill(uint32_t sequence, const SubmitSm& submit);
  // Into a buffer of its own; empty: it could not.
  std::string_view Pack();
  bool Unpack(std::string_view pdu);
  static std::string error();  // Of the last call, in libsmpp34's words.

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

}  // namespace drover::smpp::testing
