// The head of an HTTP request, then the rest as a chunked body that comes in two pieces.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/check.h"
#include "libs/http/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using drover::http::ChunkDecoder;
  constexpr size_t kMaxBody = 4096;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find("\r\n\r\n");
  const size_t head = end == std::string_view::npos ? input.size() : end + 4;
  drover::http::Request request;
  drover::http::Framing framing;
  const auto refusal = drover::http::ParseHead(input.substr(0, head), 64, request, framing);
  if (refusal) DROVER_CHECK(refusal->status >= 400 && refusal->status < 600);

  const std::string_view body = input.substr(head);
  ChunkDecoder decoder;
  std::string decoded;
  size_t used = 0;
  const std::string_view first = body.substr(0, body.size() / 2);
  ChunkDecoder::State state = decoder.Feed(first, kMaxBody, decoded, used);
  DROVER_CHECK(used <= first.size());
  if (state == ChunkDecoder::State::kMore) {
    const std::string_view second = body.substr(body.size() / 2);
    state = decoder.Feed(second, kMaxBody, decoded, used);
    DROVER_CHECK(used <= second.size());
  }
  DROVER_CHECK(decoded.size() <= kMaxBody);
  return 0;
}
