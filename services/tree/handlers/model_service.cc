#include "services/tree/handlers/model_service.h"

#include <utility>

#include "libs/dmtree/ddf.h"
#include "libs/service/unary.h"
#include "services/tree/core/families.h"
#include "services/tree/core/profiles.h"
#include "services/tree/core/text.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {
namespace {

std::string Quoted(const ModelName& name) {
  return "\"" + Printable(name.manufacturer) + "\" \"" + Printable(name.model) + "\"";
}

Error NoDdf(const ModelName& name) { return NotFound("no DDF of " + Quoted(name)); }
Error NoProfile(const ModelName& name) { return NotFound("no profile of " + Quoted(name)); }

Result<void> CheckName(const ModelName& name) {
  if (name.manufacturer.empty() || name.model.empty()) {
    return InvalidArgument(
        "the document does not say of which manufacturer and model it is; say so beside it");
  }
  for (const std::string& text : {name.manufacturer, name.model}) {
    if (text.size() > kMaxFactOctets || !IsPlainText(text)) {
      return InvalidArgument(
          "manufacturer and model must be at most 128 octets of UTF-8 without control characters");
    }
  }
  return {};
}

v1::Ddf ToProto(const StoredDdf& stored) {
  v1::Ddf out;
  out.set_manufacturer(stored.name.manufacturer);
  out.set_model(stored.name.model);
  out.set_nodes(static_cast<uint32_t>(stored.nodes));
  SetTime(*out.mutable_imported_at(), stored.imported_at);
  return out;
}

}  // namespace

Task<v1::Ddf> ModelHandlers::Import(v1::ImportDdfRequest request, Deadline deadline) {
  Result<dmtree::Ddf> ddf = dmtree::DecodeDdf(request.document());
  if (!ddf) co_return InvalidArgument("the DDF: " + ddf.error().message);
  if (!request.manufacturer().empty()) ddf->manufacturer = request.manufacturer();
  if (!request.model().empty()) ddf->model = request.model();
  StoredDdf stored;
  stored.name = {ddf->manufacturer, ddf->model};
  DROVER_CO_TRY(CheckName(stored.name));
  stored.nodes = static_cast<int32_t>(ddf->Count());
  stored.imported_at = clock_();
  stored.document = dmtree::EncodeDdf(*ddf, dmtree::TndsForm::kWbxml);
  DROVER_CO_TRY(co_await models_.PutDdf(stored, deadline));
  co_return ToProto(stored);
}

Task<v1::ExportDdfResponse> ModelHandlers::Export(v1::ExportDdfRequest request, Deadline deadline) {
  const ModelName name{request.manufacturer(), request.model()};
  const std::vector<ModelName> names = {name};
  DROVER_CO_TRY(std::vector<StoredDdf> found, co_await models_.FindDdfs(names, true, deadline));
  if (found.empty()) co_return NoDdf(name);
  v1::ExportDdfResponse response;
  if (request.wbxml()) {
    response.set_document(std::move(found.front().document));
    co_return response;
  }
  DROVER_CO_TRY(const dmtree::Ddf ddf, dmtree::DecodeDdf(found.front().document));
  response.set_document(dmtree::EncodeDdf(ddf, dmtree::TndsForm::kXml));
  co_return response;
}

Task<v1::ListDdfsResponse> ModelHandlers::Ddfs(v1::ListDdfsRequest, Deadline deadline) {
  DROVER_CO_TRY(const std::vector<StoredDdf> found, co_await models_.ListDdfs(deadline));
  v1::ListDdfsResponse response;
  for (const StoredDdf& stored : found) *response.add_ddfs() = ToProto(stored);
  co_return response;
}

Task<v1::DeleteDdfResponse> ModelHandlers::RemoveDdf(v1::DeleteDdfRequest request,
                                                     Deadline deadline) {
  const ModelName name{request.manufacturer(), request.model()};
  DROVER_CO_TRY(const bool deleted, co_await models_.DeleteDdf(name, deadline));
  if (!deleted) co_return NoDdf(name);
  co_return v1::DeleteDdfResponse();
}

