// What tells one transaction from another, as 16 octets.
//
// A keyed hash (SipHash-2-4 of 128 bits) of the fields that RFC 3261 compares, so that nobody who
// does not know the secret can make two transactions meet, and nothing of a message needs to be
// kept to recognise the next one.
// Spec: RFC 3261, sections 17.1.3 and 17.2.3.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "libs/sip/message.h"

namespace drover::sip {

struct TransactionKey {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const TransactionKey&) const = default;
};

class TransactionKeys {
 public:
  // random: at least 16 octets that nobody else knows.
  explicit TransactionKeys(std::string_view random);

  // Of a client transaction: the branch, sent-by and method of a request that we sent, or of a
  // response to it (its topmost Via and CSeq). sent-by and the cookie in any case.
  TransactionKey OfClient(std::string_view branch, const HostPort& sent_by,
                          std::string_view method) const;
  TransactionKey OfResponse(const Message& response) const;

  // Of a server transaction. ACK has that of its INVITE. Without the cookie in the branch: by
  // Request-URI, To tag, From tag, Call-ID, CSeq and topmost Via.
  TransactionKey OfRequest(const Message& request) const;

 private:
  class Hash;
  uint64_t secret_low_ = 0;
  uint64_t secret_high_ = 0;
};

}  // namespace drover::sip
