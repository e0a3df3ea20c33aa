// What "drover push send" sends: a text, an indication, a file, a notification, a bootstrap.
#pragma once
#include <string>

#include <CLI/CLI.hpp>

#include "drover/push/v1/push.pb.h"
#include "libs/base/result.h"
#include "tools/drover/commands/command.h"

namespace drover::cli {

struct PushContentOptions {
  std::string text, si, message, action, sl, file, content_type, application_id;
  bool notification = false;
  std::string ui_mode, initiator, dm_version;
  std::string bootstrap, server_address, server_name, profile = "cp", pin_file;
  bool network_pin = false, network_id_digits = false;

  void AddTo(CLI::App& command);
};

// kInvalidArgument: none of them, more than one, or what it says. to: as the command has it; the
// terminal whose account is taken from a file of several.
Result<void> SetContent(Invocation& invocation, const PushContentOptions& options,
                        const std::string& to, push::v1::SendPushRequest& request);

}  // namespace drover::cli
