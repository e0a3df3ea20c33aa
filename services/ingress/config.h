// The flags of drover-ingress, as values.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "libs/http/server.h"
#include "libs/service/service.h"
#include "services/ingress/core/admission.h"
#include "services/ingress/core/reception.h"

namespace drover::ingress {

struct Config {
  std::string http_listen;   // Empty: none.
  std::string https_listen;  // Empty: none.
  http::TlsConfig tls;
  http::Limits limits;
  Paths paths;
  std::vector<std::string> session_targets;
  std::string session_token;
  std::chrono::milliseconds session_timeout{};
  Admission::Config admission;
  std::chrono::milliseconds drain_timeout{};

  static std::vector<service::Flag> AllFlags();
  // What no single flag can tell: a line an error.
  static std::vector<std::string> Check(const service::Flags& flags);
  static Config From(const service::Flags& flags);
};

}  // namespace drover::ingress
