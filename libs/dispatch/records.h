// The kinds of records in the journal, and what writes them. Fields are those of base::Packer; what
// follows each kind is in machine_journal.cc (written) and machine_restore.cc (read).
#pragma once
#include <cstdint>

#include "libs/base/packed.h"
#include "libs/dispatch/effects.h"
#include "libs/dispatch/journal_frames.h"

namespace drover::dispatch {

enum class RecordKind : uint8_t {
  kHeader = 1,     // The SMSCs' names: what numbers of SMSCs mean from here on.
  kAdmitted = 2,   // A new group.
  kStarted = 3,    // .. has an SMSC and a reference number; all its segments are unsent.
  kSubmitted = 4,  // A segment is about to leave.
  kAccepted = 5,   // The SMSC has it (Gate::kTransaction: the terminal).
  kReported = 6,   // A receipt: it arrived, or it is unsent again.
  kSuspended = 7,  // The group waits for its time or its terminal.
  kEnded = 8,
  kKept = 9,    // The outcome is safe elsewhere.
  kGroup = 10,  // A whole group as it stands.
  kReferences = 11,
  kParked = 12,  // A receipt that came too early.
  kReset = 13,   // The group starts anew on another SMSC, when its turn comes.
};

class JournalWriter {
 public:
  base::Packer& Begin(RecordKind kind) {
    packer_.out().clear();
    packer_.Number(static_cast<uint64_t>(kind));
    return packer_;
  }
  void End(Effects& out) {
    const size_t before = out.journal.size();
    AppendFrame(packer_.out(), out.journal);
    position_ += out.journal.size() - before;
  }
  // Octets written since the process began.
  uint64_t position() const { return position_; }

 private:
  base::Packer packer_;
  uint64_t position_ = 0;
};

}  // namespace drover::dispatch
