// GatewayService: what people and tools ask and order.
#pragma once
#include "libs/dmauth/seal.h"
#include "services/sip/handlers/cycles.h"
#include "services/sip/handlers/models.h"
#include "services/sip/handlers/sender.h"
#include "services/sip/handlers/store.h"
#include "services/sip/handlers/triggers.h"

namespace drover::gateways {

class GatewayMethods {
 public:
  struct Ports {
    Store& store;
    PgGateways& table;
    Models& models;
    Triggers& triggers;
    Sender& sender;
    TreePort& tree;
    const dmauth::SealKeys& keys;
  };
  // call_host: of Call-IDs, as the sender has it.
  GatewayMethods(Ports ports, std::string call_host, Clock clock, RandomOctets random);

  // As the contract says (proto/drover/sip/v1/sip.proto).
  Task<v1::EnrolGatewaysResponse> Enrol(v1::EnrolGatewaysRequest request, Deadline deadline);
  Task<v1::Gateway> Get(v1::GetGatewayRequest request, Deadline deadline);
  Task<v1::ListGatewaysResponse> List(v1::ListGatewaysRequest request, Deadline deadline);
  Task<v1::Gateway> SetCredentials(v1::SetCredentialsRequest request, Deadline deadline);
  Task<v1::SendNotifyResponse> SendNotify(v1::SendNotifyRequest request, Deadline deadline);
  Task<v1::Gateway> Trigger(v1::TriggerGatewayRequest request, Deadline deadline);
  Task<v1::Model> SetModel(v1::SetModelRequest request, Deadline deadline);
  Task<v1::ListModelsResponse> ListModels(v1::ListModelsRequest request, Deadline deadline);
  Task<v1::DeleteModelResponse> DeleteModel(v1::DeleteModelRequest request, Deadline deadline);

 private:
  v1::Gateway Show(const Gateway& gateway, bool steps) const;
  Task<v1::EnrolGatewaysResponse> EnrolHere(const v1::EnrolGatewaysRequest& request,
                                            Deadline deadline);
  Result<void> SameSecrets(const Gateway& gateway, const v1::NewGateway& given) const;
  Gateway Made(const v1::NewGateway& given);
  Task<Gateway> Change(std::string id, Store::Decide decide, Deadline deadline);

  Ports ports_;
  const std::string call_host_;
  Clock clock_;
  RandomOctets random_;
};

}  // namespace drover::gateways
