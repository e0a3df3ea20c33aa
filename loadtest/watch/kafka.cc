#include <array>
#include <filesystem>
#include <map>

#include <librdkafka/rdkafka.h>

#include "loadtest/watch/stores.h"

namespace drover::watch {
namespace {

namespace fs = std::filesystem;
using report::Watched;

// "drover.operations-3" -> "drover.operations"
std::string TopicOf(const std::string& partition) {
  const size_t dash = partition.rfind('-');
  const bool numbered = dash != std::string::npos && dash + 1 < partition.size() &&
                        partition.find_first_not_of("0123456789", dash + 1) == std::string::npos;
  return numbered ? partition.substr(0, dash) : std::string();
}

// What the log's segments take; a file that is just going away counts nothing.
double OctetsIn(const fs::path& partition) {
  double octets = 0;
  std::error_code error;
  for (auto file = fs::directory_iterator(partition, error);
       !error && file != fs::directory_iterator(); file.increment(error)) {
    if (file->path().extension() != ".log") continue;
    std::error_code gone;
    const auto size = file->file_size(gone);
    if (!gone) octets += static_cast<double>(size);
  }
  return octets;
}

class LogFolder : public Sampler {
 public:
  explicit LogFolder(KafkaTarget target) : target_(std::move(target)) {}

  std::vector<Reading> Sample(Deadline /*deadline*/) override {
    std::map<std::string, double> topics;
    std::error_code error;
    for (auto entry = fs::directory_iterator(target_.log_folder, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const std::string topic = TopicOf(entry->path().filename());
      if (topic.empty() || topic.starts_with("__")) continue;
      topics[topic] += OctetsIn(entry->path());
    }
    std::vector<Reading> readings;
    double all = 0;
    for (const auto& [topic, octets] : topics) {
      all += octets;
      if (octets == 0) continue;
      readings.push_back(
          {Watched::kStore, target_.name + " " + topic, "bytes", target_.log_folder, octets});
    }
    if (!topics.empty()) {
      readings.push_back({Watched::kStore, target_.name, "bytes", target_.log_folder, all});
    }
    return readings;
  }

 private:
  KafkaTarget target_;
};

struct ClientDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
struct MetadataDeleter {
  void operator()(const struct rd_kafka_metadata* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};

class Offsets : public Sampler {
 public:
  explicit Offsets(KafkaTarget target) : target_(std::move(target)) {}

  std::vector<Reading> Sample(Deadline deadline) override {
    if (client_ == nullptr) Open();
    if (client_ == nullptr) return {};
    const struct rd_kafka_metadata* found = nullptr;
    if (rd_kafka_metadata(client_.get(), 1, nullptr, &found, Left(deadline)) !=
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      return {};
    }
    const std::unique_ptr<const struct rd_kafka_metadata, MetadataDeleter> metadata(found);
    std::vector<Reading> readings;
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const rd_kafka_metadata_topic& topic = metadata->topics[i];
      const std::string name = topic.topic;
      double records = 0;
      if (name.starts_with("__") || !Written(topic, deadline, records)) continue;
      readings.push_back(
          {Watched::kStore, target_.name + " " + name, "records", target_.brokers, records});
    }
    return readings;
  }

 private:
  static int Left(Deadline deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<int64_t>(left.count(), 1));
  }

  void Open() {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    std::array<char, 256> why;
    const bool set =
        rd_kafka_conf_set(conf, "bootstrap.servers", target_.brokers.c_str(), why.data(),
                          why.size()) == RD_KAFKA_CONF_OK &&
        rd_kafka_conf_set(conf, "log_level", "0", why.data(), why.size()) == RD_KAFKA_CONF_OK;
    if (set) client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, why.data(), why.size()));
    if (client_ == nullptr) rd_kafka_conf_destroy(conf);
  }

  // How many records the topic's partitions have been given. False: not all told in time.
  bool Written(const rd_kafka_metadata_topic& topic, Deadline deadline, double& records) {
    for (int i = 0; i < topic.partition_cnt; ++i) {
      int64_t low = 0;
      int64_t high = 0;
      const auto asked = rd_kafka_query_watermark_offsets(
          client_.get(), topic.topic, topic.partitions[i].id, &low, &high, Left(deadline));
      if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
      records += static_cast<double>(high);
    }
    return true;
  }

  KafkaTarget target_;
  std::unique_ptr<rd_kafka_t, ClientDeleter> client_;
};

}  // namespace

std::unique_ptr<Sampler> SampleKafka(KafkaTarget target) {
  if (!target.log_folder.empty()) return std::make_unique<LogFolder>(std::move(target));
  return std::make_unique<Offsets>(std::move(target));
}

}  // namespace drover::watch
