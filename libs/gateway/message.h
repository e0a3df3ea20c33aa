// What a voice home gateway and the request server say to each other over HTTP, as values.
//
// register: a gateway tells that it is there. request: it asks for its work, by itself or because a
// NOTIFY told it to. response: the answer to both. result: what became of the work. A text that is
// empty is an element that is not there. How they look as XML: message_xml.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace drover::gateway {

enum class Protocol : uint8_t { kHttp, kHttps, kTftp, kFtp };
enum class Status : uint8_t { kSuccess, kBusy, kUnauthorized, kError };
enum class FileType : uint8_t { kVersion, kConfig, kCert, kLog };

std::string_view Name(Protocol protocol);              // "https"
std::string_view Name(Status status);                  // "unauthorized"
std::string_view Name(FileType type);                  // "version"
std::optional<Protocol> ProtocolOf(std::string_view);  // In any case of letters, as the two below.
std::optional<Status> StatusOf(std::string_view);
std::optional<FileType> FileTypeOf(std::string_view);

struct Header {
  std::string version = "2.0";  // Decimal: digits, perhaps a point and digits.
  std::string serial;           // The gateway's, 64 octets at most.
  std::string msgid;            // Of one message; a repeat has the same. 64 visible ASCII at most.
  bool operator==(const Header&) const = default;
};

// What a gateway tells of itself.
struct BasicInformation {
  std::string vendor;  // 64 octets at most, as the next.
  std::string model;
  std::string ip;              // An IPv4 or IPv6 literal.
  std::string sip_uri;         // sip: or sips:; told in register alone.
  std::string file_version;    // Of the firmware that runs; 64 octets at most.
  std::string file_name;       // 255 octets at most, no "/", no "..".
  std::string upgrade_server;  // host[:port] or a URI.
  std::optional<Protocol> protocol;
  std::optional<bool> in_call;  // Whether a call is going on: then it is not to be restarted.
  bool operator==(const BasicInformation&) const = default;
};

// Has a serial number, an address and a version; the rest may be missing.
struct Register {
  Header header;
  BasicInformation information;
  bool operator==(const Register&) const = default;
};

// May tell nothing at all: then what was registered counts. An empty HTTP body is such a request.
struct Request {
  Header header;
  BasicInformation information;
  bool operator==(const Request&) const = default;
};

struct File {
  FileType type = FileType::kVersion;
  std::string name;     // As BasicInformation::file_name; always there.
  std::string version;  // What the gateway runs once it has the file.
  std::optional<Protocol> download_method;
  std::string download_path;  // A URI or a path. Empty: the file server is agreed upon.
  std::optional<uint64_t> size_octets;
  std::string sha256;  // 64 lower-case hex digits.
  bool operator==(const File&) const = default;
};

struct Param {
  std::string name;
  std::string value;
  bool operator==(const Param&) const = default;
};

// A gateway takes the parameters first, then the files in their order, and reboots last. With a
// file of type version the reboot is a part of the installation. It does nothing unless the status
// is success.
struct Response {
  Header header;
  Status status = Status::kSuccess;
  std::optional<uint32_t> interval_seconds;     // To the next registration.
  std::optional<uint32_t> retry_after_seconds;  // With busy.
  std::optional<bool> reboot;
  std::string file_version;  // The version that the server expects, if no file names it.
  std::vector<Param> params;
  std::vector<File> files;
  bool operator==(const Response&) const = default;
};

// Whether there is anything to do for a gateway that gets it.
bool HasWork(const Response& response);

// What a gateway did about a response: the msgid is that of the response.
struct WorkResult {
  Header header;
  Status status = Status::kSuccess;
  std::string file_version;
  std::string file_name;
  std::string action;  // "reboot", "config", "upgrade" ..: 64 visible ASCII at most.
  std::optional<int32_t> code;
  std::string detail;  // 1024 octets at most.
  bool operator==(const WorkResult&) const = default;
};

using Message = std::variant<Register, Request, Response, WorkResult>;

}  // namespace drover::gateway
