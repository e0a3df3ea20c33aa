#include "services/push/handlers/addressed.h"

#include "libs/dmtree/device_id.h"
#include "services/push/core/job.h"

namespace drover::push {

Result<Addressed> Normalise(const v1::Address& address) {
  Addressed out;
  if (address.has_msisdn()) {
    DROVER_TRY(out.key, Msisdn(address.msisdn()));
  } else if (address.has_device_id()) {
    out.by = By::kDevice;
    DROVER_TRY(const DeviceId device, dmtree::NormaliseDeviceId(address.device_id()));
    out.key = device.value();
  } else if (address.has_imsi() && !address.imsi().empty()) {
    out.by = By::kImsi;
    out.key = address.imsi();
  } else {
    return InvalidArgument("an address: msisdn, device_id or imsi");
  }
  return out;
}

Task<std::vector<registration::Pairing>> FindAddressed(PgRegistrations& table,
                                                       const Addressed& address,
                                                       Deadline deadline) {
  const std::vector<std::string> keys(1, address.key);
  co_return co_await table.Find(address.by, keys, deadline);
}

}  // namespace drover::push
