// From operations to the one response that a gateway gets, and from its result back to operations.
//
// What a gateway can be told by commands (docs/sip.md, "Operations"):
//   REPLACE, ADD  ./Gateway/Config/<name>   a parameter
//   EXEC  ./Gateway/Files/<type>            a file; data: name or URL. version, config, cert, log
//   EXEC  ./Gateway/Reboot                  a restart
//   EXEC  ./Gateway/Response                data: a response prepared beforehand, octet for octet
//   REPLACE  ./FUMO/PkgName, ./FUMO/PkgVersion, ./FUMO/DownloadAndUpdate/PkgURL
//   EXEC  ./FUMO/DownloadAndUpdate          that package
//   GET                                     what the gateway has told of itself
// A gateway takes parameters first, then files in their order, and reboots last: operations whose
// commands would need another order go in responses of their own.
#pragma once
#include <string>
#include <vector>

#include "services/sip/core/gateway.h"

namespace drover::gateways {

inline constexpr char kConfigRoot[] = "./Gateway/Config/";
inline constexpr uint32_t kTakeAtOnce = 16;  // Operations a request.

// How a command travels. The numbers stand in the database (v1.Sent.ways).
enum class Way : uint8_t {
  kNone = 0,  // Done here: its result is known.
  kParam = 1,
  kFile = 2,
  kReboot = 3,
  kRead = 4,      // Answered from what is known of the gateway when the work ends.
  kPrepared = 5,  // All that its operation is.
};

struct PlanContext {
  std::string files_url;  // Of this server: "https://dm.example.com/gw/v1/file/"; where no path is
                          // agreed upon.
  gateway::Protocol protocol = gateway::Protocol::kHttps;  // Of files that name none.
  const gateway::Profile* profile = nullptr;
  std::string target_version;  // Of the model: a version file unless the gateway runs it.
  gateway::File target_file;
};

struct Planned {
  gateway::Response response;                            // Without header.
  std::string prepared;                                  // Instead of it, if not empty.
  std::vector<v1::Sent> sent;                            // What the response carries.
  std::vector<operations::v1::OperationReport> reports;  // What is over already, or has to wait.
  std::string version, file_name;  // What the gateway runs afterwards; empty: no version file.
  bool held_for_call = false;      // Something that reboots waits for the end of a call.

  bool gives_work() const { return !prepared.empty() || gateway::HasWork(response); }
};

// assignments: in the order in which they are to be carried out. Changes gateway.record.nodes.
Planned PlanResponse(std::vector<operations::v1::Assignment> assignments, Gateway& gateway,
                     const PlanContext& context);

// What became of the work of gateway.record.session. What is named by result.action (config,
// version, upgrade, file, reboot) failed; what goes before it was done, what follows was not. Busy:
// nothing was done, it comes back. Values of parameters that were set are appended to `set`.
std::vector<operations::v1::OperationReport> Conclude(const Gateway& gateway,
                                                      const gateway::WorkResult& result,
                                                      TimePoint now,
                                                      std::vector<gateway::Param>* set);
// No result came: what had effects comes back uncertain.
std::vector<operations::v1::OperationReport> Abandon(const Gateway& gateway);

// Whether a gateway that runs `version` and names `file_name` has done what the open session told
// it.
bool Runs(const v1::Session& session, const std::string& version, const std::string& file_name);

}  // namespace drover::gateways
