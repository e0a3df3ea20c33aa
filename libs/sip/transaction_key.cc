#include "libs/sip/transaction_key.h"

#include <array>
#include <bit>
#include <cstring>

#include "libs/base/check.h"

namespace drover::sip {
namespace {

uint64_t LittleEndian(const char* octets) {
  uint64_t value = 0;
  std::memcpy(&value, octets, sizeof value);
  static_assert(std::endian::native == std::endian::little);
  return value;
}

}  // namespace

// SipHash-2-4-128 (Aumasson, Bernstein) of parts, each with its length behind it.
class TransactionKeys::Hash {
 public:
  Hash(uint64_t low, uint64_t high)
      : v0_(low ^ 0x736f6d6570736575),
        v1_(high ^ 0x646f72616e646f6d ^ 0xee),
        v2_(low ^ 0x6c7967656e657261),
        v3_(high ^ 0x7465646279746573) {}

  void Add(std::string_view part) {
    size_t at = 0;
    for (; at + 8 <= part.size(); at += 8) Word(LittleEndian(part.data() + at));
    std::array<char, 8> rest{};
    if (at < part.size()) std::memcpy(rest.data(), part.data() + at, part.size() - at);
    Word(LittleEndian(rest.data()));
    Word(part.size());
  }
  // Letters of either case alike.
  void AddIgnoringCase(std::string_view part) {
    std::array<char, 64> lower;
    for (size_t at = 0; at < part.size(); at += lower.size()) {
      const std::string_view piece = part.substr(at, lower.size());
      for (size_t i = 0; i < piece.size(); ++i) {
        const char c = piece[i];
        lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
      Add({lower.data(), piece.size()});
    }
    Word(part.size());
  }
  void Number(uint64_t number) { Word(number); }

  TransactionKey End() {
    v2_ ^= 0xee;
    Rounds(4);
    const uint64_t low = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    Rounds(4);
    return {low, v0_ ^ v1_ ^ v2_ ^ v3_};
  }

 private:
  void Word(uint64_t word) {
    v3_ ^= word;
    Rounds(2);
    v0_ ^= word;
  }
  void Rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  uint64_t v0_, v1_, v2_, v3_;
};

TransactionKeys::TransactionKeys(std::string_view random) {
  DROVER_CHECK(random.size() >= 16);
  secret_low_ = LittleEndian(random.data());
  secret_high_ = LittleEndian(random.data() + 8);
}

TransactionKey TransactionKeys::OfClient(std::string_view branch, const HostPort& sent_by,
                                         std::string_view method) const {
  Hash hash(secret_low_, secret_high_);
  hash.AddIgnoringCase(branch.substr(0, kBranchCookie.size()));
  hash.Add(branch.size() > kBranchCookie.size() ? branch.substr(kBranchCookie.size()) : "");
  hash.AddIgnoringCase(sent_by.host);
  hash.Number(sent_by.port);
  hash.Add(method);
  return hash.End();
}

TransactionKey TransactionKeys::OfResponse(const Message& response) const {
  const Via& via = response.top_via();
  return OfClient(via.branch, via.sent_by, response.cseq().method_name);
}

TransactionKey TransactionKeys::OfRequest(const Message& request) const {
  const std::string_view method =
      request.method() == Method::kAck ? Name(Method::kInvite) : request.method_name();
  const Via& via = request.top_via();
  if (via.has_rfc3261_branch()) return OfClient(via.branch, via.sent_by, method);
  Hash hash(secret_low_, secret_high_);
  hash.Add(request.request_uri());
  hash.Add(request.method() == Method::kAck ? "" : request.to_tag());
  hash.Add(request.from_tag());
  hash.Add(request.call_id());
  hash.Number(request.cseq().number);
  hash.Add(method);
  hash.Add(via.text);
  return hash.End();
}

}  // namespace drover::sip
