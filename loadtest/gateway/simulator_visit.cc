#include <algorithm>

#include "libs/gateway/message_xml.h"
#include "loadtest/gateway/checksum.h"
#include "loadtest/gateway/simulator.h"

namespace drover::gwsim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMostParams = 64;
constexpr uint64_t kMostFileOctets = 1ULL << 30;

Error Refused(std::string_view what, const WebAnswer& answer) {
  return FailedPrecondition(std::string(what) + ": answered " + std::to_string(answer.status) +
                            " " + std::string(answer.body.substr(0, 120)));
}

}  // namespace

// A connection of its own for the gateway's errand, and for what follows from it.
Process Simulator::Visit(uint32_t number, Errand errand) {
  const std::weak_ptr<int> alive = alive_;
  {
    WebLine line(web_, servers_[number % servers_.size()], number,
                 {Serial(options_.population, number), HttpPassword(options_.population, number)});
    auto done = co_await DoErrand(number, errand, line);
    if (alive.expired()) co_return;
    Gateway& gateway = At(number);
    if (done) {
      gateway.failures = 0;
    } else if (gateway.running && running_) {
      ++(done.error().code == Code::kFailedPrecondition ? counts_.refused_visits
                                                        : counts_.failed_visits);
      Failed(number, errand, 0);
    }
  }
  VisitOver(number);
}

Task<void> Simulator::DoErrand(uint32_t number, Errand errand, WebLine& line) {
  if (errand == Errand::kRegister) DROVER_CO_TRY(co_await DoRegister(number, line));
  if (errand == Errand::kAsk) DROVER_CO_TRY(co_await DoAsk(number, line));
  Gateway& gateway = At(number);
  // What it was told before it restarted, or while it was on this visit.
  if (errand == Errand::kRegister && gateway.running && std::exchange(gateway.wants_ask, false)) {
    DROVER_CO_TRY(co_await DoAsk(number, line));
  }
  if (gateway.running) DROVER_CO_TRY(co_await DoTell(number, line));
  co_return Result<void>();
}

gateway::BasicInformation Simulator::InformationOf(uint32_t number, bool with_sip_uri) const {
  const Gateway& gateway = At(number);
  const Habits& habits = HabitsOf(gateway);
  gateway::BasicInformation information{.vendor = habits.vendor,
                                        .model = habits.model,
                                        .ip = HomeAddress(number),
                                        .file_version = gateway.version,
                                        .file_name = habits.model + ".bin",
                                        .protocol = gateway::Protocol::kHttp,
                                        .in_call = gateway.in_call};
  if (with_sip_uri) information.sip_uri = SipUri(number);
  return information;
}

// Message ids are told apart by the restart as well: a gateway counts anew.
gateway::Header Simulator::NewHeader(uint32_t number, Errand errand) {
  Gateway& gateway = At(number);
  gateway::Header header{.serial = Serial(options_.population, number)};
  header.msgid = errand == Errand::kRegister ? "r" : "q";
  header.msgid += std::to_string(gateway.restarts) + "-" + std::to_string(++gateway.messages);
  return header;
}

std::string Simulator::Xml(uint32_t number, const gateway::Message& message) const {
  std::string xml;
  gateway::Write(message, xml, {.emit_head_slip = HabitsOf(At(number)).head_slip});
  return xml;
}

Task<void> Simulator::DoRegister(uint32_t number, WebLine& line) {
  if (HabitsOf(At(number)).sip_register) SipRegister(number);
  const gateway::Register message{NewHeader(number, Errand::kRegister),
                                  InformationOf(number, true)};
  std::string xml = Xml(number, message);
  auto answer = co_await line.Post("/gw/v1/register", std::move(xml));
  if (!answer) co_return std::move(answer).error();
  if (answer->status != 200) co_return Refused("register", *answer);
  Gateway& gateway = At(number);
  ++counts_.registrations;
  if (gateway.running && !std::exchange(gateway.registered, true)) ++counts_.registered;
  RegisterIn(number, options_.interval);
  const std::string body(answer->body);
  DROVER_CO_TRY(co_await TakeResponse(number, line, body));
  co_return Result<void>();
}

