// The journal of groups in PostgreSQL: push.journal, behind the epochs of push.slots.
//
// Who claims a slot raises its epoch; from then on an append with an older one changes
// nothing. The claim waits for appends that are under way, so what it then reads is all there is.
#pragma once
#include <string>
#include <vector>

#include "libs/postgres/pool.h"

namespace drover::push {

class PgJournal {
 public:
  PgJournal(postgres::Pool& pool, std::string owner);

  struct Claim {
    int64_t epoch = 0;
    int64_t last_seq = 0;  // 0: the journal is empty.
  };
  Task<Claim> Take(int slot, TimePoint now, Deadline deadline);

  struct Row {
    int64_t seq = 0;
    std::string records;
    std::string offsets;
  };
  // Rows after seq, in order, at most `most`.
  Task<std::vector<Row>> Read(int slot, int64_t after, int most, Deadline deadline);

  struct Append {
    int slot = 0;
    int64_t epoch = 0;
    int64_t seq = 0;  // One more than the row before.
    std::string records;
    std::string offsets;
    int64_t forget_before = 0;  // Rows below go in the same transaction; 0: none.
  };
  // False: another has claimed the slot; nothing was written. May be repeated after an error: a row
  // that is there already stays as it is.
  Task<bool> Write(const Append& append, Deadline deadline);

 private:
  postgres::Pool& pool_;
  const std::string owner_;
};

}  // namespace drover::push
