#include "services/tree/handlers/exchange.h"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/dmtree/device_id.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {

Exchange::Exchange(asio::io_context& loop, LookupAccounts& lookups, ApplyReports& reports,
                   Accounts& accounts, Metrics& metrics)
    : loop_(loop), lookups_(lookups), reports_(reports), accounts_(accounts), metrics_(metrics) {}

void Exchange::Handle(v1::TreeRequest request, Deadline deadline, Respond respond) {
  switch (request.request_case()) {
    case v1::TreeRequest::kLookupAccount:
      return lookups_.Submit(std::move(*request.mutable_lookup_account()), deadline,
                             std::move(respond));
    case v1::TreeRequest::kApplyReport:
      return reports_.Submit(std::move(*request.mutable_apply_report()), deadline,
                             std::move(respond));
    case v1::TreeRequest::kEnrolUnknown: {
      Process enrol = Enrol(std::move(*request.mutable_enrol_unknown()->mutable_device()), deadline,
                            std::move(respond));
      asio::co_spawn(loop_.get_executor(), std::move(enrol), asio::detached);
      return;
    }
    case v1::TreeRequest::kPromoteCredentials: {
      Process promote =
          Promote(std::move(*request.mutable_promote_credentials()), deadline, std::move(respond));
      asio::co_spawn(loop_.get_executor(), std::move(promote), asio::detached);
      return;
    }
    case v1::TreeRequest::REQUEST_NOT_SET:
      break;
  }
  respond(FailureReply(InvalidArgument("a request of a kind that this release does not know")));
}

Process Exchange::Enrol(v1::NewDevice given, Deadline deadline, Respond respond) {
  Result<NewDevice> device = FromProto(given);
  Result<v1::Account> account = Internal("not asked");
  if (device) {
    account = co_await accounts_.EnrolUnknown(std::move(*device), deadline);
  } else {
    account = device.error();
  }
  const Code code = account ? Code::kOk : account.error().code;
  metrics_.Answered(Request::kEnrolUnknown, code);
  respond(account ? AccountReply(std::move(*account)) : FailureReply(account.error()));
}

Process Exchange::Promote(v1::PromoteCredentials request, Deadline deadline, Respond respond) {
  Result<DeviceId> device = dmtree::NormaliseDeviceId(request.device_id());
  Result<v1::Account> account = Internal("not asked");
  if (device) {
    const WhichSecrets which{request.client(), request.server()};
    account = co_await accounts_.Promote(std::move(*device), which, deadline);
  } else {
    account = device.error();
  }
  metrics_.Answered(Request::kPromoteCredentials, account ? Code::kOk : account.error().code);
  respond(account ? AccountReply(std::move(*account)) : FailureReply(account.error()));
}

}  // namespace drover::tree
