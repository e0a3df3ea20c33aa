// What an SMSC said, in the scheduler's terms.
#pragma once
#include "libs/dispatch/effects.h"
#include "libs/smpp/receipt.h"
#include "libs/smpp/status_class.h"

namespace drover::push {

// Of a submit_sm_resp or data_sm_resp whose status is not ESME_ROK.
dispatch::RefusedBy Refusal(const smpp::StatusTable& statuses, smpp::CommandStatus status,
                            const smpp::Tlvs& tlvs);

// Of a receipt. network_error_code, else the text's err as a MAP number, says why it failed.
dispatch::Report ReportOf(const smpp::Receipt& receipt);

// Of a query_sm_resp whose status is ESME_ROK.
dispatch::Report ReportOf(const smpp::QuerySmResp& response);

}  // namespace drover::push
