// What is written before it is done. machine_restore.cc reads the same fields in the same order.
#include "libs/dispatch/machine.h"

namespace drover::dispatch {

void Machine::WriteHeader() {
  header_written_ = true;
  base::Packer& record = journal_.Begin(RecordKind::kHeader);
  record.Number(last_id_);
  record.Number(options_.smscs.size());
  for (const SmscOptions& smsc : options_.smscs) record.Text(smsc.name);
  Write();
}

base::Packer& Machine::Record(RecordKind kind, const Group& group) {
  base::Packer& record = journal_.Begin(kind);
  record.Number(group.id);
  return record;
}

void Machine::PackIdentity(uint32_t slot, base::Packer& out) const {
  const Group& group = groups_[slot];
  out.Octets({reinterpret_cast<const char*>(group.job.data()), group.job.size()});
  out.Number(group.destination);
  out.Text(originators_[group.originator]);
  out.Number(routes_.SmscsOf(group.route));
  out.Number((group.unconfirmed ? 16u : 0u) | static_cast<uint64_t>(group.priority) << 2 |
             (group.ref_8 ? 2u : 0u) | (group.part ? 1u : 0u));
  out.Number(group.wished_gate);
  out.Number(group.segments);
  out.Number(group.first);
  out.Number(group.total);
  out.Number(group.ref);
  out.Number(static_cast<uint64_t>(group.wake));
  out.Number(static_cast<uint64_t>(group.deadline));
  out.Text(group.payload.view());
}

void Machine::WriteAdmitted(uint32_t slot) {
  base::Packer& record = Record(RecordKind::kAdmitted, groups_[slot]);
  PackIdentity(slot, record);
  Write();
}

void Machine::WriteStarted(const Group& group) {
  base::Packer& record = Record(RecordKind::kStarted, group);
  record.Number(group.smsc);
  record.Number(static_cast<uint64_t>(group.gate));
  record.Number(group.whole ? 1 : 0);
  record.Number(group.ref);
  record.Number(static_cast<uint64_t>(now_));
  Write();
}

void Machine::WriteReported(const Group& group, uint8_t i, const Report& report) {
  base::Packer& record = Record(RecordKind::kReported, group);
  record.Number(i);
  record.Number(static_cast<uint64_t>(report.arrival));
  record.Number(report.message_state);
  record.Number(report.network);
  record.Number(static_cast<uint64_t>(now_));
  Write();
}

void Machine::WriteSuspended(const Group& group) {
  base::Packer& record = Record(RecordKind::kSuspended, group);
  record.Number(group.state == GroupState::kAlertWait ? 1 : 0);
  record.Number(group.backoff);
  record.Number(static_cast<uint64_t>(group.wake));
  record.Number(static_cast<uint64_t>(group.fault));
  record.Number(group.status);
  record.Number(group.network);
  Write();
}

void Machine::WriteEnded(const Group& group) {
  base::Packer& record = Record(RecordKind::kEnded, group);
  record.Number(static_cast<uint64_t>(group.end));
  record.Number(group.code);
  record.Number(static_cast<uint64_t>(group.ended_at));
  record.Number(static_cast<uint64_t>(group.fault));
  record.Number(group.status);
  record.Number(group.network);
  record.Number(group.replaced ? 1 : 0);
  Write();
}

// --- Snapshots ---------------------------------------------------------------------------------

void Machine::PackProgress(const Group& group, base::Packer& out) const {
  out.Number((group.started ? 1u : 0u) | (group.whole ? 2u : 0u) | (group.suspended ? 4u : 0u) |
             (group.state == GroupState::kAlertWait ? 8u : 0u) |
             (group.state == GroupState::kEnded ? 16u : 0u) | (group.replaced ? 32u : 0u));
  out.Number(group.smsc);
  out.Number(static_cast<uint64_t>(group.gate));
  out.Number(group.attempt);
  out.Number(group.epoch_from);
  out.Number(group.accepted);
  out.Number(group.delivered);
  out.Number(group.in_flight | group.maybe);
  out.Number(group.tried);
  out.Number(static_cast<uint64_t>(group.first_delivered));
  out.Number(group.backoff);
  out.Number(static_cast<uint64_t>(group.fault));
  out.Number(group.status);
  out.Number(group.network);
  out.Number(static_cast<uint64_t>(group.end));
  out.Number(group.code);
  out.Number(static_cast<uint64_t>(group.ended_at));
  const auto ids = static_cast<uint64_t>(std::popcount(group.accepted));
  out.Number(group.ids.empty() ? 0 : ids);
}

void Machine::WriteGroup(uint32_t slot) {
  const Group& group = groups_[slot];
  base::Packer& record = Record(RecordKind::kGroup, group);
  PackIdentity(slot, record);
  PackProgress(group, record);
  if (!group.ids.empty()) {
    ForEachBit(group.accepted, [&](uint8_t i) {
      const MessageId id = ids_.Look(slot, i);
      record.Number(i);
      record.Text(id.id);
      record.Text(id.key);
    });
  }
  Write();
}

void Machine::WriteReferences(uint32_t slot) {
  References::Kept kept;
  if (!references_.Look(slot, kept)) return;
  base::Packer& record = journal_.Begin(RecordKind::kReferences);
  record.Text(originators_[kept.of.originator]);
  record.Number(kept.of.destination);
  record.Number(kept.last);
  record.Number(static_cast<uint64_t>(kept.used_at));
  record.Text(kept.reserved);
  Write();
}

void Machine::BeginSnapshot(Effects& out) {
  out_ = &out;
  WriteHeader();
  snapshot_group_ = snapshot_pair_ = 0;
  parked_.ForEach([this](SmscId smsc, std::string_view key, const Report& report, int64_t until) {
    WriteParked(smsc, key, report, until);
  });
}

bool Machine::SnapshotSome(size_t most_groups, Effects& out) {
  out_ = &out;
  size_t left = most_groups;
  for (; left > 0 && snapshot_group_ < groups_.end(); ++snapshot_group_) {
    if (groups_[snapshot_group_].id == 0) continue;
    WriteGroup(snapshot_group_);
    --left;
  }
  for (; left > 0 && snapshot_pair_ < references_.end(); ++snapshot_pair_) {
    WriteReferences(snapshot_pair_);
    --left;
  }
  return snapshot_group_ >= groups_.end() && snapshot_pair_ >= references_.end();
}

void Machine::WriteParked(SmscId smsc, std::string_view key, const Report& report, int64_t until) {
  base::Packer& record = journal_.Begin(RecordKind::kParked);
  record.Number(smsc);
  record.Number(static_cast<uint64_t>(until));
  record.Number(static_cast<uint64_t>(report.arrival));
  record.Number(report.message_state);
  record.Number(report.network);
  record.Text(key);
  Write();
}

}  // namespace drover::dispatch
