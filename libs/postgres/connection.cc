#include "libs/postgres/connection.h"

#include <cstring>

#include "libs/postgres/rows.h"

namespace drover::postgres {
namespace {

using boost::system::error_code;

constexpr std::chrono::seconds kConnectTimeout{5};
// A server whose client has gone gives the statement up within this time.
constexpr char kSetUp[] = "SET client_connection_check_interval = '1s'";

std::string FirstLine(const char* text) {
  std::string line(text == nullptr ? "" : text);
  if (const size_t end = line.find('\n'); end != line.npos) line.resize(end);
  return line;
}

// A plan whose result a migration has changed, or a statement that the server does not know (it was
// deallocated).
bool IsOutOfDate(const PGresult* failed) {
  const char* const sqlstate = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
  const char* const function = PQresultErrorField(failed, PG_DIAG_SOURCE_FUNCTION);
  return (sqlstate != nullptr && std::strcmp(sqlstate, "26000") == 0) ||
         (function != nullptr && std::strcmp(function, "RevalidateCachedQuery") == 0);
}

bool NeedsResolving(const std::string& host) {
  if (host.empty() || host[0] == '/' || host[0] == '@' || host.find(',') != host.npos) return false;
  error_code no_address;
  asio::ip::make_address(host, no_address);
  return static_cast<bool>(no_address);
}

}  // namespace

Result<Target> ParseTarget(const Config& config) {
  char* reason = nullptr;
  PQconninfoOption* const options = PQconninfoParse(config.url.c_str(), &reason);
  if (options == nullptr) {
    PQfreemem(reason);  // It quotes the URL.
    return InvalidArgument("PostgreSQL URL: must be postgresql://user@host:port/database");
  }
  Target target{config.url, config.password, {}};
  bool has_password = false;
  bool has_address = false;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    if (std::strcmp(option->keyword, "password") == 0) has_password = true;
    if (std::strcmp(option->keyword, "hostaddr") == 0) has_address = true;
    if (std::strcmp(option->keyword, "host") == 0) target.host = option->val;
  }
  PQconninfoFree(options);
  if (has_password) {
    return InvalidArgument("PostgreSQL URL: must not hold a password; give it as a file");
  }
  if (has_address || !NeedsResolving(target.host)) target.host.clear();
  return target;
}

template <typename Handler>
auto Connection::OfThis(Handler handler) {
  return [self = shared_from_this(), generation = generation_, handler](auto&&... args) {
    if (self->generation_ == generation) handler(*self, args...);
  };
}

Connection::Connection(asio::io_context& loop, Owner& owner, const Target& target,
                       StatementNumbers& numbers)
    : owner_(owner),
      target_(target),
      numbers_(numbers),
      resolver_(loop.get_executor()),
      socket_(loop.get_executor()),
      timer_(loop.get_executor()) {}

Connection::~Connection() { FinishConnection(); }

void Connection::Open() { Connect(); }

void Connection::Close() {
  phase_ = Phase::kClosed;
  ++generation_;
  timer_.cancel();
  resolver_.cancel();
  FinishConnection();
  const std::unique_ptr<Job> dropped = std::move(job_);
}

void Connection::FinishConnection() {
  if (socket_.is_open()) socket_.release();
  if (connection_ != nullptr) PQfinish(std::exchange(connection_, nullptr));
}

// --- Connecting.

void Connection::Connect() {
  ++generation_;
  phase_ = Phase::kConnecting;
  timer_.expires_after(kConnectTimeout);
  timer_.async_wait(OfThis([](Connection& self, error_code cancelled) {
    if (!cancelled) self.Lost("no connection in time");
  }));
  if (target_.host.empty()) return StartConnecting({}, {});
  resolver_.async_resolve(target_.host, "",
                          OfThis([](Connection& self, error_code error, const auto& found) {
                            if (error) return self.Lost("cannot resolve: " + error.message());
                            self.OnResolved(found);
                          }));
}

void Connection::OnResolved(const asio::ip::tcp::resolver::results_type& found) {
  std::string hosts;
  std::string addresses;
  for (const auto& entry : found) {
    hosts.append(hosts.empty() ? "" : ",").append(target_.host);
    addresses.append(addresses.empty() ? "" : ",");
    addresses.append(entry.endpoint().address().to_string());
  }
  StartConnecting(hosts, addresses);
}

