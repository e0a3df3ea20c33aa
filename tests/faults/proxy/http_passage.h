// A terminal's connection through a link: requests and answers one after the other, each whole in
// memory before it goes on, so that a cut can be at any octet of either.
#pragma once
#include <memory>
#include <string>

#include "tests/faults/proxy/link.h"

namespace drover::faults {

// One request or answer.
struct HttpMessage {
  std::string octets;
  size_t head = 0;  // Octets up to the body.
};

class HttpPassage : public Passage, public std::enable_shared_from_this<HttpPassage> {
 public:
  HttpPassage(Link& link, Socket client);
  ~HttpPassage() override;
  static Process Run(Link& link, Socket client);
  void CutBoth(bool reset) override;

 private:
  static Process Serve(std::shared_ptr<HttpPassage> self);
  // An Error ends the connection.
  Task<void> Exchange(HttpMessage request);
  Task<void> CutRequest(const HttpMessage& request, const Injection& injection);
  Task<void> Answer(const HttpMessage& answer, const std::optional<Injection>& injection);
  // Waits until the client has gone, at most so long.
  Task<void> OutwaitClient(std::chrono::milliseconds time);
  Task<HttpMessage> Ask(Socket& server, const HttpMessage& request);
  static Process PostAgain(Link& link, HttpMessage request, std::chrono::milliseconds after);

  Link& link_;
  Socket client_;
  Socket server_;
  std::string client_rest_;  // Octets read beyond a request.
};

}  // namespace drover::faults
