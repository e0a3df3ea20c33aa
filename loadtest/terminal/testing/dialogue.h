// A dialogue of a terminal with a server whose part a test writes by hand, in XML.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/bytes.h"
#include "libs/dmauth/credentials.h"
#include "loadtest/terminal/terminal.h"

namespace drover::terminal {

using syncml::Command;
using syncml::CommandKind;

inline constexpr std::string_view kUrl = "https://dm.example.com/dm";
inline constexpr std::string_view kDevice = "IMEI:493005100592800";
inline constexpr std::string_view kXmlType = "application/vnd.syncml.dm+xml";

inline constexpr ModelSpec kPhone{.manufacturer = "Acme",
                                  .model = "Phone 9",
                                  .kind = "phone",
                                  .encoding = syncml::Encoding::kXml,
                                  .firmware = "6.1.0",
                                  .language = "en-GB"};

inline ModelSpec With(Quirks quirks) {
  ModelSpec spec = kPhone;
  spec.quirks = quirks;
  return spec;
}

// Neither side has to prove itself.
inline ModelSpec Trusting(Quirks quirks = {}) {
  ModelSpec spec = With(quirks);
  spec.client_scheme = AuthScheme::kNone;
  spec.server_scheme = AuthScheme::kNone;
  return spec;
}

// A message of the server in XML: a header and what the test puts into the body.
inline std::string FromServer(std::string_view session_id, int msg_id, std::string_view body,
                              std::string_view in_header = "", bool final = true) {
  std::string xml =
      "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
      "<SessionID>";
  xml += session_id;
  xml += "</SessionID><MsgID>" + std::to_string(msg_id) + "</MsgID><Target><LocURI>";
  xml += kDevice;
  xml += "</LocURI></Target><Source><LocURI>";
  xml += kUrl;
  xml += "</LocURI></Source>";
  xml += in_header;
  xml += "</SyncHdr><SyncBody>";
  xml += body;
  return xml + (final ? "<Final/>" : "") + "</SyncBody></SyncML>";
}

inline std::string Status(int cmd_id, int msg_ref, std::string_view cmd_ref, std::string_view cmd,
                          int code, std::string_view chal = "") {
  return "<Status><CmdID>" + std::to_string(cmd_id) + "</CmdID><MsgRef>" + std::to_string(msg_ref) +
         "</MsgRef><CmdRef>" + std::string(cmd_ref) + "</CmdRef><Cmd>" + std::string(cmd) +
         "</Cmd>" + std::string(chal) + "<Data>" + std::to_string(code) + "</Data></Status>";
}

inline std::string Chal(std::string_view nonce, std::string_view scheme = "syncml:auth-md5") {
  return "<Chal><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
         "xmlns=\"syncml:metinf\">" +
         std::string(scheme) + "</Type><NextNonce xmlns=\"syncml:metinf\">" + std::string(nonce) +
         "</NextNonce></Meta></Chal>";
}

inline std::string Cred(std::string_view data) {
  return "<Cred><Meta><Format xmlns=\"syncml:metinf\">b64</Format><Type "
         "xmlns=\"syncml:metinf\">syncml:auth-md5</Type></Meta><Data>" +
         std::string(data) + "</Data></Cred>";
}

inline std::string Replace(int cmd_id, std::string_view uri, std::string_view data) {
  return "<Replace><CmdID>" + std::to_string(cmd_id) + "</CmdID><Item><Target><LocURI>" +
         std::string(uri) +
         "</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">chr</Format></Meta><Data>" +
         std::string(data) + "</Data></Item></Replace>";
}

inline std::string Get(int cmd_id, std::string_view uri) {
  return "<Get><CmdID>" + std::to_string(cmd_id) + "</CmdID><Item><Target><LocURI>" +
         std::string(uri) + "</LocURI></Target></Item></Get>";
}

// An alert with one Item for each text.
inline std::string Alert(int cmd_id, int code, const std::vector<std::string>& items = {}) {
  std::string xml = "<Alert><CmdID>" + std::to_string(cmd_id) + "</CmdID><Data>" +
                    std::to_string(code) + "</Data>";
  for (const std::string& item : items) xml += "<Item><Data>" + item + "</Data></Item>";
  return xml + "</Alert>";
}

// A chunk of a large object; size: of the first only.
inline std::string Chunk(int cmd_id, std::string_view uri, std::string_view data, bool more,
                         int size = 0, std::string_view command = "Replace") {
  const std::string name(command);
  std::string xml = "<" + name + "><CmdID>" + std::to_string(cmd_id) +
                    "</CmdID><Item><Target><LocURI>" + std::string(uri) +
                    "</LocURI></Target><Meta><Format xmlns=\"syncml:metinf\">chr</Format>";
  if (size != 0) xml += "<Size xmlns=\"syncml:metinf\">" + std::to_string(size) + "</Size>";
  return xml + "</Meta><Data>" + std::string(data) + "</Data>" + (more ? "<MoreData/>" : "") +
         "</Item></" + name + ">";
}

inline std::string MaxMsgSize(int octets) {
  return "<Meta><MaxMsgSize xmlns=\"syncml:metinf\">" + std::to_string(octets) +
         "</MaxMsgSize></Meta>";
}

// "Get 200" for a Status, "Results ./DevInfo/Man=Acme", "Alert 1200", "Replace", in order.
inline std::vector<std::string> Lines(const syncml::Message& message) {
  std::vector<std::string> lines;
  for (const Command& command : message.commands) {
    std::string line;
    if (command.kind == CommandKind::kStatus) {
      line = std::string(command.cmd) + " " + std::string(command.data->octets);
    } else {
      line = Name(command.kind);
      if (command.data) line += " " + std::string(command.data->octets);
    }
    if (command.kind == CommandKind::kResults) {
      for (const syncml::Item& item : command.items) {
        line += " " + std::string(item.source->uri) + "=";
        if (item.data) line += item.data->octets;
      }
    }
    lines.push_back(line);
  }
  return lines;
}

class Dialogue : public testing::Test {
 protected:
  void Begin(const ModelSpec& spec = kPhone,
             SessionReason reason = SessionReason::kServerInitiated) {
    model_.emplace(spec, surroundings_.server);
    Account account;
    account.device_id = kDevice;
    account.password = "clientpw";
    account.server_password = "srvpw";
    terminal_.emplace(*model_, surroundings_, std::move(account));
    Start(reason);
  }
  void Start(SessionReason reason) {
    Sent(terminal_->StartSession(reason));
    session_id_ = message().header.session_id;
    served_ = 0;
  }
  // Hands the server's message over and keeps the terminal's answer.
  void Answer(const std::string& xml, const std::string& mac_header = "") {
    Take(terminal_->OnResponse({200, kXmlType, xml, mac_header}));
  }
  // What a server that knows its duty says of the last message, and then these commands. CmdIDs of
  // its own begin at 100.
  std::string Serving(const std::string& commands) const {
    const int msg_ref = std::stoi(std::string(message().header.msg_id));
    std::string body = Status(100, msg_ref, "0", "SyncHdr", 200);
    int cmd_id = 101;
    for (const Command& command : message().commands) {
      if (command.kind == CommandKind::kStatus) continue;
      const bool chunk = !command.items.empty() && command.items.back().more_data;
      if (command.kind == CommandKind::kResults && !chunk) continue;
      body += Status(cmd_id++, msg_ref, command.cmd_id, Name(command.kind), chunk ? 213 : 200);
    }
    return body + commands;
  }
  void Serve(const std::string& commands, bool final = true, const std::string& in_header = "") {
    Answer(FromServer(session_id_, ++served_, Serving(commands), in_header, final));
  }
  // Asks for the rest of the terminal's package.
  void ServeMore() { Serve(Alert(99, 1222), false); }
  void Take(Next next) {
    end_.reset();
    decoded_.reset();
    if (auto* const request = std::get_if<Request>(&next)) {
      Sent(std::move(*request));
    } else {
      end_ = std::get<SessionEnd>(next);
    }
  }
  void Accept() {
    const std::string first_cmd(message().commands.back().cmd_id);
    std::string body = drover::terminal::Status(1, 1, "0", "SyncHdr", 200);
    int cmd_id = 2;
    for (const Command& command : message().commands) {
      body += drover::terminal::Status(cmd_id++, 1, command.cmd_id, Name(command.kind), 200);
    }
    accepted_ = body;
  }
  void Sent(Request request) {
    request_ = std::move(request);
    decoded_.emplace(syncml::DecodeXml(request_.body));
    ASSERT_TRUE(*decoded_) << decoded_->error.message;
  }
  const syncml::Message& message() const { return decoded_->document.message(); }
  std::vector<std::string> lines() const { return Lines(message()); }
  std::string faults() const {
    std::string all;
    for (const std::string& fault : terminal_->faults()) all += fault + "; ";
    return all;
  }

  std::deque<std::string> nonces_;
  Surroundings surroundings_{
      .server = {"com.mgmtsrv.manage", std::string(kUrl)},
      .clock = [] { return TimePoint(std::chrono::seconds(1'700'000'000)); },
      .random =
          [this](size_t n) {
            if (n != 16 || nonces_.empty()) return std::string(n, 'r');
            std::string nonce = *base::FromBase64(nonces_.front());
            nonces_.pop_front();
            return nonce;
          },
  };
  std::optional<Model> model_;
  std::optional<Terminal> terminal_;
  Request request_;
  std::optional<syncml::Decoded> decoded_;
  std::optional<SessionEnd> end_;
  std::string session_id_;
  std::string accepted_;
  int served_ = 0;
};

}  // namespace drover::terminal