Task<void> Simulator::DoAsk(uint32_t number, WebLine& line) {
  gateway::Request message{NewHeader(number, Errand::kAsk), {}};
  // A request that had no answer is sent again as it was.
  const auto open = open_ask_.find(number);
  if (open != open_ask_.end()) message.header.msgid = open->second;
  open_ask_[number] = message.header.msgid;
  if (!HabitsOf(At(number)).bare_request) message.information = InformationOf(number, false);
  std::string xml = Xml(number, message);
  auto answer = co_await line.Post("/gw/v1/request", std::move(xml));
  if (!answer) co_return std::move(answer).error();
  if (answer->status == 503 || answer->status == 429) {
    ++counts_.busy_answers;
    After(seconds(std::max(1U, answer->retry_after_s)), number, What::kAsk);
    co_return Result<void>();
  }
  open_ask_.erase(number);
  if (answer->status != 200) co_return Refused("request", *answer);
  ++At(number).requests;
  ++counts_.requests;
  const std::string body(answer->body);
  DROVER_CO_TRY(co_await TakeResponse(number, line, body));
  if (on_answered) on_answered(number);
  co_return Result<void>();
}

Task<void> Simulator::TakeResponse(uint32_t number, WebLine& line, std::string_view body) {
  auto reading = gateway::ReadAs<gateway::Response>(body);
  if (!reading) {
    ++counts_.bad_responses;
    co_return std::move(reading).error();
  }
  const gateway::Response response = std::move(reading->message);
  if (response.interval_seconds)
    RegisterIn(number, seconds(std::max(1U, *response.interval_seconds)));
  if (response.status == gateway::Status::kBusy) {
    After(seconds(response.retry_after_seconds.value_or(5)), number, What::kAsk);
  }
  if (gateway::HasWork(response)) DROVER_CO_TRY(co_await CarryOut(number, line, response));
  co_return Result<void>();
}

void Simulator::Note(uint32_t number, const gateway::Response& response, StepKind kind, bool good,
                     std::string what) {
  ledger_.Add({.gateway = number,
               .kind = kind,
               .good = good,
               .what = std::move(what),
               .msgid = response.header.msgid,
               .at = SystemNow()});
}

void Simulator::TakeParams(uint32_t number, const gateway::Response& response) {
  std::vector<gateway::Param>& kept = params_[number];
  for (const gateway::Param& param : response.params) {
    std::erase_if(kept, [&](const gateway::Param& old) { return old.name == param.name; });
    if (kept.size() >= kMostParams) kept.erase(kept.begin());
    kept.push_back(param);
  }
  Note(number, response, StepKind::kParams, true, std::to_string(response.params.size()));
}

void Simulator::TakeFile(uint32_t number, const gateway::Response& response,
                         const gateway::File& file, const Result<void>& fetched) {
  if (!fetched) return Note(number, response, StepKind::kFile, false, fetched.error().message);
  if (file.type == gateway::FileType::kVersion) {
    At(number).version = file.version.empty() ? file.name.substr(0, 64) : file.version;
  }
  Note(number, response, StepKind::kFile, true, file.name);
}

// Step by step; the first that fails ends it, and is the result.
Task<void> Simulator::CarryOut(uint32_t number, WebLine& line, const gateway::Response& response) {
  const uint64_t hash = ContentHash(response);
  ++ledger_.counts.responses;
  ledger_.counts.repeated += hash == At(number).last_work;
  At(number).last_work = hash;
  ++At(number).works;
  gateway::WorkResult result{
      .header = {.serial = Serial(options_.population, number), .msgid = response.header.msgid},
      .action = "config"};
  bool restarts = false;
  for (const WorkStep& step : StepsOf(response)) {
    if (step.kind == StepKind::kParams) {
      TakeParams(number, response);
    } else if (step.kind == StepKind::kFile) {
      result.action = step.file->type == gateway::FileType::kVersion ? "upgrade" : "download";
      result.file_name = step.file->name;
      auto fetched = co_await Fetch(number, line, *step.file);
      TakeFile(number, response, *step.file, fetched);
      if (fetched) continue;
      result.status = gateway::Status::kError;
      result.code = 1;
      result.detail = fetched.error().message.substr(0, 1024);
      break;
    } else if (At(number).in_call) {
      ++ledger_.counts.refused;
      result.status = gateway::Status::kBusy;
      result.code = 486;
      result.detail = "in a call";
    } else {
      if (response.files.empty()) result.action = "reboot";
      Note(number, response, StepKind::kReboot, true, At(number).version);
      restarts = true;
    }
  }
  result.file_version = At(number).version;
  if (HabitsOf(At(number)).posts_result) to_tell_[number] = std::move(result);
  if (restarts) GoDown(number);
  if (!restarts && !HabitsOf(At(number)).posts_result) RegisterIn(number, milliseconds(0));
  co_return Result<void>();
}

