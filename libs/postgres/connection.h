// One libpq connection of a Pool: connects without blocking, runs one job at a time in pipeline
// mode, reconnects with back-off when lost.
//
// A job's statements go out together and end with one Sync. Between two Syncs PostgreSQL runs
// everything as one implicit transaction ("Pipeline Mode" in libpq's documentation), so all or none
// is kept, without messages for BEGIN and COMMIT, and without a ROLLBACK after an error.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <libpq-fe.h>

#include "libs/async/backoff.h"
#include "libs/postgres/job.h"

namespace drover::postgres {

// libpq's connection parameters, from the URL.
struct Target {
  std::string url;
  std::string password;
  std::string
      host;  // To be resolved here, as libpq would block on it; empty when there is no need.
};
// kInvalidArgument: no URL of PostgreSQL, or one with a password.
Result<Target> ParseTarget(const Config& config);

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // The Pool.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void Freed(Connection& connection) = 0;  // Ready for a job.
    virtual void Failed(const std::string& why) = 0;
  };

  Connection(asio::io_context& loop, Owner& owner, const Target& target, StatementNumbers& numbers);
  ~Connection();

  void Open();
  void Close();  // Nothing is called back afterwards; a job under way is destroyed.

  void Run(std::unique_ptr<Job> job);  // Only when idle().
  // Ends the job under way with kDeadlineExceeded if its deadline has passed, and the connection
  // with it: the server notices and gives the statement up. Returns the job's deadline otherwise.
  std::optional<Deadline> Expire(Deadline now);

  bool idle() const { return phase_ == Phase::kReady && job_ == nullptr; }
  bool ready() const { return phase_ == Phase::kReady; }
  bool connecting() const { return phase_ == Phase::kConnecting || phase_ == Phase::kSettingUp; }

 private:
  enum class Phase : uint8_t { kBackOff, kConnecting, kSettingUp, kReady, kClosed };
  // What the results that come next are for.
  struct Step {
    enum class Kind : uint8_t { kPrepare, kExecute, kSync };
    Kind kind;
    int number = 0;  // kPrepare
  };

  template <typename Handler>
  auto OfThis(Handler handler);

  void Connect();
  void OnResolved(const asio::ip::tcp::resolver::results_type& found);
  void StartConnecting(const std::string& hosts, const std::string& addresses);
  void Poll();
  void SetUp();
  void BecomeReady();
  void Lost(std::string why);
  // Ends the job under way with this error, and the connection with it.
  void Abandon(std::string why, Error error);
  void FinishConnection();

  bool Send(const Statement& statement);
  bool SendPrepare(const Statement& statement, int number, const char* name);
  bool SendExecute(const Statement& statement, const char* name);
  bool SendScript(const std::string& sql);
  void Flush();
  void WaitReadable();
  void OnReadable();
  void TakeResults();
  void OnResult(PGresult* result);
  void OnScriptEnd();
  void EndJob();

  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
  using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
  Owner& owner_;
  const Target& target_;
  StatementNumbers& numbers_;
  Resolver resolver_;
  Descriptor socket_;  // libpq's; released, never closed.
  Timer timer_;        // Bounds an attempt to connect, or waits between two.
  Backoff backoff_;
  PGconn* connection_ = nullptr;
  Phase phase_ = Phase::kBackOff;
  uint64_t generation_ = 0;  // Handlers of older connections are dropped.
  bool writing_ = false;     // Waits to be able to write.
  bool in_script_ = false;   // Pipeline mode is off.

  std::unique_ptr<Job> job_;
  std::deque<Step> steps_;
  std::vector<Rows> rows_;
  std::optional<Error> error_;      // The job's first.
  bool forget_statements_ = false;  // The server has dropped or outlived what was prepared.
  std::set<int> prepared_;

  // Reused for each statement.
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<Oid> types_;
};

}  // namespace drover::postgres