Task<v1::Profile> ModelHandlers::Set(v1::SetProfileRequest request, Deadline deadline) {
  v1::Profile& profile = *request.mutable_profile();
  DROVER_CO_TRY(CheckProfile(profile));
  const ModelName name{profile.manufacturer(), profile.model()};
  const std::string octets = profile.SerializeAsString();
  DROVER_CO_TRY(co_await models_.PutProfile(name, octets, deadline));
  accounts_.ForgetModel(name.manufacturer, name.model);
  co_return std::move(profile);
}

Task<v1::Profile> ModelHandlers::Get(v1::GetProfileRequest request, Deadline deadline) {
  const ModelName name{request.manufacturer(), request.model()};
  DROVER_CO_TRY(const std::optional<std::string> found,
                co_await models_.FindProfile(name, deadline));
  if (!found) co_return NoProfile(name);
  v1::Profile profile;
  profile.ParseFromString(*found);
  co_return profile;
}

Task<v1::ListProfilesResponse> ModelHandlers::Profiles(v1::ListProfilesRequest, Deadline deadline) {
  DROVER_CO_TRY(const std::vector<std::string> found, co_await models_.ListProfiles(deadline));
  v1::ListProfilesResponse response;
  for (const std::string& octets : found) response.add_profiles()->ParseFromString(octets);
  co_return response;
}

Task<v1::DeleteProfileResponse> ModelHandlers::Remove(v1::DeleteProfileRequest request,
                                                      Deadline deadline) {
  const ModelName name{request.manufacturer(), request.model()};
  DROVER_CO_TRY(const bool deleted, co_await models_.DeleteProfile(name, deadline));
  if (!deleted) co_return NoProfile(name);
  accounts_.ForgetModel(name.manufacturer, name.model);
  co_return v1::DeleteProfileResponse();
}

Task<v1::ListFamiliesResponse> ModelHandlers::KnownFamilies(v1::ListFamiliesRequest, Deadline) {
  v1::ListFamiliesResponse response;
  for (const Family& family : Families()) {
    v1::ListFamiliesResponse::Family& out = *response.add_families();
    out.set_name(std::string(family.name));
    out.set_description(std::string(family.description));
    family.apply(*out.mutable_traits());
  }
  co_return response;
}

grpc::ServerUnaryReactor* ModelHandlers::ImportDdf(grpc::CallbackServerContext* call,
                                                   const v1::ImportDdfRequest* request,
                                                   v1::Ddf* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::Import);
}

grpc::ServerUnaryReactor* ModelHandlers::ExportDdf(grpc::CallbackServerContext* call,
                                                   const v1::ExportDdfRequest* request,
                                                   v1::ExportDdfResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::Export);
}

grpc::ServerUnaryReactor* ModelHandlers::ListDdfs(grpc::CallbackServerContext* call,
                                                  const v1::ListDdfsRequest* request,
                                                  v1::ListDdfsResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::Ddfs);
}

grpc::ServerUnaryReactor* ModelHandlers::DeleteDdf(grpc::CallbackServerContext* call,
                                                   const v1::DeleteDdfRequest* request,
                                                   v1::DeleteDdfResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::RemoveDdf);
}

grpc::ServerUnaryReactor* ModelHandlers::SetProfile(grpc::CallbackServerContext* call,
                                                    const v1::SetProfileRequest* request,
                                                    v1::Profile* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::Set);
}

grpc::ServerUnaryReactor* ModelHandlers::GetProfile(grpc::CallbackServerContext* call,
                                                    const v1::GetProfileRequest* request,
                                                    v1::Profile* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::Get);
}

grpc::ServerUnaryReactor* ModelHandlers::ListProfiles(grpc::CallbackServerContext* call,
                                                      const v1::ListProfilesRequest* request,
                                                      v1::ListProfilesResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::Profiles);
}

grpc::ServerUnaryReactor* ModelHandlers::DeleteProfile(grpc::CallbackServerContext* call,
                                                       const v1::DeleteProfileRequest* request,
                                                       v1::DeleteProfileResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::Remove);
}

grpc::ServerUnaryReactor* ModelHandlers::ListFamilies(grpc::CallbackServerContext* call,
                                                      const v1::ListFamiliesRequest* request,
                                                      v1::ListFamiliesResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &ModelHandlers::KnownFamilies);
}

}  // namespace drover::tree
