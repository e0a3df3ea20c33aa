// What a Rows holds, and what a failed PGresult says.
#pragma once
#include <libpq-fe.h>

#include "libs/postgres/pool.h"

namespace drover::postgres {

struct Rows::Data {
  explicit Data(PGresult* r) : result(r) {}
  ~Data() { PQclear(result); }
  Data(const Data&) = delete;
  PGresult* result;
};

// The Error of a failed result, with the Code that pool.h promises. Values that the server quotes
// stay out of the message.
Error FromFailed(const PGresult* failed);
// By SQLSTATE, five characters (PostgreSQL documentation, appendix A).
Code CodeOf(std::string_view sqlstate);

}  // namespace drover::postgres
