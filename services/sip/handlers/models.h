// What holds for each model of gateway: its vendor profile and its target version.
//
// sip.models is read again every few seconds, and at once where it was changed here.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/gateway/profile.h"
#include "services/sip/adapters/pg_gateways.h"

namespace drover::gateways {

class Models {
 public:
  // profiles: built-in ones and those of the settings file; not empty.
  Models(asio::io_context& loop, PgGateways& table, std::vector<gateway::Profile> profiles);

  // Reads them; then again and again until Stop.
  Task<void> Load(Deadline deadline);
  Process Run();
  void Stop();

  const gateway::Profile& ProfileOf(const v1::Record& record) const;
  // What was set for its model, else for all of its vendor; nullptr: nothing.
  const v1::Model* ModelOf(const v1::Record& record) const;

  Task<v1::Model> Set(v1::Model model, Deadline deadline);
  Task<void> Delete(std::string vendor, std::string model, Deadline deadline);
  std::vector<v1::Model> All() const;

 private:
  PgGateways& table_;
  const std::vector<gateway::Profile> profiles_;
  std::map<std::pair<std::string, std::string>, v1::Model> models_;
  Timer timer_;
  bool stopping_ = false;
};

}  // namespace drover::gateways
