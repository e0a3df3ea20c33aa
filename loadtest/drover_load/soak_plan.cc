#include "loadtest/drover_load/soak_plan.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;

constexpr char kUpdate[] = "./FUMO/P1/DownloadAndUpdate";
constexpr size_t kMaxLeaves = 4;  // Of a slot, besides its own value.
constexpr size_t kLargeMin = 20 * 1024;
constexpr size_t kLargeMax = 100 * 1024;

}  // namespace

SoakPlan::SoakPlan(std::string run, uint64_t seed, SoakFeatures features)
    : run_(std::move(run)), features_(features), random_(seed) {}

SoakOperation SoakPlan::Draw(const terminal::Terminal& device, uint32_t terminal, uint32_t slot) {
  drawn_ = SoakOperation();
  drawn_.serial = ++serial_;
  drawn_.terminal = terminal;
  drawn_.slot = slot;
  drawn_.wanted.set_device_id(device.device_id());
  if (slot == 0) {
    UpdateFirmware();
  } else {
    FillSlot(device, slot);
  }
  return std::move(drawn_);
}

void SoakPlan::UpdateFirmware() {
  drawn_.wanted.set_label("soak-update");
  Write(v1::REPLACE, std::string(kUpdate) + "/PkgURL",
        "http://dl.example.com/fw/pkg-" + run_ + "." + std::to_string(serial_) + ".dd");
  Add(v1::EXEC, kUpdate);
}

void SoakPlan::FillSlot(const terminal::Terminal& device, uint32_t slot) {
  const std::string path = "S" + std::to_string(slot);
  const std::string uri = "./" + path;
  const std::string value_uri = uri + "/A";
  if (!device.tree().Find(path)) {
    drawn_.wanted.set_label("soak-make");
    Add(v1::ADD, uri).set_format("node");
    return Write(v1::ADD, value_uri, Value());
  }
  if (!device.tree().Find(path + "/A")) {
    drawn_.wanted.set_label("soak-make");
    return Write(v1::ADD, value_uri, Value());
  }
  std::vector<std::string> leaves = device.tree().Children(path);
  std::erase(leaves, "A");
  if (leaves.size() >= kMaxLeaves) return Tidy(uri, leaves);
  switch (Pick(8)) {
    case 0:
      drawn_.wanted.set_label("soak-replace");
      return Write(v1::REPLACE, value_uri, Value());
    case 1:
      drawn_.wanted.set_label("soak-get");
      Add(v1::GET, "./DevInfo/Man", std::string(device.model().spec().manufacturer));
      Add(v1::GET, value_uri, device.tree().Value(path + "/A"));
      return;
    case 2:
      drawn_.wanted.set_label("soak-add");
      return Write(v1::ADD, uri + "/" + Leaf("n"), Value());
    case 3:
      drawn_.wanted.set_label("soak-copy");
      Add(v1::COPY, uri + "/" + Leaf("c")).set_source(value_uri);
      return;
    case 4:
      if (features_.atomics) return Atomic(uri);
      break;
    case 5:
      if (!features_.large_objects) break;
      drawn_.wanted.set_label("soak-large");
      Write(v1::REPLACE, value_uri, LargeValue());
      Add(v1::GET, value_uri, drawn_.wanted.commands(0).data());
      return;
    default:
      break;
  }
  Mixed(uri, leaves);
}

void SoakPlan::Tidy(const std::string& uri, const std::vector<std::string>& leaves) {
  drawn_.wanted.set_label("soak-delete");
  for (const std::string& leaf : leaves) Add(v1::DELETE, uri + "/" + leaf);
}

// Several commands whose order matters: they travel in a Sequence.
void SoakPlan::Mixed(const std::string& uri, const std::vector<std::string>& leaves) {
  drawn_.wanted.set_label("soak-sequence");
  const std::string value = Value();
  Write(v1::REPLACE, uri + "/A", value);
  Add(v1::GET, uri + "/A", value);
  Write(v1::ADD, uri + "/" + Leaf("n"), Value());
  if (!leaves.empty()) Add(v1::DELETE, uri + "/" + leaves[Pick(leaves.size())]);
}

void SoakPlan::Atomic(const std::string& uri) {
  drawn_.wanted.set_label("soak-atomic");
  v1::Command& prompt = Add(v1::PROMPT, "");
  prompt.mutable_prompt()->set_kind(v1::Prompt::CONFIRM);
  prompt.mutable_prompt()->set_text("Change the settings?");
  prompt.mutable_prompt()->set_default_response("1");
  Write(v1::REPLACE, uri + "/A", Value());
  Write(v1::ADD, uri + "/" + Leaf("n"), Value());
  for (v1::Command& command : *drawn_.wanted.mutable_commands()) command.set_atomic(1);
}

v1::Command& SoakPlan::Add(v1::Verb verb, std::string uri, std::string expected) {
  drawn_.expected.push_back(std::move(expected));
  v1::Command& command = *drawn_.wanted.add_commands();
  command.set_verb(verb);
  command.set_target(std::move(uri));
  return command;
}

void SoakPlan::Write(v1::Verb verb, std::string uri, std::string value) {
  v1::Command& command = Add(verb, std::move(uri));
  command.set_format("chr");
  command.set_data(std::move(value));
  command.set_has_data(true);
}

std::string SoakPlan::Value() { return run_ + "-" + std::to_string(++values_); }

std::string SoakPlan::LargeValue() {
  std::string value = Value() + " ";
  const size_t size = kLargeMin + Pick(kLargeMax - kLargeMin);
  value.reserve(size + 16);
  while (value.size() < size) value += std::to_string(random_()) + ' ';
  value.resize(size);
  value.back() = '.';
  return value;
}

std::string SoakPlan::Leaf(const char* prefix) const { return prefix + std::to_string(serial_); }

}  // namespace drover::load
