// drover push, drover registration, and what "get" lists of them.
#include <thread>

#include "tools/drover/commands/command.h"
#include "tools/drover/commands/push_content.h"
#include "tools/drover/duration.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = push::v1;

constexpr Column kPushColumns[] = {
    {"PUSH", "/push_id"},
    {"TO", "/msisdn"},
    {"STATE", "/state"},
    {"CODE", "/code"},
    {"SEGMENTS", "/segments"},
    {"DELIVERED", "/delivered_segments"},
    {"ACCEPTED", "/accepted_at"},
    {"CAUSE", "/cause"},
    {"DEVICE", "/device_id", true},
    {"ACCOUNT", "/account", true},
    {"ENDED", "/ended_at", true},
};
const View kPushView{.name_pointer = "/push_id", .columns = kPushColumns};

constexpr Column kRegistrationColumns[] = {
    {"DEVICE", "/device_id"},
    {"MSISDN", "/msisdn"},
    {"IMSI", "/imsi"},
    {"MANUFACTURER", "/manufacturer"},
    {"MODEL", "/model"},
    {"SOFTWARE", "/software_version"},
    {"SOURCE", "/source"},
    {"AT", "/at"},
    {"FIRST", "/first_at", true},
};
const View kRegistrationView{.name_pointer = "/device_id", .columns = kRegistrationColumns};

constexpr Column kBindColumns[] = {
    {"BIND", "/name"},
    {"STATE", "/state"},
    {"OUTSTANDING", "/outstanding"},
    {"WINDOW", "/window"},
    {"SINCE", "/since"},
    {"CAUSE", "/cause"},
    {"RATE", "/segments_per_second", true},
};
const View kBindView{.name_pointer = "/name", .columns = kBindColumns};

// "IMEI:..", "imsi:460..", or a number.
v1::Address AddressOf(const std::string& text) {
  v1::Address address;
  constexpr std::string_view kImsi = "imsi:";
  if (text.starts_with(kImsi)) {
    address.set_imsi(text.substr(kImsi.size()));
  } else if (text.find(':') != std::string::npos) {
    address.set_device_id(text);
  } else {
    address.set_msisdn(text);
  }
  return address;
}

google::protobuf::Timestamp After(std::chrono::milliseconds time) {
  const auto at = std::chrono::system_clock::now() + time;
  google::protobuf::Timestamp out;
  out.set_seconds(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  return out;
}

struct SendOptions {
  std::string to;
  PushContentOptions content;
  std::string push_id, ttl, after, smsc, priority = "medium";
  bool wait = false;
  std::string timeout = "10m";
  OutputOption output;
};

Result<v1::SendPushRequest> RequestOf(Invocation& invocation, const SendOptions& options) {
  v1::SendPushRequest request;
  *request.mutable_to() = AddressOf(options.to);
  request.set_push_id(options.push_id);
  request.set_smsc(options.smsc);
  if (options.priority == "low") {
    request.set_priority(v1::LOW);
  } else if (options.priority == "high") {
    request.set_priority(v1::HIGH);
  } else if (options.priority != "medium") {
    return InvalidArgument("--priority: low, medium or high");
  }
  if (!options.ttl.empty()) {
    DROVER_TRY(const auto ttl, ParseDuration(options.ttl));
    *request.mutable_deliver_before() = After(ttl);
  }
  if (!options.after.empty()) {
    DROVER_TRY(const auto after, ParseDuration(options.after));
    *request.mutable_deliver_after() = After(after);
  }
  DROVER_TRY(SetContent(invocation, options.content, options.to, request));
  return request;
}

Result<ExitCode> Show(Invocation& invocation, OutputFormat format, const v1::Push& push) {
  PrintObject(invocation.console, format, ToJson(push), kPushView);
  const bool failed = push.state() != v1::PENDING && push.state() != v1::DELIVERED;
  return failed ? ExitCode::kFailure : ExitCode::kOk;
}

Result<ExitCode> Send(Invocation& invocation, const SendOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const v1::SendPushRequest request, RequestOf(invocation, options));
  DROVER_TRY(const auto timeout, ParseDuration(options.timeout));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(v1::Push push, cluster->SendPush(request));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  constexpr std::chrono::milliseconds kLook{200};
  while (options.wait && push.state() == v1::PENDING) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return DeadlineExceeded("the push has not ended: drover push status " + push.push_id());
    }
    std::this_thread::sleep_for(kLook);
    DROVER_TRY(push, cluster->GetPush(push.push_id()));
  }
  return Show(invocation, format, push);
}

struct OneOptions {
  std::string id;
  OutputOption output;
};

Result<ExitCode> Status(Invocation& invocation, const OneOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Push push, cluster->GetPush(options.id));
  PrintObject(invocation.console, format, ToJson(push), kPushView);
  return ExitCode::kOk;
}

Result<ExitCode> Cancel(Invocation& invocation, const OneOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Push push, cluster->CancelPush(options.id));
  PrintObject(invocation.console, format, ToJson(push), kPushView);
  invocation.console.Note("asked for; what was delivered stays so (drover push status)");
  return ExitCode::kOk;
}

struct ListOptions {
  int64_t limit = 0;
  std::string since;
  OutputOption output;
};

Result<ExitCode> Smscs(Invocation& invocation, const ListOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::ListSmscsResponse response, cluster->ListSmscs());
  Json binds = Json::array();
  for (const v1::Smsc& smsc : response.smscs()) {
    for (const v1::Bind& bind : smsc.binds()) binds.push_back(ToJson(bind));
  }
  PrintList(invocation.console, format, binds, kBindView);
  return ExitCode::kOk;
}

