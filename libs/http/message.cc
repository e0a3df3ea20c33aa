#include "libs/http/message.h"

#include <algorithm>
#include <utility>

#include "libs/http/parser.h"

namespace drover::http {

std::string_view Request::Find(std::string_view name) const {
  for (const Header& header : headers) {
    if (EqualsIgnoringCase(header.name, name)) return header.value;
  }
  return {};
}

void Response::Add(std::string_view name, std::string_view value) {
  headers.append(name).append(": ");
  std::copy_if(value.begin(), value.end(), std::back_inserter(headers),
               [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
  headers.append("\r\n");
}

Response Text(int status, std::string body) {
  Response response{.status = status, .content_type = "text/plain; charset=utf-8"};
  body.push_back('\n');
  response.body = std::move(body);
  return response;
}

std::string_view Reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace drover::http