void Connection::StartConnecting(const std::string& hosts, const std::string& addresses) {
  std::vector<const char*> keys = {"dbname", "fallback_application_name", "client_encoding"};
  std::vector<const char*> values = {target_.url.c_str(), "drover", "UTF8"};
  const auto add = [&](const char* key, const std::string& value) {
    if (value.empty()) return;
    keys.push_back(key);
    values.push_back(value.c_str());
  };
  add("password", target_.password);
  add("host", hosts);
  add("hostaddr", addresses);
  keys.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = PQconnectStartParams(keys.data(), values.data(), /*expand_dbname=*/1);
  DROVER_CHECK(connection_ != nullptr);
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  if (PQstatus(connection_) == CONNECTION_BAD) return Lost(FirstLine(PQerrorMessage(connection_)));
  // As PQconnectStart's documentation says: behave as if PQconnectPoll had asked to write.
  socket_.assign(PQsocket(connection_));
  socket_.async_wait(Descriptor::wait_write,
                     OfThis([](Connection& self, error_code) { self.Poll(); }));
}

void Connection::Poll() {
  const PostgresPollingStatusType status = PQconnectPoll(connection_);
  if (status == PGRES_POLLING_FAILED) return Lost(FirstLine(PQerrorMessage(connection_)));
  if (status == PGRES_POLLING_OK) return SetUp();
  // The socket may be another than before.
  if (socket_.is_open()) socket_.release();
  socket_.assign(PQsocket(connection_));
  socket_.async_wait(
      status == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write,
      OfThis([](Connection& self, error_code) { self.Poll(); }));
}

void Connection::SetUp() {
  phase_ = Phase::kSettingUp;
  prepared_.clear();
  steps_.clear();
  forget_statements_ = false;
  writing_ = false;
  PQsetnonblocking(connection_, 1);
  if (socket_.is_open()) socket_.release();
  socket_.assign(PQsocket(connection_));
  WaitReadable();
  in_script_ = true;
  if (PQsendQuery(connection_, kSetUp) == 0) return Lost(FirstLine(PQerrorMessage(connection_)));
  Flush();
}

void Connection::BecomeReady() {
  phase_ = Phase::kReady;
  timer_.cancel();
  backoff_.Reset();
  owner_.Freed(*this);
}

void Connection::Lost(std::string why) {
  ++generation_;
  phase_ = Phase::kBackOff;
  resolver_.cancel();
  FinishConnection();
  const std::unique_ptr<Job> job = std::move(job_);
  const auto wait = backoff_.Next();
  if (wait.count() == 0) {
    Connect();
  } else {
    timer_.expires_after(wait);
    timer_.async_wait(OfThis([](Connection& self, error_code cancelled) {
      if (!cancelled) self.Connect();
    }));
  }
  owner_.Failed(why);
  if (phase_ == Phase::kClosed || !job || !job->resume) return;
  job->resume.Set(Unavailable("PostgreSQL connection lost: " + why));
}

// --- Sending.

void Connection::Run(std::unique_ptr<Job> job) {
  job_ = std::move(job);
  rows_.clear();
  error_.reset();
  bool sent = true;
  if (job_->statements.empty()) {
    sent = SendScript(job_->script);
  } else {
    for (const Statement& statement : job_->statements) sent = sent && Send(statement);
    sent = sent && PQpipelineSync(connection_) == 1;
    steps_.push_back({Step::Kind::kSync});
  }
  if (!sent) return Lost(FirstLine(PQerrorMessage(connection_)));
  Flush();
}

bool Connection::SendScript(const std::string& sql) {
  in_script_ = true;
  return PQexitPipelineMode(connection_) == 1 && PQsendQuery(connection_, sql.c_str()) == 1;
}

bool Connection::Send(const Statement& statement) {
  const int number = numbers_.Of(statement);
  const std::string name = number == StatementNumbers::kUnnamed ? "" : "s" + std::to_string(number);
  const bool known = number != StatementNumbers::kUnnamed && prepared_.contains(number);
  if (!known && !SendPrepare(statement, number, name.c_str())) return false;
  return SendExecute(statement, name.c_str());
}

bool Connection::SendPrepare(const Statement& statement, int number, const char* name) {
  types_.clear();
  for (const Param& param : statement.params) types_.push_back(param.type());
  steps_.push_back({Step::Kind::kPrepare, number});
  // Known from here on, for its next use in this job; taken back when preparing fails.
  if (number != StatementNumbers::kUnnamed) prepared_.insert(number);
  return PQsendPrepare(connection_, name, statement.sql.c_str(), static_cast<int>(types_.size()),
                       types_.data()) == 1;
}

bool Connection::SendExecute(const Statement& statement, const char* name) {
  values_.clear();
  lengths_.clear();
  for (const Param& param : statement.params) {
    values_.push_back(param.octets() ? param.octets()->data() : nullptr);
    lengths_.push_back(param.octets() ? static_cast<int>(param.octets()->size()) : 0);
  }
  formats_.assign(values_.size(), 1);
  steps_.push_back({Step::Kind::kExecute});
  return PQsendQueryPrepared(connection_, name, static_cast<int>(values_.size()), values_.data(),
                             lengths_.data(), formats_.data(), /*resultFormat=*/1) == 1;
}

