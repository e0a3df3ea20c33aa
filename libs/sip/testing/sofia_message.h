// The parser and the writer of Sofia-SIP, to measure beside ours and to judge what we write.
#pragma once
#include <string>
#include <string_view>

namespace drover::sip::testing {

// What Sofia made of a message; empty fields where there was none.
struct SofiaReading {
  bool taken = false;  // Parsed without an error in a mandatory field.
  int status = 0;      // Of a response.
  std::string method;
  std::string event;
  std::string call_id;
  unsigned long cseq = 0;
};
SofiaReading SofiaRead(std::string_view octets);

// The same without copying anything out: whether it was taken.
bool SofiaParses(std::string_view octets);

// A NOTIFY of these fields, made of strings, completed and written out. Octets written.
struct SofiaNotify {
  const char* request_line;  // "NOTIFY sip:a@h SIP/2.0"
  const char* via;
  const char* to;
  const char* from;
  const char* call_id;
  const char* cseq;
  const char* contact;
  const char* event;
  const char* subscription_state;
};
size_t SofiaBuild(const SofiaNotify& notify, std::string& out);

}  // namespace drover::sip::testing
