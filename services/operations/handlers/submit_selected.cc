#include "services/operations/handlers/submit_selected.h"

#include <map>
#include <set>

namespace drover::operations {
namespace {

constexpr int kPage = 500;
constexpr std::chrono::seconds kPageTimeout{30};

// Under which a page is kept. The separator is in no key that people choose.
std::string PageKey(const std::string& key, int page) {
  return key.empty() ? "" : key + '\x1f' + std::to_string(page);
}

// As an operation of one terminal; it is checked like one.
v1::SubmitOperationsRequest Sample(const v1::SubmitSelectedRequest& request) {
  v1::SubmitOperationsRequest out;
  out.set_idempotency_key(request.idempotency_key());
  *out.add_operations() = request.operation();
  out.mutable_operations(0)->set_device_id("any");
  return out;
}

}  // namespace

struct SelectedSubmitter::Submission {
  v1::SubmitSelectedRequest request;
  std::string digest;
};

Task<void> SelectedSubmitter::Submit(v1::SubmitSelectedRequest request, const Tell& tell,
                                     Deadline deadline) {
  if (!request.operation().device_id().empty()) {
    co_return InvalidArgument("operation.device_id: the selector says which");
  }
  const v1::SubmitOperationsRequest sample = Sample(request);
  DROVER_CO_TRY(Validate(sample, submitter_.limits()));
  const Deadline first = std::min(deadline, In(kPageTimeout));
  DROVER_CO_TRY(co_await submitter_.CheckDependencies(sample, first));
  Submission submission{std::move(request), ""};
  submission.digest = DigestOf(submission.request);
  const std::string& key = submission.request.idempotency_key();
  std::string token;
  bool any = false;
  for (int i = 0;; ++i) {
    const Deadline until = std::min(deadline, In(kPageTimeout));
    const std::string page_key = PageKey(key, i);
    DROVER_CO_TRY(v1::SubmitProgress page, co_await Page(submission, page_key, token, until));
    any = any || page.operations_size() > 0 || page.skipped_size() > 0;
    token = page.next_page_token();
    const bool last = token.empty();
    if (last && !any) co_return NotFound("the selector finds no terminal");
    DROVER_CO_TRY(co_await tell(std::move(page)));
    if (last) co_return Result<void>();
  }
}

// The page as it was stored, now or before.
Task<v1::SubmitProgress> SelectedSubmitter::Page(const Submission& submission,
                                                 const std::string& key, const std::string& token,
                                                 Deadline deadline) {
  if (!key.empty()) {
    std::string known = key;
    std::string digest = submission.digest;
    DROVER_CO_TRY(std::optional<v1::SubmitProgress> stored,
                  co_await submitter_.StoredPage(std::move(known), std::move(digest), deadline));
    if (stored) co_return std::move(*stored);
  }
  tree::v1::ListDevicesRequest list;
  *list.mutable_selector() = submission.request.selector();
  list.set_page_size(kPage);
  list.set_page_token(token);
  DROVER_CO_TRY(const tree::v1::ListDevicesResponse devices,
                co_await devices_.List(std::move(list), deadline));
  v1::SubmitProgress page;
  page.set_next_page_token(devices.next_page_token());
  v1::SubmitOperationsRequest wanted;
  wanted.set_idempotency_key(key);
  KnownDevices known;
  for (const tree::v1::Device& device : devices.devices()) {
    if (device.status() != tree::v1::ENABLED) {
      v1::SubmitProgress::Skipped* skipped = page.add_skipped();
      skipped->set_device_id(device.id());
      skipped->set_reason("the device is disabled");
      continue;
    }
    v1::NewOperation* operation = wanted.add_operations();
    *operation = submission.request.operation();
    operation->set_device_id(device.id());
    known[device.id()] = {true, device.bearer()};
  }
  DROVER_CO_TRY(co_await SkipWhatCannot(&wanted, &page, deadline));
  std::string digest = submission.digest;
  co_return co_await submitter_.SubmitPage(std::move(wanted), std::move(known), std::move(digest),
                                           std::move(page), deadline);
}

Task<void> SelectedSubmitter::SkipWhatCannot(v1::SubmitOperationsRequest* wanted,
                                             v1::SubmitProgress* page, Deadline deadline) {
  DROVER_CO_TRY(const std::vector<Violation> violations,
                co_await submitter_.checker().Check(*wanted, deadline));
  std::set<int> refused;
  for (const Violation& violation : violations) {
    refused.insert(violation.operation);
    v1::SubmitProgress::Skipped* skipped = page->add_skipped();
    skipped->set_device_id(wanted->operations(violation.operation).device_id());
    skipped->set_reason("commands[" + std::to_string(violation.command) + "]: " + violation.node +
                        ": " + violation.reason);
  }
  for (auto place = refused.rbegin(); place != refused.rend(); ++place) {
    wanted->mutable_operations()->DeleteSubrange(*place, 1);
  }
  co_return Result<void>();
}

}  // namespace drover::operations
