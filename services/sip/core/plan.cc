#include "services/sip/core/plan.h"

#include <algorithm>
#include <array>
#include <optional>

#include "libs/base/timestamp.h"
#include "libs/gateway/message_xml.h"

namespace drover::gateways {
namespace {

using operations::v1::Assignment;
using operations::v1::Command;
using operations::v1::CommandResult;
using operations::v1::OperationReport;

constexpr uint32_t kDone = 200;
constexpr uint32_t kNotExecuted = 215;
constexpr uint32_t kNotFound = 404;
constexpr uint32_t kFailed = 500;
constexpr char kFilesRoot[] = "./Gateway/Files/";
constexpr char kReboot[] = "./Gateway/Reboot";
constexpr char kPreparedResponse[] = "./Gateway/Response";
constexpr char kFumoRoot[] = "./FUMO/";
constexpr char kDownloadAndUpdate[] = "./FUMO/DownloadAndUpdate";
constexpr char kPackageUrl[] = "./FUMO/DownloadAndUpdate/PkgURL";
constexpr char kPackageVersion[] = "./FUMO/PkgVersion";
constexpr size_t kMostPreparedOctets = 65'536;

// The order in which a gateway does things.
int RankOf(Way way) {
  switch (way) {
    case Way::kParam:
      return 1;
    case Way::kFile:
      return 2;
    case Way::kReboot:
      return 3;
    case Way::kPrepared:
      return 4;
    case Way::kNone:
    case Way::kRead:
      break;
  }
  return 0;
}

bool Sets(const Command& command) {
  return command.verb() == operations::v1::REPLACE || command.verb() == operations::v1::ADD;
}

// "fw-2.img" of "https://files.example.com/fw-2.img?x=1".
std::string FileNameOf(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t slash = url.rfind('/');
  return std::string(slash == std::string_view::npos ? url : url.substr(slash + 1));
}

gateway::Protocol ProtocolOf(std::string_view url, gateway::Protocol usual) {
  const size_t end = url.find("://");
  if (end == std::string_view::npos) return usual;
  return gateway::ProtocolOf(url.substr(0, end)).value_or(usual);
}

// How a command travels, or why it cannot.
Result<Way> WayOf(const Command& command) {
  const std::string& target = command.target();
  if (command.secret() != operations::v1::SECRET_UNSPECIFIED)
    return InvalidArgument("a gateway has no DM account");
  if (command.verb() == operations::v1::GET) return Way::kRead;
  if (Sets(command) && target.starts_with(kConfigRoot) && target.size() > sizeof kConfigRoot - 1) {
    return Way::kParam;
  }
  if (Sets(command) && target.starts_with(kFumoRoot)) return Way::kNone;
  if (command.verb() == operations::v1::EXEC) {
    if (target == kReboot) return Way::kReboot;
    if (target == kDownloadAndUpdate) return Way::kFile;
    if (target == kPreparedResponse) return Way::kPrepared;
    if (target.starts_with(kFilesRoot) &&
        gateway::FileTypeOf(std::string_view(target).substr(sizeof kFilesRoot - 1))) {
      return Way::kFile;
    }
  }
  return InvalidArgument(
      "a gateway cannot do this: it takes values below ./Gateway/Config and ./FUMO, and EXEC of "
      "./Gateway/Reboot, ./Gateway/Files/<type>, ./Gateway/Response and ./FUMO/DownloadAndUpdate");
}

// What the gateway has told of itself.
std::optional<std::string> Known(const Gateway& gateway, const std::string& uri) {
  const v1::Record& record = gateway.record;
  const std::array<std::pair<std::string_view, const std::string*>, 10> known = {{
      {"./DevInfo/DevId", &gateway.id},
      {"./DevInfo/Man", &record.vendor()},
      {"./DevInfo/Mod", &record.model()},
      {"./DevDetail/FwV", &record.file_version()},
      {"./Gateway/Ip", &record.ip()},
      {"./Gateway/SipUri", &record.sip_uri()},
      {"./Gateway/FileName", &record.file_name()},
      {"./Gateway/UpgradeServer", &record.upgrade_server()},
      {"./Gateway/Protocol", &record.protocol()},
      {"./Gateway/UserAgent", &record.user_agent()},
  }};
  for (const auto& [name, value] : known) {
    if (uri == name && !value->empty()) return *value;
  }
  const auto written = record.nodes().find(uri);
  if (written != record.nodes().end()) return written->second;
  return std::nullopt;
}

CommandResult ResultOf(int index, uint32_t status) {
  CommandResult out;
  out.set_index(static_cast<uint32_t>(index));
  out.set_status(status);
  return out;
}

CommandResult Read(const Gateway& gateway, int index, const Command& command) {
  const std::optional<std::string> value = Known(gateway, command.target());
  CommandResult out = ResultOf(index, value ? kDone : kNotFound);
  if (!value) return out;
  operations::v1::Value& read = *out.add_values();
  read.set_uri(command.target());
  read.set_format("chr");
  read.set_data(*value);
  return out;
}

OperationReport Report(const std::string& id, OperationReport::Disposition disposition,
                       std::string cause = {}) {
  OperationReport out;
  out.set_operation_id(id);
  out.set_disposition(disposition);
  out.set_cause(std::move(cause));
  return out;
}

// Builds the response, operation by operation.
class Planner {
 public:
  Planner(Gateway& gateway, const PlanContext& context) : gateway_(gateway), context_(context) {}

