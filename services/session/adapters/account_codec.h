// tree's Account (proto/drover/tree/v1) as the session knows it, sealed or not.
#pragma once
#include <optional>
#include <string_view>

#include "drover/tree/v1/tree.pb.h"
#include "libs/base/ids.h"
#include "libs/dmauth/seal.h"
#include "services/session/core/model.h"

namespace drover::session {

Account FromProto(tree::v1::Account&& proto);  // Moves from it.
Traits FromProto(const tree::v1::Traits& proto);
// The value of drover:tree:account:{<device>}. nullopt: sealed with a key that is not here, or
// damaged; then tree is asked.
std::optional<Account> OpenAccount(std::string_view sealed, const DeviceId& device,
                                   const dmauth::SealKeys& keys);

}  // namespace drover::session
