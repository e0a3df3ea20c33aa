// Receipts: the first octet says how many of text follow, the rest are TLVs. What is found lies
// inside, and a receipt that is written again says the same.
#include <algorithm>
#include <functional>
#include <string>

#include "libs/base/check.h"
#include "libs/smpp/message_id.h"
#include "libs/smpp/receipt.h"
#include "libs/smpp/time_text.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace drover::smpp;

bool Inside(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> not_after;
  return part.empty() || (not_after(whole.data(), part.data()) &&
                          not_after(part.data() + part.size(), whole.data() + whole.size()));
}

void CheckText(std::string_view text) {
  const Receipt receipt = ParseReceipt(text);
  for (const std::string_view part : {receipt.id, receipt.stat, receipt.err, receipt.text}) {
    DROVER_CHECK(Inside(part, text));
  }
  if (receipt.id.find(':') != std::string_view::npos) return;  // A key of its own may be in it.
  const std::string written = ReceiptText(receipt);
  const Receipt again = ParseReceipt(written);
  DROVER_CHECK(again.id == receipt.id);
  DROVER_CHECK(again.state == receipt.state);
}

void CheckIds(std::string_view id) {
  using enum IdMap;
  for (const IdMap map : {kExact, kHexRespDecDlr, kDecRespHexDlr, kStripZeros, kCasefold}) {
    const std::string key = IdKey(map, IdSource::kResponse, id);
    DROVER_CHECK(key.size() <= std::max<size_t>(id.size(), 20));
    DROVER_CHECK(map != kExact || key == id);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = View(data + 1, std::min<size_t>(size - 1, 4096));
  const std::string_view text = rest.substr(0, data[0]);
  const Tlvs tlvs(rest.substr(text.size()));
  CheckText(text);
  const Receipt receipt = ParseReceipt(text, tlvs);
  DROVER_CHECK(Inside(receipt.id, rest));
  CheckIds(receipt.id);
  CheckIds(text);
  const drover::TimePoint now{};
  const auto time = ParseTime(text.substr(0, 16), now);
  if (time) DROVER_CHECK(ParseTime(AbsoluteTime(*time), now).has_value());
  return 0;
}
