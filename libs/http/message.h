// HTTP requests and responses as values. Spec: RFC 9110.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drover::http {

struct Header {
  std::string_view name;
  std::string_view value;  // Without white space around it.
};

// Views the connection's buffer: valid until its response is sent.
struct Request {
  std::string_view method;  // As sent; case-sensitive.
  std::string_view path;    // "/dm"; of an absolute URI, what follows the authority.
  std::string_view query;   // What follows '?'.
  int minor_version = 1;    // Of HTTP/1.
  std::vector<Header> headers;
  std::string_view body;
  bool secure = false;  // Came over TLS.
  // Common name of the client's certificate, if TlsConfig asks for one and it was verified.
  std::string_view client_name;

  // The first header of that name, in any case; empty if there is none.
  std::string_view Find(std::string_view name) const;
};

// Content-Length, Connection, Date and Server are the server's business.
struct Response {
  int status = 200;
  std::string_view content_type;  // A string that lives for ever; empty: no Content-Type.
  std::string headers;            // "Name: value\r\n" each; see Add.
  std::string body;
  // Instead of it: octets that many responses share and none copies. shared_owner keeps them.
  std::string_view shared_body;
  std::shared_ptr<const void> shared_owner;

  // Characters that would break the line are left out of the value.
  void Add(std::string_view name, std::string_view value);
};

// A short text/plain answer: the usual way to refuse.
Response Text(int status, std::string body);

// "Not Found"; empty for a code that this server does not use.
std::string_view Reason(int status);

}  // namespace drover::http
