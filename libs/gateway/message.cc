#include "libs/gateway/message.h"

#include "libs/gateway/words.h"

namespace drover::gateway {
namespace {

constexpr std::string_view kProtocols[] = {"http", "https", "tftp", "ftp"};
constexpr std::string_view kStatuses[] = {"success", "busy", "unauthorized", "error"};
constexpr std::string_view kFileTypes[] = {"version", "config", "cert", "log"};

}  // namespace

std::string_view Name(Protocol protocol) { return WordOf(kProtocols, protocol); }
std::string_view Name(Status status) { return WordOf(kStatuses, status); }
std::string_view Name(FileType type) { return WordOf(kFileTypes, type); }
std::optional<Protocol> ProtocolOf(std::string_view text) {
  return ValueOf<Protocol>(kProtocols, text);
}
std::optional<Status> StatusOf(std::string_view text) { return ValueOf<Status>(kStatuses, text); }
std::optional<FileType> FileTypeOf(std::string_view text) {
  return ValueOf<FileType>(kFileTypes, text);
}

bool HasWork(const Response& response) {
  return response.status == Status::kSuccess &&
         (response.reboot.value_or(false) || !response.params.empty() || !response.files.empty());
}

}  // namespace drover::gateway
