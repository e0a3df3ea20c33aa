#include "loadtest/terminal/acl.h"

#include <array>
#include <optional>

namespace drover::terminal {
namespace {

constexpr std::array<std::string_view, 5> kRights{"Add", "Delete", "Exec", "Get", "Replace"};

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Cuts the text up to the separator off the front.
std::string_view Next(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? "" : text.substr(end + 1);
  return Trimmed(part);
}

std::optional<Right> RightOf(std::string_view name) {
  for (size_t i = 0; i < kRights.size(); ++i) {
    if (kRights[i] == name) return static_cast<Right>(i);
  }
  return std::nullopt;
}

bool Names(std::string_view ids, std::string_view server_id) {
  while (!ids.empty()) {
    const std::string_view id = Next(ids, '+');
    if (id == "*" || (id == server_id && !id.empty())) return true;
  }
  return false;
}

}  // namespace

bool AclAllows(std::string_view acl, Right right, std::string_view server_id) {
  while (!acl.empty()) {
    std::string_view ids = Next(acl, '&');
    const std::string_view command = Next(ids, '=');
    if (RightOf(command) == right && Names(ids, server_id)) return true;
  }
  return false;
}

bool AclIsValid(std::string_view acl) {
  while (!acl.empty()) {
    std::string_view ids = Next(acl, '&');
    const std::string_view command = Next(ids, '=');
    if (!RightOf(command) || Trimmed(ids).empty()) return false;
  }
  return true;
}

}  // namespace drover::terminal
