#include "libs/http/parser.h"

#include <gtest/gtest.h>

namespace drover::http {
namespace {

constexpr std::string_view kGood =
    "POST http://dm.example:80/dm?sid=1 HTTP/1.1\r\nHost: dm.example\r\nContent-Length: 12\r\n"
    "content-type:\t application/vnd.syncml.dm+wbxml \r\n\r\n";

struct Parsed {
  Request request;
  Framing framing;
  std::optional<Refusal> refusal;
};
Parsed Parse(std::string_view head) {
  Parsed parsed;
  parsed.refusal = ParseHead(head, 8, parsed.request, parsed.framing);
  return parsed;
}
int Status(std::string_view head) {
  const Parsed parsed = Parse(head);
  return parsed.refusal ? parsed.refusal->status : 200;
}
std::string With(std::string_view header) {
  return "POST /dm HTTP/1.1\r\nHost: a\r\n" + std::string(header) + "\r\n\r\n";
}

TEST(ParseHead, ReadsTheRequestLineAndTheHeaders) {
  const Parsed parsed = Parse(kGood);
  ASSERT_FALSE(parsed.refusal) << parsed.refusal->cause;
  EXPECT_EQ(parsed.request.method, "POST");
  EXPECT_EQ(parsed.request.path, "/dm");
  EXPECT_EQ(parsed.request.query, "sid=1");
  EXPECT_EQ(parsed.request.Find("Content-Type"), "application/vnd.syncml.dm+wbxml");
  EXPECT_EQ(parsed.request.Find("nothing"), "");
  EXPECT_EQ(parsed.framing.content_length, 12u);
  EXPECT_TRUE(parsed.framing.keep_alive);
}

TEST(ParseHead, KnowsWhenAConnectionStaysOpen) {
  EXPECT_FALSE(Parse(With("Connection: Close")).framing.keep_alive);
  EXPECT_FALSE(Parse(With("Connection: te, close")).framing.keep_alive);
  EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n").framing.keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").framing.keep_alive);
}

TEST(ParseHead, RefusesWhatCouldSmuggleARequest) {
  EXPECT_EQ(Status(With("Content-Length: 1\r\nContent-Length: 2")), 400);
  EXPECT_EQ(Status(With("Content-Length: 1\r\nTransfer-Encoding: chunked")), 400);
  EXPECT_EQ(Status(With("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")), 400);
  EXPECT_EQ(Status(With("Transfer-Encoding: gzip, chunked")), 501);
  EXPECT_EQ(Status(With("Content-Length: +1")), 400);
  EXPECT_EQ(Status(With("Content-Length: 99999999999999999999")), 400);
  EXPECT_EQ(Status(With("Content-Length : 1")), 400);
  EXPECT_EQ(Status(With("A: b\r\n folded")), 400);
  EXPECT_EQ(Status(With("A: b\nB: c")), 400);
  EXPECT_EQ(Status(With(std::string_view("A: b\0c", 6))), 400);
  EXPECT_EQ(Status("POST /dm HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(ParseHead, RefusesMalformedRequestLines) {
  for (const char* line : {"", "GET", "GET /", "GET  HTTP/1.1", "G T / HTTP/1.1", "GET x HTTP/1.1",
                           "GET / HTTP/1", "GET / http/1.1", "GET / HTTP/1.x", "@ / HTTP/1.1"}) {
    EXPECT_EQ(Status(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  }
  EXPECT_EQ(Status("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
}

TEST(ParseHead, WantsOneHostAndNotTooManyHeaders) {
  EXPECT_EQ(Status("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(Status(With("Host: b")), 400);
  std::string many;
  for (int i = 0; i < 8; ++i) many += "\r\nX: y";
  EXPECT_EQ(Status(With("X: y" + many)), 431);
}

TEST(ParseHead, MeetsNoExpectationButContinue) {
  EXPECT_TRUE(Parse(With("Expect: 100-Continue")).framing.expects_continue);
  EXPECT_EQ(Status(With("Expect: tea")), 417);
}

struct Decoded {
  ChunkDecoder::State state = ChunkDecoder::State::kMore;
  std::string body;
  size_t used = 0;
};
// Feeds the input in pieces of the given size.
Decoded Decode(std::string_view input, size_t piece, size_t max = 100) {
  ChunkDecoder decoder;
  Decoded decoded;
  while (!input.empty() && decoded.state == ChunkDecoder::State::kMore) {
    size_t used = 0;
    decoded.state = decoder.Feed(input.substr(0, piece), max, decoded.body, used);
    decoded.used += used;
    input.remove_prefix(used);
  }
  return decoded;
}

TEST(ChunkDecoder, PutsChunksTogetherWhateverThePiecesTheyComeIn) {
  constexpr std::string_view kInput =
      "5;x=y\r\nhello\r\n1\r\n \r\n05\r\nworld\r\n0\r\nT: x\r\n\r\nGET";
  for (size_t piece = 1; piece <= kInput.size(); ++piece) {
    const Decoded decoded = Decode(kInput, piece);
    ASSERT_EQ(decoded.state, ChunkDecoder::State::kDone) << piece;
    EXPECT_EQ(decoded.body, "hello world");
    EXPECT_EQ(decoded.used, kInput.size() - 3);
  }
}

TEST(ChunkDecoder, StopsAtWhatIsMalformed) {
  for (const char* input : {"x\r\n", "\r\n", "5\nhello", "5\r\nhelloX", "5\r\nhello\rX",
                            "1111111111111111\r\n", "0\r\n\n", "0\r\n\rX", "5 \n"}) {
    EXPECT_EQ(Decode(input, 3).state, ChunkDecoder::State::kBad) << input;
  }
}

TEST(ChunkDecoder, StopsAtTheLimitOfBodyExtensionsAndTrailers) {
  EXPECT_EQ(Decode("5\r\nhello\r\n5\r\nworld\r\n", 99, 9).state, ChunkDecoder::State::kTooLarge);
  EXPECT_EQ(Decode("1;" + std::string(5000, 'x'), 99).state, ChunkDecoder::State::kBad);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 5000; ++i) trailers += "a\r\n";
  EXPECT_EQ(Decode(trailers, 99).state, ChunkDecoder::State::kBad);
}

}  // namespace
}  // namespace drover::http