Task<void> Simulator::DoTell(uint32_t number, WebLine& line) {
  const auto found = to_tell_.find(number);
  if (found == to_tell_.end()) co_return Result<void>();
  std::string xml = Xml(number, found->second);
  auto answer = co_await line.Post("/gw/v1/result", std::move(xml));
  if (!answer) co_return std::move(answer).error();
  if (answer->status != 200 && answer->status != 204) {
    if (answer->status < 500) to_tell_.erase(number);
    co_return Refused("result", *answer);
  }
  to_tell_.erase(number);
  ++At(number).results;
  ++counts_.results;
  co_return Result<void>();
}

Task<void> Simulator::Fetch(uint32_t number, WebLine& line, const gateway::File& file) {
  const auto method = file.download_method.value_or(gateway::Protocol::kHttp);
  if (method == gateway::Protocol::kTftp || method == gateway::Protocol::kFtp) {
    co_return FailedPrecondition(std::string(gateway::Name(method)) + " is not there");
  }
  std::string path = file.download_path.empty() ? options_.agreed_path : file.download_path;
  if (path.ends_with('/')) path += file.name;
  const bool break_off = HabitsOf(At(number)).loss > 0;
  if (!path.starts_with("http://") && !path.starts_with("https://")) {
    auto fetched = co_await FetchFrom(line, std::move(path), file, break_off);
    co_return fetched;
  }
  DROVER_CO_TRY(const terminal::Url url, terminal::ParseUrl(path));
  const std::string place =
      (url.tls ? "https://" : "http://") + url.host + ":" + std::to_string(url.port);
  DROVER_CO_TRY(auto server, web_->Find(place));
  WebLine other(web_, std::move(server), number,
                {Serial(options_.population, number), HttpPassword(options_.population, number)});
  std::string target = url.target;
  auto fetched = co_await FetchFrom(other, std::move(target), file, break_off);
  co_return fetched;
}

// Piece by piece; break_off: the line is lost after the first, and the rest fetched over another.
Task<void> Simulator::FetchFrom(WebLine& line, std::string path, const gateway::File& file,
                                bool break_off) {
  Sha256 sum;
  std::string etag;
  uint64_t got = 0;
  for (uint64_t whole = kMostFileOctets; got < whole;) {
    const uint64_t last = std::min(whole, got + options_.piece_octets) - 1;
    std::string range = "bytes=" + std::to_string(got) + "-" + std::to_string(last);
    std::string if_range = etag;
    auto answer = co_await line.Get(path, std::move(range), std::move(if_range));
    if (!answer) co_return std::move(answer).error();
    if (answer->status == 416 && got == 0) break;  // There is nothing in it.
    if (answer->status != 206 && answer->status != 200) co_return Refused("file", *answer);
    const bool piece = answer->status == 206;
    if (!piece && got > 0) co_return Aborted("file: it changed under way");
    if (piece && (!answer->whole_octets || answer->first_octet != got || answer->body.empty())) {
      co_return InvalidArgument("file: 206 with another range than was asked for");
    }
    sum.Add(answer->body);
    got += answer->body.size();
    whole = piece ? *answer->whole_octets : got;
    etag = answer->etag;
    if (std::exchange(break_off, false)) line.Close();
  }
  ledger_.counts.file_octets += got;
  if (file.size_octets && *file.size_octets != got) {
    co_return InvalidArgument("file: " + std::to_string(got) + " octets, told " +
                              std::to_string(*file.size_octets));
  }
  if (!file.sha256.empty() && sum.Hex() != file.sha256) {
    co_return InvalidArgument("file: sha256 is not the one that was told");
  }
  co_return Result<void>();
}

// Later again; the more often it failed, the later.
void Simulator::Failed(uint32_t number, Errand errand, uint32_t retry_after_s) {
  Gateway& gateway = At(number);
  const auto wait = options_.retry_after * (1 << std::min<int>(gateway.failures, 4));
  if (gateway.failures < UINT8_MAX) ++gateway.failures;
  const auto later = std::max<milliseconds>(wait, seconds(retry_after_s));
  // What it has carried out is told; it does not ask for it again.
  const bool asks = errand == Errand::kAsk && !to_tell_.contains(number);
  if (asks) return After(later, number, What::kAsk);
  RegisterIn(number, later);
}

}  // namespace drover::gwsim