  void Take(Assignment assignment) {
    const std::string id = assignment.operation_id();
    Result<std::vector<Way>> ways = Ways(assignment);
    if (!ways) {
      out_.reports.push_back(Report(id, OperationReport::REFUSED, ways.error().message));
      return;
    }
    if (OnlyPrepared() && Travels(*ways) && ways->front() != Way::kPrepared) {
      out_.reports.push_back(Report(id, OperationReport::REFUSED,
                                    "its model takes prepared responses only: EXEC "
                                    "./Gateway/Response with the response as data"));
      return;
    }
    if (assignment.uncertain() && DoneAlready(assignment, *ways)) {
      out_.reports.push_back(Verified(assignment, *ways));
      return;
    }
    const Fit fit = FitOf(*ways, assignment);
    if (fit == Fit::kNever) {
      out_.reports.push_back(Report(id, OperationReport::REFUSED,
                                    "a gateway takes parameters first, then files, and reboots "
                                    "last; a prepared response of 64 KiB at most stands alone: "
                                    "split the operation"));
    } else if (full_ || fit == Fit::kLater) {
      Return(id);
    } else {
      AddIfWritable(std::move(assignment), *ways);
    }
  }

  void AddTarget() {
    const bool file = !out_.version.empty() || !out_.file_name.empty() || full_;
    const std::string& target = context_.target_version;
    if (target.empty() || target == gateway_.record.file_version() || file) return;
    if (!out_.prepared.empty() || Calls() || OnlyPrepared()) return;
    gateway::File file_of = context_.target_file;
    file_of.version = target;
    Planned before = out_;
    AddFile(std::move(file_of));
    if (!Writable()) out_ = std::move(before);  // When there is room, or the model is put right.
  }

  Planned Finish() && { return std::move(out_); }

 private:
  enum class Fit : uint8_t { kNow, kLater, kNever };

  bool OnlyPrepared() const {
    return context_.profile != nullptr &&
           context_.profile->response_mode == gateway::ResponseMode::kPrepared;
  }
  static bool Travels(const std::vector<Way>& ways) {
    return std::any_of(ways.begin(), ways.end(), [](Way way) { return RankOf(way) != 0; });
  }

  bool Calls() const {
    return gateway_.record.in_call() && context_.profile != nullptr && context_.profile->voice_safe;
  }

  static Result<std::vector<Way>> Ways(const Assignment& assignment) {
    std::vector<Way> ways;
    for (int i = 0; i < assignment.commands_size(); ++i) {
      const Result<Way> way = WayOf(assignment.commands(i));
      if (!way) {
        return InvalidArgument("commands[" + std::to_string(i) + "]: " + way.error().message);
      }
      ways.push_back(*way);
    }
    return ways;
  }

  static bool Reboots(Way way, const Command& command) {
    return way == Way::kReboot || (way == Way::kFile && (command.target() == kDownloadAndUpdate ||
                                                         command.target().ends_with("/version")));
  }

  // Whether what was sent before, and of which no result came, has happened: the version runs, the
  // gateway has registered since (as one does that has restarted). Parameters are just set again.
  bool DoneAlready(const Assignment& assignment, const std::vector<Way>& ways) {
    bool known = false;
    for (size_t i = 0; i < ways.size(); ++i) {
      if (ways[i] == Way::kParam || ways[i] == Way::kPrepared) return false;
      const v1::Record& record = gateway_.record;
      if (ways[i] == Way::kReboot && record.registered_ms() <= record.answered_ms()) return false;
      if (ways[i] == Way::kFile) {
        const gateway::File file = FileOf(assignment.commands(static_cast<int>(i)));
        const bool same = file.version.empty() ? file.name == record.file_name()
                                               : file.version == record.file_version();
        if (file.type != gateway::FileType::kVersion || !same) return false;
      }
      known |= RankOf(ways[i]) != 0;
    }
    return known;
  }

  OperationReport Verified(const Assignment& assignment, const std::vector<Way>& ways) {
    OperationReport done = Report(assignment.operation_id(), OperationReport::DONE);
    for (size_t i = 0; i < ways.size(); ++i) {
      const int index = static_cast<int>(i);
      CommandResult& result = *done.add_results();
      result = ways[i] == Way::kRead ? Read(gateway_, index, assignment.commands(index))
                                     : ResultOf(index, kDone);
      result.set_verified(true);
    }
    return done;
  }