// Pages until there are no more, or enough.
template <typename Request, typename Ask, typename Items>
Result<Json> Pages(Request request, int64_t limit, Ask ask, Items items) {
  constexpr uint32_t kPage = 500;
  Json all = Json::array();
  do {
    request.set_page_size(kPage);
    DROVER_TRY(const auto page, ask(request));
    for (const auto& item : items(page)) {
      if (limit > 0 && static_cast<int64_t>(all.size()) >= limit) return all;
      all.push_back(ToJson(item));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

Result<ExitCode> GetPushes(Invocation& invocation, const ListOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  const auto ask = [cluster](const auto& request) { return cluster->ListPushes(request); };
  const auto items = [](const auto& page) { return page.pushes(); };
  DROVER_TRY(const Json all, Pages(v1::ListPushesRequest(), options.limit, ask, items));
  PrintList(invocation.console, format, all, kPushView);
  return ExitCode::kOk;
}

Result<ExitCode> GetRegistrations(Invocation& invocation, const ListOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  v1::ListRegistrationsRequest request;
  if (!options.since.empty()) {
    DROVER_TRY(const auto since, ParseDuration(options.since));
    request.mutable_since()->set_seconds(since.count() / 1000);
  }
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  const auto ask = [cluster](const auto& page) { return cluster->ListRegistrations(page); };
  const auto items = [](const auto& page) { return page.registrations(); };
  DROVER_TRY(const Json all, Pages(request, options.limit, ask, items));
  PrintList(invocation.console, format, all, kRegistrationView);
  return ExitCode::kOk;
}

Result<ExitCode> GetRegistration(Invocation& invocation, const OneOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Registration registration, cluster->GetRegistration(AddressOf(options.id)));
  PrintObject(invocation.console, format, ToJson(registration), kRegistrationView);
  return ExitCode::kOk;
}

struct PairOptions {
  std::string device, msisdn, imsi;
  OutputOption output;
};

Result<ExitCode> SetPairing(Invocation& invocation, const PairOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  v1::RecordPairingRequest request;
  DROVER_TRY(*request.mutable_device_id(), DeviceArgument(options.device));
  request.set_msisdn(options.msisdn);
  request.set_imsi(options.imsi);
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Registration registration, cluster->RecordPairing(request));
  PrintObject(invocation.console, format, ToJson(registration), kRegistrationView);
  return ExitCode::kOk;
}

void AddSend(CLI::App& push, Invocation& invocation) {
  const auto [send, of] = AddVerb(push, invocation, "send", "Send a message to a terminal", Send);
  send->add_option("TO", of->to, "A number, IMEI:.., or imsi:..")->required();
  of->content.AddTo(*send);
  send->add_option("--id", of->push_id, "Your name for it: the same again is the same push");
  send->add_option("--ttl", of->ttl, "Given up after (default: an hour)");
  send->add_option("--after", of->after, "Not before");
  send->add_option("--smsc", of->smsc, "By this SMSC only");
  send->add_option("--priority", of->priority, "low, medium, high")->capture_default_str();
  send->add_flag("--wait", of->wait, "Until it has ended; exit code 1 if it was not delivered");
  send->add_option("--timeout", of->timeout, "Of --wait")->capture_default_str();
  of->output.AddTo(*send);
}

}  // namespace

void AddPush(CLI::App& root, Invocation& invocation) {
  CLI::App* push = root.add_subcommand("push", "Messages to terminals over SMS");
  push->require_subcommand(1);
  AddSend(*push, invocation);
  const auto [status, of_status] =
      AddVerb(*push, invocation, "status", "What became of a push", Status);
  status->add_option("ID", of_status->id, "As send printed it")->required();
  of_status->output.AddTo(*status);
  const auto [cancel, of_cancel] = AddVerb(*push, invocation, "cancel", "Give a push up", Cancel);
  cancel->add_option("ID", of_cancel->id, "As send printed it")->required();
  of_cancel->output.AddTo(*cancel);
  const auto [smscs, of_smscs] =
      AddVerb(*push, invocation, "smscs", "The binds to SMSCs, as they stand", Smscs);
  of_smscs->output.AddTo(*smscs);
}

void AddRegistration(CLI::App& root, Invocation& invocation) {
  CLI::App* registration =
      root.add_subcommand("registration", "Which terminal is behind which number");
  registration->require_subcommand(1);
  const auto [get, of_get] = AddVerb(*registration, invocation, "get",
                                     "A terminal's pairing and its history", GetRegistration);
  get->add_option("WHICH", of_get->id, "IMEI:.., a number, or imsi:..")->required();
  of_get->output.AddTo(*get);
  const auto [set, of_set] =
      AddVerb(*registration, invocation, "set", "Say what you know by other means", SetPairing);
  set->add_option("DEVICE", of_set->device, "IMEI:..")->required();
  set->add_option("MSISDN", of_set->msisdn, "In international form")->required();
  set->add_option("--imsi", of_set->imsi, "If it is known");
  of_set->output.AddTo(*set);
}

void AddGetPush(CLI::App& get, Invocation& invocation) {
  const auto add = [&](const char* name, const char* help, auto handler) {
    const auto [list, options] = AddVerb(get, invocation, name, help, handler);
    list->add_option("--limit", options->limit, "At most so many")->check(CLI::PositiveNumber);
    options->output.AddTo(*list);
    return std::pair(list, options);
  };
  add("pushes", "List messages to terminals, the newest first", GetPushes);
  const auto [list, options] =
      add("registrations", "List terminals with their numbers", GetRegistrations);
  list->add_option("--since", options->since, "Only what was told within that time");
}

}  // namespace drover::cli
