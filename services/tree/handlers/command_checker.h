// CheckCommands: what keeps terminals from carrying out commands, as far as it is known.
//
// The commands are looked at once for each model (its DDF) and once for each terminal (ACLs,
// limits): one question to the database for all terminals, however many commands.
#pragma once
#include <string>
#include <vector>

#include "services/tree/adapters/pg_devices.h"
#include "services/tree/adapters/pg_nodes.h"
#include "services/tree/core/command_check.h"
#include "services/tree/handlers/ddf_catalogue.h"

namespace drover::tree {

struct DeviceViolation {
  std::string device;
  size_t index = 0;  // Of the command.
  Violation violation;
};

class CommandChecker {
 public:
  // server_id: ours, as ACLs name it.
  CommandChecker(PgDevices& devices, PgNodes& nodes, PgModels& models, std::string server_id)
      : devices_(devices), nodes_(nodes), catalogue_(models), server_id_(std::move(server_id)) {}

  // By device, then command. Devices that are not enrolled have no violations.
  Task<std::vector<DeviceViolation>> Check(std::vector<std::string> devices,
                                           std::vector<CheckedCommand> commands, Deadline deadline);

 private:
  struct Model;
  struct Terminal;
  Task<std::vector<Terminal>> Learn(const std::vector<std::string>& devices,
                                    const std::vector<CheckedCommand>& commands, Deadline deadline);
  Task<std::map<ModelName, Model>> Judge(const std::vector<Terminal>& terminals,
                                         const std::vector<CheckedCommand>& commands,
                                         Deadline deadline);
  Task<void> CountSiblings(std::vector<Terminal>& terminals,
                           const std::map<ModelName, Model>& models,
                           const std::vector<CheckedCommand>& commands, Deadline deadline);

  PgDevices& devices_;
  PgNodes& nodes_;
  DdfCatalogue catalogue_;
  const std::string server_id_;
};

}  // namespace drover::tree