void Connection::Flush() {
  if (writing_) return;
  const int left = PQflush(connection_);
  if (left < 0) return Lost(FirstLine(PQerrorMessage(connection_)));
  if (left == 0) return;
  writing_ = true;
  socket_.async_wait(Descriptor::wait_write, OfThis([](Connection& self, error_code) {
                       self.writing_ = false;
                       self.Flush();
                     }));
}

// --- Receiving.

// Always waiting, also when idle: so a server that closes the connection is noticed at once.
void Connection::WaitReadable() {
  socket_.async_wait(Descriptor::wait_read,
                     OfThis([](Connection& self, error_code) { self.OnReadable(); }));
}

void Connection::OnReadable() {
  const uint64_t generation = generation_;
  if (PQconsumeInput(connection_) == 0) return Lost(FirstLine(PQerrorMessage(connection_)));
  TakeResults();
  if (generation != generation_) return;
  Flush();
  if (generation == generation_) WaitReadable();
}

void Connection::TakeResults() {
  const uint64_t generation = generation_;
  bool at_sync = false;
  const auto expecting = [this] { return in_script_ || !steps_.empty(); };
  while (generation == generation_ && expecting() && PQisBusy(connection_) == 0) {
    PGresult* const result = PQgetResult(connection_);
    if (result != nullptr) {
      at_sync = false;
      OnResult(result);
    } else if (in_script_) {
      OnScriptEnd();
    } else if (steps_.front().kind != Step::Kind::kSync) {
      steps_.pop_front();  // The end of one statement's results.
    } else if (std::exchange(at_sync, true)) {
      break;  // The Sync's own error (a deferred constraint) has come, its end has not.
    }
  }
  if (generation == generation_ && PQstatus(connection_) == CONNECTION_BAD) {
    Lost(FirstLine(PQerrorMessage(connection_)));
  }
}

void Connection::OnResult(PGresult* result) {
  auto data = std::make_shared<Rows::Data>(result);
  const Step step = in_script_ ? Step{Step::Kind::kExecute} : steps_.front();
  switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
      steps_.pop_front();
      return EndJob();
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      if (step.kind == Step::Kind::kExecute && !in_script_) rows_.emplace_back(std::move(data));
      return;
    case PGRES_PIPELINE_ABORTED:
      break;
    case PGRES_FATAL_ERROR:
      if (!error_) error_ = FromFailed(result);
      forget_statements_ = forget_statements_ || IsOutOfDate(result);
      break;
    default:  // COPY and the like, which would have to be carried through.
      return Abandon("a COPY", InvalidArgument("PostgreSQL: COPY is not supported here"));
  }
  if (step.kind == Step::Kind::kPrepare) prepared_.erase(step.number);
}

void Connection::OnScriptEnd() {
  in_script_ = false;
  if (PQtransactionStatus(connection_) != PQTRANS_IDLE) {
    return Lost("a script must end the transaction that it begins");
  }
  if (PQenterPipelineMode(connection_) == 0) return Lost("cannot enter pipeline mode");
  if (phase_ == Phase::kSettingUp) return BecomeReady();
  EndJob();
}

void Connection::EndJob() {
  const std::unique_ptr<Job> job = std::move(job_);
  Result<std::vector<Rows>> outcome = std::move(rows_);
  rows_.clear();
  if (error_) outcome = *std::exchange(error_, {});
  if (forget_statements_) {
    if (!outcome) outcome = Aborted(outcome.error().message + " (prepared anew: try again)");
    Lost("prepared statements are out of date");
  } else {
    owner_.Freed(*this);  // The next job is on its way before this one's caller goes on.
  }
  if (phase_ != Phase::kClosed && job && job->resume) job->resume.Set(std::move(outcome));
}

std::optional<Deadline> Connection::Expire(Deadline now) {
  if (job_ == nullptr) return std::nullopt;
  if (job_->deadline > now) return job_->deadline;
  Abandon("a statement did not end in time", DeadlineExceeded("no answer from PostgreSQL in time"));
  return std::nullopt;
}

void Connection::Abandon(std::string why, Error error) {
  Resumer<std::vector<Rows>> resume;
  if (job_ != nullptr) resume = std::move(job_->resume);
  Lost(std::move(why));
  if (phase_ != Phase::kClosed && resume) resume.Set(std::move(error));
}

}  // namespace drover::postgres
