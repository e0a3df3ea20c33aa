#include "loadtest/client/http_head.h"

namespace drover::terminal {
namespace {

TEST(ParseUrl, TakesHostPortAndTargetApart) {
  const Result<Url> url = ParseUrl("http://127.0.0.1:8080/dm?sid=1");
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->target, "/dm?sid=1");
  EXPECT_EQ(ParseUrl("http://dm.example.com")->target, "/");
}

TEST(ParseUrl, KnowsThePortOfHttps) {
  const Result<Url> url = ParseUrl("https://dm.example.com/dm");
  ASSERT_TRUE(url) << url.error();
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(ParseUrl("https://dm.example.com:8443/dm")->port, 8443);
}

TEST(ParseUrl, RefusesWhatItCannotReach) {
  EXPECT_FALSE(ParseUrl("ftp://127.0.0.1/dm"));
  EXPECT_FALSE(ParseUrl("http://127.0.0.1:x/dm"));
  EXPECT_FALSE(ParseUrl("http:///dm"));
}

TEST(ParseResponseHead, WaitsForTheEmptyLine) {
  const auto head = ParseResponseHead("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
  ASSERT_TRUE(head) << head.error();
  EXPECT_FALSE(head->has_value());
}

TEST(ParseResponseHead, ReadsTheFieldsWhateverTheirCase) {
  const auto head = ParseResponseHead(
      "HTTP/1.1 503 Busy\r\ncontent-type: application/vnd.syncml.dm+xml\r\nContent-LENGTH: 3\r\n"
      "Retry-After: 7\r\nConnection: close\r\n\r\nabc");
  ASSERT_TRUE(head) << head.error();
  ASSERT_TRUE(head->has_value());
  EXPECT_EQ((*head)->status, 503);
  EXPECT_EQ((*head)->content_length, 3U);
  EXPECT_EQ((*head)->media_type, "application/vnd.syncml.dm+xml");
  EXPECT_EQ((*head)->retry_after_s, 7U);
  EXPECT_FALSE((*head)->keep_alive);
}

TEST(ParseResponseHead, RefusesAnAnswerWithoutContentLength) {
  EXPECT_FALSE(ParseResponseHead("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_FALSE(ParseResponseHead("SIP/2.0 200 OK\r\n\r\n"));
}

TEST(ParseResponseHead, ReadsTheMacAndLetsAnInterimAnswerBe) {
  const auto head = ParseResponseHead(
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Syncml-Hmac: algorithm=MD5, username=\"s\", "
      "mac=x==\r\n\r\n");
  ASSERT_TRUE(head) << head.error();
  EXPECT_EQ((*head)->mac_header, "algorithm=MD5, username=\"s\", mac=x==");
  const auto interim = ParseResponseHead("HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(interim) << interim.error();
  EXPECT_EQ((*interim)->status, 100);
}

TEST(PostHead, SaysWhatFollows) {
  EXPECT_EQ(PostHead({"h", 80, "/dm"}, {.media_type = "a/b", .content_length = 5}),
            "POST /dm HTTP/1.1\r\nHost: h:80\r\nContent-Type: a/b\r\nAccept: a/b\r\n"
            "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(PostHead({"h", 80, "/dm"}, {.content_length = 5, .lowercase_names = true}),
            "POST /dm HTTP/1.1\r\nhost: h:80\r\ncontent-length: 5\r\n\r\n");
}

TEST(PostHead, CarriesTheMacAndWhatAQuirkAsksFor) {
  EXPECT_EQ(PostHead({"h", 80, "/dm"}, {.media_type = {},
                                        .mac_header = "mac=x",
                                        .close_connection = true,
                                        .chunked = true,
                                        .expect_continue = true}),
            "POST /dm HTTP/1.1\r\nHost: h:80\r\nx-syncml-hmac: mac=x\r\nConnection: close\r\n"
            "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
}

}  // namespace
}  // namespace drover::terminal