  Fit FitOf(const std::vector<Way>& ways, const Assignment& assignment) {
    int rank = 0;
    bool reboots = false;
    for (size_t i = 0; i < ways.size(); ++i) {
      const Command& command = assignment.commands(static_cast<int>(i));
      reboots |= Reboots(ways[i], command);
      const int next = RankOf(ways[i]);
      if (next == 0) continue;
      if (next < rank || (ways[i] == Way::kPrepared && ways.size() > 1)) return Fit::kNever;
      if (ways[i] == Way::kPrepared && command.data().size() > kMostPreparedOctets)
        return Fit::kNever;
      rank = next;
    }
    if (reboots && Calls()) {
      out_.held_for_call = true;
      return Fit::kLater;
    }
    if (rank == 0) return Fit::kNow;
    const bool prepared = rank == RankOf(Way::kPrepared);
    if (rank_ > 0 && (prepared || !out_.prepared.empty())) return Fit::kLater;
    return FirstRank(ways) < rank_ ? Fit::kLater : Fit::kNow;
  }

  static int FirstRank(const std::vector<Way>& ways) {
    for (const Way way : ways) {
      if (RankOf(way) != 0) return RankOf(way);
    }
    return 0;
  }

  void Return(const std::string& id) {
    full_ = true;  // What follows keeps its turn.
    out_.reports.push_back(Report(id, OperationReport::RETURNED));
  }

  // Whether the gateway could read what is planned: sizes, counts and forms (message_xml.h).
  Result<void> Writable() const {
    gateway::Response response = out_.response;
    response.header.msgid.assign(64, 'x');
    response.interval_seconds = UINT32_MAX;
    return gateway::Check(gateway::Message(std::move(response)));
  }

  // As if it had not come, if the response would not be one with it.
  void AddIfWritable(Assignment assignment, const std::vector<Way>& ways) {
    const int first = FirstRank(ways);
    if (first == 0 || first == RankOf(Way::kPrepared)) return Add(std::move(assignment), ways);
    const std::string id = assignment.operation_id();
    Planned before = out_;
    const auto nodes = gateway_.record.nodes();
    const int rank = rank_;
    Add(std::move(assignment), ways);
    const Result<void> writable = Writable();
    if (writable) return;
    out_ = std::move(before);
    *gateway_.record.mutable_nodes() = nodes;
    rank_ = rank;
    if (rank == 0) {  // Alone it is too much.
      out_.reports.push_back(
          Report(id, OperationReport::REFUSED,
                 "its response would be none that a gateway reads: " + writable.error().message));
    } else {
      Return(id);
    }
  }

  void Add(Assignment assignment, const std::vector<Way>& ways) {
    v1::Sent sent;
    bool travels = false;
    for (size_t i = 0; i < ways.size(); ++i) {
      const int index = static_cast<int>(i);
      const Command& command = assignment.commands(index);
      sent.add_ways(static_cast<uint32_t>(ways[i]));
      travels |= RankOf(ways[i]) != 0;
      if (ways[i] == Way::kNone) {
        (*gateway_.record.mutable_nodes())[command.target()] = command.data();
        *sent.add_results() = ResultOf(index, kDone);
      }
      AddPart(ways[i], command);
    }
    if (travels) {
      *sent.mutable_assignment() = std::move(assignment);
      out_.sent.push_back(std::move(sent));
      return;
    }
    OperationReport done = Report(assignment.operation_id(), OperationReport::DONE);
    for (size_t i = 0; i < ways.size(); ++i) {
      const int index = static_cast<int>(i);
      *done.add_results() = ways[i] == Way::kRead
                                ? Read(gateway_, index, assignment.commands(index))
                                : ResultOf(index, kDone);
    }
    out_.reports.push_back(std::move(done));
  }

  void AddPart(Way way, const Command& command) {
    if (RankOf(way) == 0) return;
    rank_ = std::max(rank_, RankOf(way));
    switch (way) {
      case Way::kParam:
        out_.response.params.push_back(
            {command.target().substr(sizeof kConfigRoot - 1), command.data()});
        break;
      case Way::kFile: {
        gateway::File file = FileOf(command);
        // A version of former days, or the same again: it would tell nothing of what was done.
        if (file.version == gateway_.record.file_version()) file.version.clear();
        AddFile(std::move(file));
        break;
      }
      case Way::kReboot:
        out_.response.reboot = true;
        break;
      case Way::kPrepared:
        out_.prepared = command.data();
        break;
      case Way::kNone:
      case Way::kRead:
        break;
    }
  }

