#include "loadtest/gateway/report.h"

#include <map>

#include <nlohmann/json.hpp>

namespace drover::gwsim {
namespace {

using nlohmann::json;

struct Count {
  const char* name;
  uint64_t value;
  const char* about;
};

std::vector<Count> CountsOf(const Simulator& simulator) {
  const SimulatorCounts counts = simulator.counts();
  const VoiceCounts& voice = simulator.voice_counts();
  const WorkCounts& work = simulator.ledger().counts;
  const Web::Counts& web = simulator.web_counts();
  const RegistrationCounts& sip = simulator.sip_counts();
  return {
      {"gateways", simulator.population().count, "Gateways."},
      {"registered", counts.registered, "Gateways whose registration was taken."},
      {"registrations", counts.registrations, "Registrations that were taken."},
      {"sip_requests", voice.requests, "SIP requests, without retransmissions."},
      {"retransmissions", voice.retransmissions, "SIP requests that came again."},
      {"told", voice.told, "NOTIFYs that made a gateway ask."},
      {"voice", voice.voice, "NOTIFYs for the voice side."},
      {"challenges", voice.challenges, "SIP requests that were challenged."},
      {"wrong_credentials", voice.wrong_credentials, "Answers to challenges that were wrong."},
      {"bad_events", voice.bad_events, "NOTIFYs answered 481 or 489."},
      {"cseq_faults", voice.cseq_faults, "NOTIFYs whose CSeq did not rise."},
      {"malformed", voice.malformed, "SIP messages that could not be read."},
      {"lost_datagrams", counts.lost_datagrams, "Datagrams lost by habit."},
      {"unknown_users", counts.unknown_users, "SIP requests for nobody of ours."},
      {"sip_registrations", sip.accepted, "REGISTERs that were accepted."},
      {"sip_registrations_refused", sip.refused + sip.unanswered, "REGISTERs that were not."},
      {"requests", counts.requests, "Requests that were answered."},
      {"results", counts.results, "Results that were taken."},
      {"works", work.responses, "Responses with work."},
      {"repeated_works", work.repeated, "Those that asked for the same as the one before."},
      {"configs", work.params, "Configurations that were taken."},
      {"files", work.files, "Files that were fetched and right."},
      {"file_octets", work.file_octets, "Octets of files."},
      {"reboots", work.reboots, "Reboots that were carried out."},
      {"failed_steps", work.failed, "Steps that failed."},
      {"refused_reboots", work.refused, "Reboots refused for a call."},
      {"restarts", counts.restarts, "Restarts, of themselves too."},
      {"exchanges", web.exchanges, "HTTP requests."},
      {"http_challenges", web.challenges, "HTTP answers 401."},
      {"connections", web.connections, "HTTP connections."},
      {"failed_visits", counts.failed_visits, "Visits without an answer."},
      {"refused_visits", counts.refused_visits, "Visits with an answer that refuses."},
      {"busy_answers", counts.busy_answers, "Requests put off by the server."},
      {"bad_responses", counts.bad_responses, "Responses that could not be read."},
      {"open_visits", counts.open_visits, "Gateways that speak over HTTP now."},
      {"waiting_visits", counts.waiting_visits, "Gateways that wait to."},
      {"state_octets", simulator.StateOctets(), "Memory of all gateways."},
  };
}

bool IsGauge(std::string_view name) {
  return name == "gateways" || name == "registered" || name == "open_visits" ||
         name == "waiting_visits" || name == "state_octets";
}

std::string Padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size() + 1), ' ');
  return text;
}

struct Sum {
  uint64_t gateways = 0, registered = 0, told = 0, requests = 0, works = 0, results = 0;
};

}  // namespace

std::string TextReport(const Simulator& simulator) {
  std::map<std::string, Sum> sums;
  const Population& population = simulator.population();
  for (uint32_t i = 0; i < population.count; ++i) {
    const Gateway& gateway = *simulator.Find(population.first + i);
    Sum& sum = sums[simulator.HabitsOf(gateway).name];
    ++sum.gateways;
    sum.registered += gateway.registered;
    sum.told += gateway.voice.told;
    sum.requests += gateway.requests;
    sum.works += gateway.works;
    sum.results += gateway.results;
  }
  std::string text = Padded("gateways", 12);
  for (const char* title : {"count", "registered", "told", "requests", "works", "results"}) {
    text += Padded(title, 12);
  }
  text += '\n';
  for (const auto& [name, sum] : sums) {
    text += Padded(name, 12);
    for (const uint64_t value :
         {sum.gateways, sum.registered, sum.told, sum.requests, sum.works, sum.results}) {
      text += Padded(std::to_string(value), 12);
    }
    text += '\n';
  }
  text += '\n';
  for (const Count& count : CountsOf(simulator)) {
    if (count.value != 0) text += Padded(count.name, 28) + std::to_string(count.value) + '\n';
  }
  text += Padded("state_octets_each", 28) +
          std::to_string(simulator.StateOctets() / std::max(1U, population.count)) + '\n';
  return text;
}

std::string LedgerJson(const Simulator& simulator) {
  json ledger;
  for (const Count& count : CountsOf(simulator)) ledger[count.name] = count.value;
  return ledger.dump();
}

std::string GatewayJson(const Simulator& simulator, uint32_t number) {
  const Gateway& gateway = *simulator.Find(number);
  const Population& population = simulator.population();
  json params = json::object(), executions = json::array();
  for (const auto& param : simulator.Params(number)) params[param.name] = param.value;
  for (const Execution* execution : simulator.ledger().Of(number)) {
    executions.push_back(json::parse(ExecutionJson(simulator, *execution)));
  }
  return json{{"serial", Serial(population, number)},
              {"habits", simulator.HabitsOf(gateway).name},
              {"sip_uri", simulator.SipUri(number)},
              {"http_password", HttpPassword(population, number)},
              {"sip_password", SipPassword(population, number)},
              {"version", gateway.version},
              {"running", gateway.running},
              {"registered", gateway.registered},
              {"in_call", gateway.in_call},
              {"told", gateway.voice.told},
              {"voice", gateway.voice.voice},
              {"cseq", gateway.voice.cseq},
              {"requests", gateway.requests},
              {"works", gateway.works},
              {"results", gateway.results},
              {"restarts", gateway.restarts},
              {"params", params},
              {"executions", executions}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string ExecutionJson(const Simulator& simulator, const Execution& execution) {
  return json{
      {"number", execution.number},   {"serial", Serial(simulator.population(), execution.gateway)},
      {"step", Name(execution.kind)}, {"good", execution.good},
      {"what", execution.what},       {"msgid", execution.msgid},
      {"at", Rfc3339(execution.at)}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string MetricsText(const Simulator& simulator) {
  std::string text;
  for (const Count& count : CountsOf(simulator)) {
    const bool gauge = IsGauge(count.name);
    const std::string name = std::string("drover_gwsim_") + count.name + (gauge ? "" : "_total");
    text += "# HELP " + name + " " + count.about + "\n# TYPE " + name +
            (gauge ? " gauge\n" : " counter\n") + name + " " + std::to_string(count.value) + "\n";
  }
  return text;
}

}  // namespace drover::gwsim
