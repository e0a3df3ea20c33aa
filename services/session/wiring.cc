// The only file of the service that names concrete adapters.
#include "services/session/wiring.h"

#include "libs/dmauth/random.h"
#include "services/session/adapters/kafka_events.h"
#include "services/session/adapters/redis_session_store.h"
#include "services/session/adapters/stream_operations.h"
#include "services/session/adapters/stream_tree.h"
#include "services/session/config.h"
#include "services/session/handlers/grpc.h"

namespace drover::session {
namespace {

Result<void> Wire(service::Context& context) {
  DROVER_TRY(const Config config, Config::From(context.flags()));
  asio::io_context& loop = context.loop();
  auto& redis = context.Make<redis::Client>(loop, config.redis);
  auto& producer = context.Make<kafka::Producer>(loop, config.kafka);
  auto& operations = context.Make<StreamOperations>(loop, config.operations);
  auto& tree = context.Make<StreamTree>(loop, config.tree);
  auto& store = context.Make<RedisSessionStore>(redis, config.seal_keys, config.store);
  auto& events = context.Make<KafkaEvents>(producer);
  auto& metrics = context.Make<Metrics>(context.metrics());
  auto& exchange = context.Make<ExchangeHandler>(
      loop, ExchangeHandler::Ports{store, operations, tree, events}, config.exchange,
      config.unknown, context.clock(), RandomOctets(dmauth::SystemRandom), metrics);

  context.ReadyWhen("redis", [&redis] { return redis.connected(); });
  context.ReadyWhen("kafka", [&producer] { return producer.connected(); });
  context.ReadyWhen("operations", [&operations] { return operations.connected(); });
  context.ReadyWhen("tree", [&tree] { return tree.connected(); });
  auto& notifier = context.Make<Notifier>(loop, store, tree, config.exchange.server_id);
  context.Make<GrpcHandlers>(context, exchange, notifier, store);
  context.Spawn("marks", store.WatchMarks(loop));
  return {};
}

}  // namespace

service::Service Definition() {
  return {.name = "session",
          .description = "OMA DM sessions: the state machine between terminals and operations.",
          .flags = Config::AllFlags(),
          .wire = Wire,
          .migrate = nullptr};
}

}  // namespace drover::session
