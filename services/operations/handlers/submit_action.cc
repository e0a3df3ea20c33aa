#include "services/operations/handlers/submit_action.h"

#include <algorithm>
#include <map>
#include <set>

#include <openssl/evp.h>

#include "libs/dmtree/device_id.h"
#include "libs/mo/objects.h"

namespace drover::operations {

// What is left of it to be planned shrinks: terminals that it cannot be done on leave, or end it.
struct ActionSubmitter::Work {
  v1::SubmitActionRequest request;
  std::string digest;
  std::vector<mo::Place> places;  // In the order of the request.
  std::vector<mo::Plan> plans;    // Beside them, once planned.
  KnownDevices known;             // What is there of them.
  v1::SubmitOperationsRequest wanted;
  std::vector<v1::SubmitActionResponse::Unfit> unfit;

  // Takes a terminal out, or refuses the whole request.
  Result<void> Leave(const std::string& device, const Error& why) {
    if (!request.skip_unfit()) return Error{why.code, device + ": " + why.message};
    v1::SubmitActionResponse::Unfit& one = unfit.emplace_back();
    one.set_device_id(device);
    one.set_reason(why.message);
    return {};
  }
};

namespace {

constexpr int kMaxOperations = 1000;

std::string DigestOf(v1::SubmitActionRequest request) {
  request.clear_idempotency_key();
  const std::string body = "action " + request.SerializeAsString();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  DROVER_CHECK(EVP_Digest(body.data(), body.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

Result<std::vector<mo::Place>> PlacesOf(const v1::SubmitActionRequest& request) {
  if (request.device_ids().empty() || request.device_ids_size() > kMaxOperations) {
    return InvalidArgument("device_ids: are not 1..1000");
  }
  std::vector<mo::Place> places;
  std::set<std::string> seen;
  for (int i = 0; i < request.device_ids_size(); ++i) {
    const Result<DeviceId> id = dmtree::NormaliseDeviceId(request.device_ids(i));
    const std::string field = "device_ids[" + std::to_string(i) + "]: ";
    if (!id) return InvalidArgument(field + id.error().message);
    if (!seen.insert(id->value()).second) return InvalidArgument(field + "is there twice");
    places.emplace_back().device_id = id->value();
  }
  return places;
}

v1::NewOperation BaseOf(const v1::SubmitActionRequest& request) {
  v1::NewOperation base;
  base.set_label(request.label());
  base.set_priority(request.priority());
  if (request.has_ttl()) *base.mutable_ttl() = request.ttl();
  if (request.has_not_before()) *base.mutable_not_before() = request.not_before();
  if (request.has_retry()) *base.mutable_retry() = request.retry();
  base.set_unchecked(request.unchecked());
  return base;
}

std::vector<std::string> IdsOf(const std::vector<mo::Place>& places) {
  std::vector<std::string> ids;
  for (const mo::Place& place : places) ids.push_back(place.device_id);
  return ids;
}

void AddRoots(const tree::v1::FindObjectsResponse& response, mo::Object object,
              std::vector<mo::Place>* places) {
  std::map<std::string_view, mo::Place*> by_id;
  for (mo::Place& place : *places) by_id[place.device_id] = &place;
  for (const auto& found : response.found()) {
    const auto place = by_id.find(found.device_id());
    if (place == by_id.end()) continue;
    std::vector<std::string>& roots = place->second->roots[object];
    for (const std::string& root : found.roots()) {
      if (std::ranges::find(roots, root) == roots.end()) roots.push_back(root);
    }
  }
}

// The nodes that have to be known of one terminal.
std::vector<std::string> ToRead(const v1::Action& action, const mo::Needs& needs,
                                const mo::Place& place) {
  std::vector<std::string> uris;
  if (!action.root().empty()) uris.push_back(action.root());
  for (const mo::Object object : needs.objects) {
    const auto roots = place.roots.find(object);
    const bool found = roots != place.roots.end() && !roots->second.empty();
    if (found) uris.insert(uris.end(), roots->second.begin(), roots->second.end());
    if (!found && action.usual_root()) uris.emplace_back(mo::InfoOf(object).usual_root);
    if (!found && object == mo::Object::kDmAcc) uris.emplace_back(mo::kDmAccBeforeDm12);
  }
  return uris;
}

// The plans of all terminals that are left, as one request.
void Join(const v1::SubmitActionRequest& request, const std::vector<mo::Place>& places,
          const std::vector<mo::Plan>& plans, v1::SubmitOperationsRequest* wanted) {
  wanted->Clear();
  wanted->set_idempotency_key(request.idempotency_key());
  const v1::NewOperation base = BaseOf(request);
  for (size_t i = 0; i < places.size(); ++i) {
    const auto first = static_cast<size_t>(wanted->operations_size());
    for (v1::NewOperation& operation :
         mo::OperationsOf(plans[i], request.action(), places[i], base, first)) {
      *wanted->add_operations() = std::move(operation);
    }
  }
}

v1::SubmitActionResponse Answer(const v1::SubmitProgress& page) {
  v1::SubmitActionResponse response;
  *response.mutable_operations() = page.operations();
  for (const auto& skipped : page.skipped()) {
    v1::SubmitActionResponse::Unfit& unfit = *response.add_unfit();
    unfit.set_device_id(skipped.device_id());
    unfit.set_reason(skipped.reason());
  }
  return response;
}

// What would be stored.
v1::SubmitActionResponse Preview(const v1::SubmitOperationsRequest& wanted) {
  v1::SubmitActionResponse response;
  for (const v1::NewOperation& each : wanted.operations()) {
    v1::Operation& operation = *response.add_operations();
    operation.set_device_id(each.device_id());
    operation.set_action(each.action());
    operation.set_label(each.label());
    operation.set_priority(each.priority());
    *operation.mutable_commands() = each.commands();
    *operation.mutable_depends_on() = each.depends_on();
  }
  return response;
}

}  // namespace

Task<v1::SubmitActionResponse> ActionSubmitter::Submit(v1::SubmitActionRequest request,
                                                       Deadline deadline) {
  Work work;
  work.request = std::move(request);
  DROVER_CO_TRY(work.places, PlacesOf(work.request));
  work.digest = DigestOf(work.request);
  if (!work.request.idempotency_key().empty()) {
    std::string key = work.request.idempotency_key();
    std::string digest = work.digest;
    DROVER_CO_TRY(const std::optional<v1::SubmitProgress> first,
                  co_await submitter_.StoredPage(std::move(key), std::move(digest), deadline));
    if (first) co_return Answer(*first);
  }
  DROVER_CO_TRY(co_await KeepThere(&work, deadline));
  DROVER_CO_TRY(co_await FindRoots(&work, deadline));
  DROVER_CO_TRY(co_await ReadTrees(&work, deadline));
  std::vector<mo::Place> fit;
  for (mo::Place& place : work.places) {
    Result<mo::Plan> plan = mo::PlanOf(work.request.action(), place);
    if (!plan) {
      DROVER_CO_TRY(work.Leave(place.device_id, plan.error()));
      continue;
    }
    work.plans.push_back(std::move(*plan));
    fit.push_back(std::move(place));
  }
  work.places = std::move(fit);
  DROVER_CO_TRY(co_await CheckTrees(&work, deadline));
  co_return co_await Store(&work, deadline);
}

// Terminals that are not enrolled, or disabled, leave.
Task<void> ActionSubmitter::KeepThere(Work* work, Deadline deadline) {
  std::vector<std::string> ids = IdsOf(work->places);
  DROVER_CO_TRY(work->known, co_await devices_.Find(std::move(ids), deadline));
  const KnownDevices& known = work->known;
  std::vector<mo::Place> there;
  for (mo::Place& place : work->places) {
    const auto found = known.find(place.device_id);
    if (found != known.end() && found->second.enabled) {
      there.push_back(std::move(place));
      continue;
    }
    const Error why = found == known.end() ? NotFound("no such device; enrol it first")
                                           : FailedPrecondition("the device is disabled");
    DROVER_CO_TRY(work->Leave(place.device_id, why));
  }
  work->places = std::move(there);
  co_return Result<void>();
}

Task<void> ActionSubmitter::FindRoots(Work* work, Deadline deadline) {
  const mo::Needs needs = mo::NeedsOf(work->request.action());
  for (const mo::Object object : needs.objects) {
    const mo::ObjectInfo& info = mo::InfoOf(object);
    for (const std::string_view identifier : info.identifiers) {
      if (work->places.empty()) co_return Result<void>();
      tree::v1::FindObjectsRequest find;
      for (const mo::Place& place : work->places) find.add_device_ids(place.device_id);
      find.set_identifier(std::string(identifier));
      DROVER_CO_TRY(const tree::v1::FindObjectsResponse response,
                    co_await trees_.FindObjects(std::move(find), deadline));
      AddRoots(response, object, &work->places);
    }
  }
  co_return Result<void>();
}

Task<void> ActionSubmitter::ReadTrees(Work* work, Deadline deadline) {
  const v1::Action& action = work->request.action();
  const mo::Needs needs = mo::NeedsOf(action);
  if (!needs.nodes) co_return Result<void>();
  for (mo::Place& place : work->places) {
    std::vector<std::string> uris = ToRead(action, needs, place);
    for (std::string& uri : uris) {
      DROVER_CO_TRY(co_await ReadSubtree(&place, std::move(uri), deadline));
    }
  }
  co_return Result<void>();
}

Task<void> ActionSubmitter::ReadSubtree(mo::Place* place, std::string root, Deadline deadline) {
  tree::v1::GetSubtreeRequest get;
  get.set_device_id(place->device_id);
  get.set_uri(std::move(root));
  DROVER_CO_TRY(tree::v1::GetSubtreeResponse response,
                co_await trees_.GetSubtree(std::move(get), deadline));
  for (tree::v1::Node& node : *response.mutable_nodes()) {
    if (node.only_acl()) continue;
    place->tree.Add(std::move(*node.mutable_uri()), node.format() == "node",
                    std::move(*node.mutable_value()));
  }
  co_return Result<void>();
}

// What models and ACLs forbid: a terminal with one such operation leaves with all of them.
Task<void> ActionSubmitter::CheckTrees(Work* work, Deadline deadline) {
  Join(work->request, work->places, work->plans, &work->wanted);
  if (work->wanted.operations().empty()) {
    co_return NotFound("it can be done on none of the terminals: " +
                       work->unfit.front().device_id() + ": " + work->unfit.front().reason());
  }
  if (work->wanted.operations_size() > kMaxOperations) {
    co_return ResourceExhausted("device_ids: the action takes " +
                                std::to_string(work->wanted.operations_size()) +
                                " operations; name fewer devices, at most 1000 go at once");
  }
  DROVER_CO_TRY(Validate(work->wanted, submitter_.limits()));
  DROVER_CO_TRY(const std::vector<Violation> violations,
                co_await submitter_.checker().Check(work->wanted, deadline));
  std::map<std::string, std::string> refused;
  for (const Violation& violation : violations) {
    const std::string& device = work->wanted.operations(violation.operation).device_id();
    refused.emplace(device, violation.node + ": " + violation.reason);
  }
  if (refused.empty()) co_return Result<void>();
  size_t kept = 0;
  for (size_t i = 0; i < work->places.size(); ++i) {
    const auto why = refused.find(work->places[i].device_id);
    if (why != refused.end()) {
      DROVER_CO_TRY(work->Leave(
          why->first, InvalidArgument(why->second + "; set unchecked to submit it anyway")));
      continue;
    }
    if (kept != i) {
      work->places[kept] = std::move(work->places[i]);
      work->plans[kept] = std::move(work->plans[i]);
    }
    ++kept;
  }
  work->places.resize(kept);
  work->plans.resize(kept);
  Join(work->request, work->places, work->plans, &work->wanted);
  if (!work->wanted.operations().empty()) co_return Result<void>();
  co_return InvalidArgument(work->unfit.front().device_id() + ": " + work->unfit.front().reason());
}

// Before the operations that write them are stored: whoever carries one out finds them.
Task<void> ActionSubmitter::PrepareSecrets(const Work* work, Deadline deadline) {
  const v1::Action& action = work->request.action();
  if (!mo::NeedsOf(action).rotation) co_return Result<void>();
  for (const mo::Place& place : work->places) {
    tree::v1::PrepareRotationRequest prepare;
    prepare.set_id(place.device_id);
    prepare.set_client(action.rotate_credentials().client());
    prepare.set_server(action.rotate_credentials().server());
    DROVER_CO_TRY(co_await trees_.PrepareRotation(std::move(prepare), deadline));
  }
  co_return Result<void>();
}

Task<v1::SubmitActionResponse> ActionSubmitter::Store(Work* work, Deadline deadline) {
  v1::SubmitActionResponse response;
  if (work->request.dry_run()) {
    response = Preview(work->wanted);
    response.mutable_unfit()->Assign(work->unfit.begin(), work->unfit.end());
    co_return response;
  }
  DROVER_CO_TRY(co_await PrepareSecrets(work, deadline));
  v1::SubmitProgress page;
  for (const auto& unfit : work->unfit) {
    v1::SubmitProgress::Skipped* const skipped = page.add_skipped();
    skipped->set_device_id(unfit.device_id());
    skipped->set_reason(unfit.reason());
  }
  std::string digest = work->digest;
  DROVER_CO_TRY(page,
                co_await submitter_.SubmitPage(std::move(work->wanted), std::move(work->known),
                                               std::move(digest), std::move(page), deadline));
  co_return Answer(page);
}

}  // namespace drover::operations
