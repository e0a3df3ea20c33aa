// sip.gateways and sip.models.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/postgres/pool.h"
#include "services/sip/core/gateway.h"

namespace drover::gateways {

// A gateway as it should be from now on, if its row still has gateway.version.
struct Write {
  Gateway gateway;
  Telling telling;
};

class PgGateways {
 public:
  explicit PgGateways(postgres::Pool& pool) : pool_(pool) {}

  // Those that are there, in any order. A row that cannot be read is kDataLoss.
  Task<std::vector<Gateway>> Read(std::vector<std::string> ids, Deadline deadline);
  // In one transaction: those whose row is as it was read, with what they tell. Of each whether it
  // was written (its version is then one higher). The ids are distinct.
  Task<std::vector<bool>> Write(const std::vector<gateways::Write>& writes, Deadline deadline);
  // Those for which something is to be done by now: the longest due first. owner: of flows; rows of
  // other processes that were seen since `alive` are left to them. A row that cannot be read is
  // left out: whoever asks for that gateway is told.
  Task<std::vector<Gateway>> Due(TimePoint now, const std::string& owner, TimePoint alive, int most,
                                 Deadline deadline);
  // The one whose SIP side has this user name; nullopt: none, or more than one.
  Task<std::optional<Gateway>> FindBySipUser(const std::string& user, Deadline deadline);
  // This process is there.
  Task<void> Beat(const std::string& owner, TimePoint now, Deadline deadline);

  struct Filter {
    std::vector<int16_t> states;  // Empty: all.
    std::string vendor, model;
    std::string after;
    int most = 500;
  };
  Task<std::vector<Gateway>> List(const Filter& filter, Deadline deadline);
  // How many are in each state.
  Task<std::vector<std::pair<gateway::State, int64_t>>> Count(Deadline deadline);

  Task<std::vector<v1::Model>> Models(Deadline deadline);
  Task<void> SetModel(const v1::Model& model, Deadline deadline);
  Task<void> DeleteModel(const std::string& vendor, const std::string& model, Deadline deadline);

 private:
  postgres::Pool& pool_;
};

}  // namespace drover::gateways
