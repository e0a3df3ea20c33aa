#include "services/tree/handlers/tree_service.h"

#include <utility>

#include "libs/dmtree/device_id.h"
#include "libs/dmtree/loc_uri.h"
#include "libs/service/unary.h"
#include "services/tree/core/text.h"
#include "services/tree/core/uri.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {

Task<v1::GetSubtreeResponse> TreeHandlers::Get(v1::GetSubtreeRequest request, Deadline deadline) {
  DROVER_CO_TRY(const DeviceId device, dmtree::NormaliseDeviceId(request.device_id()));
  DROVER_CO_TRY(const dmtree::LocUri uri, dmtree::LocUri::Parse(request.uri()));
  DROVER_CO_TRY(CheckUri(uri.path()));
  DROVER_CO_TRY(std::vector<Node> nodes, co_await nodes_.Subtree(device, uri.path(), deadline));
  if (nodes.empty()) {
    const std::vector<std::string> ids = {device.value()};
    DROVER_CO_TRY(const std::vector<StoredDevice> found, co_await devices_.Find(ids, deadline));
    if (found.empty()) {
      co_return NotFound("no device \"" + Printable(device.value()) + "\" is enrolled");
    }
    co_return NotFound("the device has reported no node \"" + Printable(request.uri()) + "\"");
  }
  v1::GetSubtreeResponse response;
  for (Node& node : nodes) *response.add_nodes() = ToProto(std::move(node));
  co_return response;
}

grpc::ServerUnaryReactor* TreeHandlers::GetSubtree(grpc::CallbackServerContext* call,
                                                   const v1::GetSubtreeRequest* request,
                                                   v1::GetSubtreeResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &TreeHandlers::Get);
}

}  // namespace drover::tree
