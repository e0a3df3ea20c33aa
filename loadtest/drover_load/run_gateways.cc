#include "loadtest/drover_load/run_gateways.h"

#include <algorithm>
#include <future>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "loadtest/drover_load/run_ledgers.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using SteadyClock = std::chrono::steady_clock;
using Tick = std::chrono::duration<int64_t, std::ratio<1, 10'000>>;

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kRegisterPatience{60};  // Behind the time that they are spread over.
constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::seconds kLookApart{1};
constexpr std::chrono::milliseconds kGather{20};
constexpr std::chrono::seconds kDrain{5};
constexpr size_t kMaxLines = 20;
constexpr std::string_view kApi = "/gw/v1";

constexpr GatewayWork kWorks[] = {GatewayWork::kConfig, GatewayWork::kReboot, GatewayWork::kRead};

void Increment(uint8_t& count) {
  if (count < UINT8_MAX) ++count;
}

}  // namespace

Result<gwsim::SimulatorOptions> RunGateways::OptionsOf(const Config& config) {
  gwsim::SimulatorOptions options;
  options.population = GatewaysOf(config.seed, config.gateways.count);
  const std::string& mix = config.gateways.mix;
  const Result<gwsim::Mix> parsed =
      gwsim::ParseMix(mix.empty() ? gwsim::DefaultMix() : std::string_view(mix));
  if (!parsed) return InvalidArgument("gateways.mix: " + parsed.error().message);
  options.mix = *parsed;
  std::string server = config.server;
  if (server.ends_with(kApi)) server.resize(server.size() - kApi.size());
  options.servers = {server};
  options.registrar = config.registrar;
  options.register_over =
      std::chrono::duration_cast<std::chrono::milliseconds>(config.gateways.register_over);
  options.keep = 1;  // Each execution is booked when it happens.
  return options;
}

Result<std::unique_ptr<RunGateways>> RunGateways::Make(const Endpoints& endpoints,
                                                       const Config& config,
                                                       report::Gateways& record) {
  DROVER_TRY(gwsim::SimulatorOptions options, OptionsOf(config));
  return std::unique_ptr<RunGateways>(
      new RunGateways(endpoints, config, std::move(options), record));
}

RunGateways::RunGateways(const Endpoints& endpoints, Config config, gwsim::SimulatorOptions options,
                         report::Gateways& record)
    : endpoints_(endpoints),
      config_(std::move(config)),
      record_(record),
      origin_(SteadyClock::now()),
      simulator_(loop_, std::move(options)),
      rows_(config_.gateways.count) {
  record_.used = true;
  record_.gateways = config_.gateways.count;
}

RunGateways::~RunGateways() { StopSimulator(); }

uint32_t RunGateways::Ticks(Time time) const {
  return static_cast<uint32_t>(std::chrono::duration_cast<Tick>(time - origin_).count()) + 1;
}

std::chrono::nanoseconds RunGateways::Between(uint32_t from, uint32_t to) const {
  return Tick(int64_t{to} - int64_t{from});
}

GatewayWork RunGateways::WorkOf(uint32_t number) const {
  return GatewayWorkOf(config_.gateways, config_.seed, number);
}

bool RunGateways::Finishes(uint32_t number) const {
  const gwsim::SimulatorOptions& options = simulator_.options();
  const size_t part = gwsim::PartOf(options.mix, options.population, number);
  return FinishesWork(*options.mix.parts[part].habits, WorkOf(number), !config_.registrar.empty());
}

// Runs it on the simulator's loop; what it returns.
template <typename F>
auto RunGateways::OnLoop(F call) {
  std::promise<decltype(call())> answer;
  asio::post(loop_, [&] { answer.set_value(call()); });
  return answer.get_future().get();
}

// --- Preparation ------------------------------------------------------------------------------

Result<void> RunGateways::Prepare(const Watchful& watchful) {
  DROVER_TRY(EnrolAll(watchful));
  DROVER_TRY(simulator_.Listen());
  Listen();
  return AwaitRegistrations(watchful);
}

Result<void> RunGateways::EnrolAll(const Watchful& watchful) {
  DROVER_TRY(Backend backend, Backend::Connect(endpoints_));
  const gwsim::Population& population = simulator_.population();
  sip::v1::EnrolGatewaysRequest request;
  for (uint32_t i = 0; i < population.count; ++i) {
    sip::v1::NewGateway& gateway = *request.add_gateways();
    gateway.set_id(gwsim::Serial(population, i));
    gateway.set_password(gwsim::HttpPassword(population, i));
    gateway.set_sip_password(gwsim::SipPassword(population, i));
    if (request.gateways_size() < Backend::kBatch && i + 1 < population.count) continue;
    if (watchful.stop()) return Cancelled("interrupted");
    DROVER_TRY(backend.EnrolGatewaysOnce(request, kPatience));
    request.clear_gateways();
    watchful.progress("enrolled gateways:", i + 1, population.count);
  }
  return {};
}

