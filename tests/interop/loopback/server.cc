#include "tests/interop/loopback/server.h"

#include <algorithm>

#include "libs/dmtree/device_id.h"
#include "libs/syncml/media_type.h"

namespace drover::interop {
namespace {

using session::Disposition;

dmauth::Scheme SchemeOf(terminal::AuthScheme scheme) {
  switch (scheme) {
    case terminal::AuthScheme::kMac:
      return dmauth::Scheme::kMac;
    case terminal::AuthScheme::kMd5:
      return dmauth::Scheme::kMd5;
    default:
      return dmauth::Scheme::kBasic;
  }
}

}  // namespace

Server::Server(const terminal::ModelSpec& spec, const terminal::Account& account,
               std::string server_id) {
  config.server_id = std::move(server_id);
  account_.user = account.user.empty() ? account.device_id : account.user;
  account_.client_a1 = dmauth::A1(account_.user, account.password);
  account_.client_scheme = SchemeOf(spec.client_scheme);
  account_.client_nonce = account.client_nonce;
  account_.server_nonce = account.server_nonce;
  if (spec.server_scheme == terminal::AuthScheme::kNone) return;
  account_.server_scheme = SchemeOf(spec.server_scheme);
  account_.server_a1 = dmauth::A1(config.server_id, account.server_password);
  account_.server_password = account.server_password;
}

void Server::Submit(std::string id, std::vector<session::CommandSpec> commands) {
  session::Assignment assignment;
  assignment.correlator = id;
  assignment.operation = OperationId(std::move(id));
  assignment.commands = std::move(commands);
  order_[assignment.operation.value()] = order_.size();
  pending_.push_back(std::move(assignment));
}

// Oldest first, whatever became of it in between.
void Server::Return(session::Assignment assignment) {
  const size_t order = order_.at(assignment.operation.value());
  const auto after = std::find_if(pending_.begin(), pending_.end(), [&](const auto& waiting) {
    return order_.at(waiting.operation.value()) > order;
  });
  pending_.insert(after, std::move(assignment));
}

void Server::LoseSessions() {
  session_.reset();
  nonces_ = {};
}

Server::Answered Server::Answer(const terminal::Request& posted, bool crash) {
  Answered answered;
  const auto type = syncml::ResolveMediaType(posted.media_type, posted.body);
  if (!type) return {.http_status = 415};
  answered.media_type = type->reply;
  const syncml::Decoded decoded = syncml::Decode(type->encoding, posted.body);
  if (!decoded) return {.http_status = 400};
  const syncml::Message& message = decoded.document.message();
  const Result<DeviceId> device = dmtree::NormaliseDeviceId(message.header.source.uri);
  if (!device) return {.http_status = 400};
  const session::Request request{*device,           type->encoding, posted.body,
                                 posted.mac_header, message,        now};
  const RandomOctets random = [this](size_t n) {
    return std::string(n, static_cast<char>(next_random_++));
  };
  session::Exchange exchange(config, random, request, {session_, nonces_, account_, false, true});
  while (const session::Effects* effects = exchange.Next()) {
    exchange.Done(Perform(*effects, exchange));
  }
  if (crash) return {.http_status = 503};
  if (std::holds_alternative<session::Refusal>(exchange.answer())) return {.http_status = 503};
  session::Answer& answer = std::get<session::Answer>(exchange.answer());
  if (answer.session) session_ = *answer.session;
  if (answer.nonces_changed) nonces_ = answer.nonces;
  answered.body = std::move(answer.body);
  answered.mac_header = std::move(answer.mac_header);
  return answered;
}

session::EffectsResult Server::Perform(const session::Effects& effects,
                                       const session::Exchange& of) {
  const std::string& session_key = of.session().key;
  nodes_.insert(nodes_.end(), effects.nodes.begin(), effects.nodes.end());
  alerts_.insert(alerts_.end(), effects.alerts.begin(), effects.alerts.end());
  if (effects.promote_client) account_.client_a1 = std::exchange(account_.next_client_a1, {});
  if (effects.promote_server) {
    account_.server_a1 = std::exchange(account_.next_server_a1, {});
    account_.server_password = std::exchange(account_.next_server_password, {});
  }
  session::EffectsResult result;
  if (!effects.advance) return result;
  if (effects.session_started) Release(effects, session_key);
  for (const session::OperationReport& report : effects.reports) Apply(report, session_key);
  HandOut(effects, of, result);
  return result;
}

// A message that comes again gets what it got the first time.
void Server::HandOut(const session::Effects& effects, const session::Exchange& of,
                     session::EffectsResult& result) {
  const std::string& session_key = of.session().key;
  for (const auto& [id, running] : running_) {
    const bool again = running.session_key == session_key && running.msg_id == of.msg_id();
    if (again && effects.take > 0) result.assignments.push_back(running.assignment);
  }
  if (!result.assignments.empty()) return;
  while (!pending_.empty() && result.assignments.size() < effects.take) {
    session::Assignment next = std::move(pending_.front());
    pending_.erase(pending_.begin());
    running_[next.operation.value()] = {next, session_key, of.msg_id()};
    result.assignments.push_back(std::move(next));
  }
}

// What an older session had been given.
void Server::Release(const session::Effects& effects, const std::string& session_key) {
  for (auto at = running_.begin(); at != running_.end();) {
    Running& running = at->second;
    if (running.session_key == session_key) {
      ++at;
      continue;
    }
    const auto& untouched = effects.untouched;
    const bool sent = std::find(untouched.begin(), untouched.end(), at->first) == untouched.end();
    running.assignment.uncertain = running.assignment.uncertain || sent;
    Return(std::move(running.assignment));
    at = running_.erase(at);
  }
}

void Server::Apply(const session::OperationReport& report, const std::string& session_key) {
  const auto found = running_.find(report.operation.value());
  if (found == running_.end() || found->second.session_key != session_key) {
    const auto ended = ended_.find(report.operation.value());
    const bool repeated = ended != ended_.end() && ended->second.session_key == session_key;
    if (!repeated)
      errors_.push_back("a report on " + report.operation.value() + ", which this session has not");
    return;
  }
  session::Assignment assignment = std::move(found->second.assignment);
  running_.erase(found);
  if (report.disposition == Disposition::kDone || report.disposition == Disposition::kRefused) {
    return End(report, session_key);
  }
  const bool lost = report.disposition == Disposition::kLost;
  assignment.uncertain = assignment.uncertain || lost;
  Return(std::move(assignment));
}

void Server::End(const session::OperationReport& report, const std::string& session_key) {
  Ended ended;
  ended.session_key = session_key;
  ended.done = report.disposition == Disposition::kDone;
  ended.cause = report.cause;
  ended.results = report.results;
  for (const session::CommandResult& result : report.results) {
    if (session::IsDone(result.status)) continue;
    ended.done = false;
    ended.cause +=
        " command " + std::to_string(result.index) + ": " + std::to_string(result.status);
  }
  if (!ended_.emplace(report.operation.value(), std::move(ended)).second) {
    errors_.push_back(report.operation.value() + " ended twice");
  }
}

}  // namespace drover::interop
