#include <algorithm>
#include <cctype>

#include "tools/drover/commands/command.h"
#include "tools/drover/operation_file.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

constexpr Column kDeviceColumns[] = {
    {"DEVICE", "/id"},
    {"STATUS", "/status"},
    {"MANUFACTURER", "/manufacturer"},
    {"MODEL", "/model"},
    {"FIRMWARE", "/firmware_version"},
    {"SEEN", "/seen_at"},
    {"SOFTWARE", "/software_version", true},
    {"HARDWARE", "/hardware_version", true},
    {"LANGUAGE", "/language", true},
    {"DM", "/dm_version", true},
    {"CLIENT-AUTH", "/client_scheme", true},
    {"SERVER-AUTH", "/server_scheme", true},
    {"ENROLLED", "/enrolled_at", true},
    {"BEARER", "/bearer", true},
};

constexpr Column kOperationColumns[] = {
    {"OPERATION", "/id"},
    {"DEVICE", "/device_id"},
    {"LABEL", "/label"},
    {"COMMANDS", "/commands"},
    {"STATE", "/state"},
    {"CREATED", "/created_at"},
    {"CAUSE", "/cause"},
    {"PRIORITY", "/priority", true},
    {"UNCERTAIN", "/uncertain", true},
    {"UPDATED", "/updated_at", true},
    {"EXPIRES", "/expires_at", true},
    {"ACTION", "/action", true},
};

constexpr uint32_t kPage = 500;

// Collects pages and prints them: line formats as they come, the rest at the end.
class Pager {
 public:
  // for_table: changes an item so that it fits into a table.
  Pager(Console& console, OutputFormat format, const View& view, int64_t limit,
        void (*for_table)(Json&))
      : console_(console), format_(format), view_(view), left_(limit), for_table_(for_table) {}

  uint32_t PageSize() const {
    return left_ > 0 ? static_cast<uint32_t>(std::min<int64_t>(left_, kPage)) : kPage;
  }

  // Whether another page is wanted.
  template <typename Items>
  bool Take(const Items& items) {
    for (const auto& item : items) {
      items_.push_back(ToJson(item));
      if (IsTable(format_)) for_table_(items_.back());
      if (left_ > 0 && --left_ == 0) return false;
    }
    const bool lines = format_ == OutputFormat::kNdjson || format_ == OutputFormat::kName;
    if (lines) Flush();
    return true;
  }
  void Flush() {
    PrintList(console_, format_, items_, view_);
    items_ = Json::array();
  }
  void Finish() {
    if (!items_.empty() || (format_ != OutputFormat::kNdjson && format_ != OutputFormat::kName)) {
      Flush();
    }
  }

 private:
  Console& console_;
  OutputFormat format_;
  const View& view_;
  int64_t left_;  // 0: no limit.
  void (*for_table_)(Json&);
  Json items_ = Json::array();
};

struct ListOptions {
  OutputOption output;
  int64_t limit = 0;
  std::vector<std::string> selectors;
  std::string device;
  std::string label;
  std::vector<std::string> states;

  void AddCommon(CLI::App& app) {
    output.AddTo(app);
    app.add_option("--limit", limit, "At most so many")->check(CLI::PositiveNumber);
  }
};

Result<ExitCode> GetDevices(Invocation& invocation, const ListOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  tree::v1::ListDevicesRequest request;
  for (const std::string& text : options.selectors) {
    DROVER_TRY(const auto selector, ParseSelector(text));
    request.mutable_selector()->insert(selector.begin(), selector.end());
  }
  Pager pager(invocation.console, format, kDeviceView, options.limit, [](Json&) {});
  do {
    request.set_page_size(static_cast<int32_t>(pager.PageSize()));
    DROVER_TRY(const tree::v1::ListDevicesResponse page, cluster->ListDevices(request));
    request.set_page_token(page.next_page_token());
    if (!pager.Take(page.devices())) break;
  } while (!request.page_token().empty());
  pager.Finish();
  return ExitCode::kOk;
}

Result<ExitCode> GetOperations(Invocation& invocation, const ListOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  operations::v1::ListOperationsRequest request;
  request.set_label(options.label);
  if (!options.device.empty()) {
    DROVER_TRY(*request.mutable_device_id(), DeviceArgument(options.device));
  }
  for (std::string name : options.states) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
    operations::v1::State state{};
    if (!operations::v1::State_Parse(name, &state)) {
      return InvalidArgument("--state " + name + " is none of an operation's states");
    }
    request.add_states(state);
  }
  Pager pager(invocation.console, format, kOperationView, options.limit, FitTable);
  do {
    request.set_page_size(static_cast<int32_t>(pager.PageSize()));
    DROVER_TRY(const operations::v1::ListOperationsResponse page, cluster->ListOperations(request));
    request.set_page_token(page.next_page_token());
    if (!pager.Take(page.operations())) break;
  } while (!request.page_token().empty());
  pager.Finish();
  return ExitCode::kOk;
}

}  // namespace

const View kDeviceView{.columns = kDeviceColumns};
const View kOperationView{.columns = kOperationColumns};

void AddGet(CLI::App& root, Invocation& invocation) {
  CLI::App* get = root.add_subcommand("get", "List devices or operations");
  get->require_subcommand(1);
  AddGetPush(*get, invocation);
  AddGetGateways(*get, invocation);

  CLI::App* devices = get->add_subcommand("devices", "List terminals");
  auto of_devices = std::make_shared<ListOptions>();
  of_devices->AddCommon(*devices);
  devices->add_option("-l,--selector", of_devices->selectors,
                      "manufacturer=..,model=..,firmware_version=..,status=..");
  devices->callback([&invocation, of_devices] {
    invocation.run = [&invocation, of_devices] { return GetDevices(invocation, *of_devices); };
  });

  CLI::App* operations = get->add_subcommand("operations", "List operations, newest first");
  auto of_operations = std::make_shared<ListOptions>();
  of_operations->AddCommon(*operations);
  operations->add_option("--device", of_operations->device, "Of this terminal");
  operations->add_option("--label", of_operations->label, "With this label");
  operations->add_option("--state", of_operations->states, "In this state; may be repeated")
      ->delimiter(',');
  operations->callback([&invocation, of_operations] {
    invocation.run = [&invocation, of_operations] {
      return GetOperations(invocation, *of_operations);
    };
  });
}

}  // namespace drover::cli