void RunGateways::Listen() {
  simulator_.on_told = [this](uint32_t number) { OnTold(number); };
  simulator_.on_answered = [this](uint32_t number) { OnAnswered(number); };
  simulator_.ledger().OnExecution(
      [this](const gwsim::Execution& execution) { OnExecution(execution); });
  thread_ = std::thread([this] {
    const auto always = asio::make_work_guard(loop_);
    loop_.run();
  });
  asio::post(loop_, [this] { simulator_.Start(); });
}

Result<void> RunGateways::AwaitRegistrations(const Watchful& watchful) {
  const Time end = SteadyClock::now() + config_.gateways.register_over + kRegisterPatience;
  Time shown = SteadyClock::now();
  while (record_.registered < config_.gateways.count && SteadyClock::now() < end) {
    if (watchful.stop()) return Cancelled("interrupted");
    std::this_thread::sleep_for(kLook);
    record_.registered = OnLoop([this] { return simulator_.counts().registered; });
    if (SteadyClock::now() - shown < std::chrono::seconds(1)) continue;
    shown = SteadyClock::now();
    watchful.progress("registered gateways:", record_.registered, config_.gateways.count);
  }
  watchful.progress("registered gateways:", record_.registered, config_.gateways.count);
  if (record_.registered > 0) return {};
  return Unavailable("no gateway could register at " + config_.server);
}

// --- Load -------------------------------------------------------------------------------------

void RunGateways::BeginLoad() {
  submitting_ = std::thread([this] { Submit(); });
}

void RunGateways::Submit() {
  Result<Backend> backend = Backend::Connect(endpoints_);
  if (!backend) {
    error_ = backend.error();
    return;
  }
  const Time begun = SteadyClock::now();
  const auto count = static_cast<uint32_t>(config_.gateways.count);
  uint32_t next = 0;
  while (next < count && !stopping_) {
    const double due = std::chrono::duration<double>(SteadyClock::now() - begun).count() *
                       config_.gateways.rate_per_s;
    const uint32_t end = std::min({count, static_cast<uint32_t>(std::min(due, 1e9)) + 1,
                                   next + static_cast<uint32_t>(Backend::kBatch)});
    if (end > next) SubmitBatch(*backend, next, end);
    next = std::max(next, end);
    std::this_thread::sleep_for(kGather);
  }
}

void RunGateways::SubmitBatch(Backend& backend, uint32_t begin, uint32_t end) {
  v1::SubmitOperationsRequest request;
  std::vector<uint32_t> numbers;
  for (uint32_t i = begin; i < end; ++i) {
    const GatewayWork work = WorkOf(i);
    if (work == GatewayWork::kNone) continue;
    AddGatewayOperation(work, simulator_.population(), i, config_.run_label, request);
    numbers.push_back(i);
  }
  if (numbers.empty()) return;
  request.set_idempotency_key(config_.run_label + ".gw." + std::to_string(begin));
  // Before any NOTIFY can come, which the same loop hears.
  OnLoop([&] {
    const uint32_t now = Ticks(SteadyClock::now());
    for (const uint32_t number : numbers) {
      rows_[number].submitted = now;
      expected_ += Finishes(number) ? 1 : 0;
    }
    return true;
  });
  const Result<void> submitted = backend.SubmitOnce(request, kPatience);
  if (submitted) {
    record_.submitted += numbers.size();
  } else if (!error_) {
    error_ = submitted.error();
  }
}

void RunGateways::OnTold(uint32_t number) {
  Row& row = rows_[number];
  if (row.submitted == 0 || row.told != 0) return;
  row.told = Ticks(SteadyClock::now());
  ++record_.told;
  record_.told_latency.Record(Between(row.submitted, row.told));
}

void RunGateways::OnAnswered(uint32_t number) {
  Row& row = rows_[number];
  if (row.told == 0 || row.asked) return;
  row.asked = true;
  ++record_.asked;
  record_.asked_latency.Record(Between(row.told, Ticks(SteadyClock::now())));
  if (WorkOf(number) == GatewayWork::kRead) Finished(row);
}

void RunGateways::OnExecution(const gwsim::Execution& execution) {
  Row& row = rows_[execution.gateway];
  const GatewayWork work = WorkOf(execution.gateway);
  const bool params = execution.good && execution.kind == gwsim::StepKind::kParams;
  const bool reboot = execution.good && execution.kind == gwsim::StepKind::kReboot;
  Increment(params ? row.params : reboot ? row.reboots : row.others);
  const bool its_own =
      work == GatewayWork::kConfig ? params : work == GatewayWork::kReboot && reboot;
  if (its_own && row.submitted != 0) Finished(row);
}

