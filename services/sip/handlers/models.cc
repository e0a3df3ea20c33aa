#include "services/sip/handlers/models.h"

#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"

namespace drover::gateways {
namespace {

constexpr std::chrono::seconds kEvery{5};
constexpr std::chrono::seconds kTimeout{5};
constexpr size_t kMostText = 64;
constexpr size_t kMostPath = 1024;

bool IsSha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<void> Check(const v1::Model& model, const std::vector<gateway::Profile>& profiles) {
  if (model.vendor().empty() || model.vendor().size() > kMostText) {
    return InvalidArgument("vendor: 1 to 64 octets");
  }
  if (model.model().size() > kMostText) return InvalidArgument("model: at most 64 octets");
  if (!model.profile().empty() && gateway::FindProfile(profiles, model.profile()) == nullptr) {
    std::string names;
    for (const gateway::Profile& profile : profiles) {
      names.append(names.empty() ? "" : ", ").append(profile.name);
    }
    return InvalidArgument("profile: there is none of that name; there are " + names);
  }
  if (model.target_version().size() > kMostText) {
    return InvalidArgument("target_version: at most 64 octets");
  }
  const bool file = !model.target_version().empty();
  if (file && (model.file_name().empty() || model.file_name().find('/') != std::string::npos ||
               model.file_name().find("..") != std::string::npos)) {
    return InvalidArgument("file_name: a target version needs it, without / and ..");
  }
  if (model.download_path().size() > kMostPath) return InvalidArgument("download_path: too long");
  if (!model.download_method().empty() && !gateway::ProtocolOf(model.download_method())) {
    return InvalidArgument("download_method: http, https, tftp or ftp");
  }
  if (!model.sha256().empty() && !IsSha256(model.sha256())) {
    return InvalidArgument("sha256: 64 hexadecimal digits, lower case");
  }
  return {};
}

}  // namespace

Models::Models(asio::io_context& loop, PgGateways& table, std::vector<gateway::Profile> profiles)
    : table_(table), profiles_(std::move(profiles)), timer_(loop.get_executor()) {}

Task<void> Models::Load(Deadline deadline) {
  DROVER_CO_TRY(const std::vector<v1::Model> all, co_await table_.Models(deadline));
  models_.clear();
  for (const v1::Model& model : all) models_[{model.vendor(), model.model()}] = model;
  co_return Result<void>();
}

Process Models::Run() {
  while (!stopping_) {
    const Deadline deadline = In(kTimeout);
    const Result<void> loaded = co_await Load(deadline);
    if (!loaded) {
      service::Log(service::Level::kWarn, "sip.models_not_read",
                   "models were not read again; what was read before holds",
                   {{"cause", loaded.error().message}});
    }
    if (stopping_) break;
    timer_.expires_after(kEvery);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void Models::Stop() {
  stopping_ = true;
  timer_.cancel();
}

const v1::Model* Models::ModelOf(const v1::Record& record) const {
  auto found = models_.find({record.vendor(), record.model()});
  if (found == models_.end()) found = models_.find({record.vendor(), std::string()});
  return found == models_.end() ? nullptr : &found->second;
}

const gateway::Profile& Models::ProfileOf(const v1::Record& record) const {
  const v1::Model* const model = ModelOf(record);
  if (model != nullptr && !model->profile().empty()) {
    const gateway::Profile* const named = gateway::FindProfile(profiles_, model->profile());
    if (named != nullptr) return *named;
  }
  return gateway::Select(profiles_, {record.user_agent(), record.vendor(), record.model()});
}

Task<v1::Model> Models::Set(v1::Model model, Deadline deadline) {
  DROVER_CO_TRY(Check(model, profiles_));
  DROVER_CO_TRY(co_await table_.SetModel(model, deadline));
  models_[{model.vendor(), model.model()}] = model;
  co_return model;
}

Task<void> Models::Delete(std::string vendor, std::string model, Deadline deadline) {
  DROVER_CO_TRY(co_await table_.DeleteModel(vendor, model, deadline));
  models_.erase({vendor, model});
  co_return Result<void>();
}

std::vector<v1::Model> Models::All() const {
  std::vector<v1::Model> out;
  for (const auto& [key, model] : models_) out.push_back(model);
  return out;
}

}  // namespace drover::gateways