  gateway::File FileOf(const Command& command) {
    gateway::File file;
    std::string where = command.data();
    if (command.target() == kDownloadAndUpdate) {
      const auto& nodes = gateway_.record.nodes();
      const auto url = nodes.find(kPackageUrl);
      const auto version = nodes.find(kPackageVersion);
      if (where.empty() && url != nodes.end()) where = url->second;
      if (version != nodes.end()) file.version = version->second;
    } else {
      file.type =
          *gateway::FileTypeOf(std::string_view(command.target()).substr(sizeof kFilesRoot - 1));
    }
    file.name = FileNameOf(where);
    if (where != file.name) file.download_path = where;
    return file;
  }

  void AddFile(gateway::File file) {
    const bool agreed = context_.profile != nullptr && context_.profile->fileserver_agreed;
    if (agreed) {
      file.download_path.clear();
    } else if (file.download_path.empty()) {
      file.download_path = context_.files_url + file.name;
    }
    if (!file.download_method) {
      file.download_method = ProtocolOf(file.download_path, context_.protocol);
    }
    if (file.type == gateway::FileType::kVersion) {
      out_.version = file.version;
      out_.file_name = file.name;
    }
    out_.response.files.push_back(std::move(file));
  }

  Gateway& gateway_;
  const PlanContext& context_;
  Planned out_;
  int rank_ = 0;  // Of what is planned; 0: nothing.
  bool full_ = false;
};

// What a failure that the gateway names was of; 0: it names none.
int RankNamed(const std::string& action) {
  if (action == "config") return RankOf(Way::kParam);
  if (action == "reboot") return RankOf(Way::kReboot);
  const bool file = action == "version" || action == "upgrade" || action == "file" ||
                    action == "download" || gateway::FileTypeOf(action);
  return file ? RankOf(Way::kFile) : 0;
}

uint32_t StatusOf(Way way, bool good, int failed) {
  const int rank = RankOf(way);
  if (good || rank == 0) return kDone;
  if (failed == 0 || rank == failed || way == Way::kPrepared) return kFailed;
  return rank < failed ? kDone : kNotExecuted;
}

// What the gateway told of its failure, as a value of the command that failed.
void Explain(const gateway::WorkResult& result, CommandResult& out) {
  if (!result.code && result.detail.empty()) return;
  operations::v1::Value& why = *out.add_values();
  why.set_uri("./Gateway/Result");
  why.set_format("chr");
  std::string text = result.code ? "code " + std::to_string(*result.code) : "";
  if (!text.empty() && !result.detail.empty()) text += ": ";
  why.set_data(text + result.detail);
}

}  // namespace

Planned PlanResponse(std::vector<Assignment> assignments, Gateway& gateway,
                     const PlanContext& context) {
  Planner planner(gateway, context);
  for (Assignment& assignment : assignments) {
    planner.Take(std::move(assignment));
  }
  planner.AddTarget();
  return std::move(planner).Finish();
}

std::vector<OperationReport> Conclude(const Gateway& gateway, const gateway::WorkResult& result,
                                      TimePoint now, std::vector<gateway::Param>* set) {
  std::vector<OperationReport> out;
  const bool good = result.status == gateway::Status::kSuccess;
  const int failed = RankNamed(result.action);
  for (const v1::Sent& sent : gateway.record.session().sent()) {
    const Assignment& assignment = sent.assignment();
    if (result.status == gateway::Status::kBusy) {
      out.push_back(Report(assignment.operation_id(), OperationReport::RETURNED));
      continue;
    }
    OperationReport report = Report(assignment.operation_id(), OperationReport::DONE);
    for (int i = 0; i < sent.ways_size(); ++i) {
      const Way way = static_cast<Way>(sent.ways(i));
      const Command& command = assignment.commands(i);
      CommandResult one =
          way == Way::kRead ? Read(gateway, i, command) : ResultOf(i, StatusOf(way, good, failed));
      if (one.status() == kFailed) Explain(result, one);
      if (way == Way::kParam && one.status() == kDone) {
        set->push_back({command.target().substr(sizeof kConfigRoot - 1), command.data()});
      }
      base::SetTimestamp(now, *one.mutable_at());
      *report.add_results() = std::move(one);
    }
    out.push_back(std::move(report));
  }
  return out;
}

std::vector<OperationReport> Abandon(const Gateway& gateway) {
  std::vector<OperationReport> out;
  for (const v1::Sent& sent : gateway.record.session().sent()) {
    out.push_back(Report(sent.assignment().operation_id(), OperationReport::LOST));
  }
  return out;
}

bool Runs(const v1::Session& session, const std::string& version, const std::string& file_name) {
  if (!session.version().empty()) return session.version() == version;
  return !session.file_name().empty() && session.file_name() == file_name;
}

}  // namespace drover::gateways