void RunGateways::Finished(Row& row) {
  if (std::exchange(row.done, true)) return;
  const auto number = static_cast<uint32_t>(&row - rows_.data());
  ++record_.carried_out;
  finished_ += Finishes(number) ? 1 : 0;
  record_.done_latency.Record(Between(row.submitted, Ticks(SteadyClock::now())));
}

void RunGateways::EndLoad(std::chrono::nanoseconds settle, const std::function<bool()>& stop) {
  const auto over = [&] { return OnLoop([this] { return finished_ >= expected_; }); };
  std::atomic<bool> submitted = false;
  std::thread submitter([&] {
    if (submitting_.joinable()) submitting_.join();
    submitted = true;
  });
  while (!submitted) {
    if (stop()) stopping_ = true;
    std::this_thread::sleep_for(kLook);
  }
  submitter.join();
  const Time end = SteadyClock::now() + settle;
  while (!stop() && SteadyClock::now() < end && !(over() && AllEnded())) {
    std::this_thread::sleep_for(kLook);
  }
  StopSimulator();
}

// Whether operations has heard of all that can be finished. Asked seldom: it looks at each of them.
bool RunGateways::AllEnded() {
  const Time now = SteadyClock::now();
  if (now < look_again_) return false;
  uint64_t open = 0;
  const Result<void> looked = ForEach([&](const v1::Operation& operation, GatewayWork) {
    const bool ended = operation.state() == v1::SUCCEEDED || operation.state() == v1::FAILED;
    const auto number = gwsim::NumberOfSerial(simulator_.population(), operation.device_id());
    if (!ended && number && Finishes(*number)) ++open;
  });
  const Time then = SteadyClock::now();
  look_again_ = then + std::max<Time::duration>(kLookApart, 10 * (then - now));
  return !looked || open == 0;
}

Result<void> RunGateways::ForEach(
    const std::function<void(const v1::Operation&, GatewayWork)>& call) {
  DROVER_TRY(Backend backend, Backend::Connect(endpoints_));
  for (const GatewayWork work : kWorks) {
    if (config_.gateways.work.Of(work) <= 0) continue;
    v1::ListOperationsRequest request;
    request.set_label(LabelOf(config_.run_label, GatewayLabel(work)));
    request.set_page_size(Backend::kBatch);
    do {
      DROVER_TRY(const v1::ListOperationsResponse page, backend.ListOnce(request, kPatience));
      for (const v1::Operation& operation : page.operations()) call(operation, work);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  return {};
}

void RunGateways::StopSimulator() {
  stopping_ = true;
  if (submitting_.joinable()) submitting_.join();
  if (!thread_.joinable()) return;
  auto stopped = std::make_shared<std::promise<void>>();
  asio::post(loop_, [this, stopped] { simulator_.Stop([stopped] { stopped->set_value(); }); });
  stopped->get_future().wait_for(kDrain);
  loop_.stop();
  thread_.join();
}

uint64_t RunGateways::size_octets() const {
  return simulator_.StateOctets() + rows_.size() * sizeof(Row);
}

// --- Comparison -------------------------------------------------------------------------------

Result<void> RunGateways::Compare() {
  return ForEach(
      [this](const v1::Operation& operation, GatewayWork work) { Check(operation, work); });
}

void RunGateways::Check(const v1::Operation& operation, GatewayWork work) {
  ++record_.compared;
  const gwsim::Population& population = simulator_.population();
  const auto number = gwsim::NumberOfSerial(population, operation.device_id());
  if (!number) {
    ++record_.different;
    return;
  }
  ++record_.operations[OutcomeOf(operation.state())];
  const Row& row = rows_[*number];
  GatewayDone done{row.params, row.reboots, row.others, ""};
  for (const gateway::Param& param : simulator_.Params(*number)) {
    if (param.name == kGatewayParam) done.value = param.value;
  }
  const GatewayMatch match =
      MatchGateway(work, operation.state(), done, GatewayValue(population, *number));
  if (match == GatewayMatch::kRight) return;
  if (!Finishes(*number)) {
    ++record_.excused;
    return;
  }
  ++(match == GatewayMatch::kLost        ? record_.lost
     : match == GatewayMatch::kDoubled   ? record_.doubled
     : match == GatewayMatch::kDifferent ? record_.different
                                         : record_.unfinished);
  if (record_.first_differences.size() >= kMaxLines) return;
  record_.first_differences.push_back(operation.device_id() + " " + operation.id() + " " +
                                      GatewayLabel(work) + ": " + std::string(Name(match)) +
                                      ", is " + v1::State_Name(operation.state()) + " " +
                                      operation.cause());
}

}  // namespace drover::load
