// A DNS server on loopback that knows what a test tells it.
#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "libs/sip/link/address.h"
#include "libs/sip/link/targets.h"

namespace drover::sip::testing {

class DnsServer {
 public:
  explicit DnsServer(boost::asio::io_context& loop)
      : socket_(loop, boost::asio::ip::udp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
    Receive();
  }
  std::string address() const {
    return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port());
  }

  std::map<std::string, std::vector<std::string>> addresses;  // Of either family.
  std::map<std::string, std::vector<SrvRecord>> records;
  uint32_t time_to_live = 300;  // Seconds.
  bool silent = false;
  std::vector<std::string> asked;  // "SRV _sip._udp.example.com"

 private:
  static constexpr uint16_t kA = 1, kAaaa = 28, kSrv = 33;

  static void Number16(size_t number, std::string& out) {
    out.push_back(static_cast<char>(number >> 8));
    out.push_back(static_cast<char>(number));
  }
  static void Name(const std::string& name, std::string& out) {
    for (size_t at = 0; at < name.size();) {
      const size_t dot = std::min(name.find('.', at), name.size());
      out.push_back(static_cast<char>(dot - at));
      out.append(name, at, dot - at);
      at = dot + 1;
    }
    out.push_back(0);
  }
  void Record(uint16_t type, const std::string& data, std::vector<std::string>& answers) const {
    std::string answer("\xc0\x0c", 2);  // The name asked for.
    Number16(type, answer);
    Number16(1, answer);
    Number16(time_to_live >> 16, answer);
    Number16(time_to_live & 0xffff, answer);
    Number16(data.size(), answer);
    answers.push_back(answer + data);
  }
  std::vector<std::string> AnswersTo(const std::string& name, uint16_t type) const {
    std::vector<std::string> answers;
    const auto hosts = addresses.find(name);
    for (const std::string& text :
         hosts == addresses.end() ? std::vector<std::string>() : hosts->second) {
      const Hop hop{.address = *ParseAddress(text)};
      if (hop.is_ipv4() != (type == kA) || (type != kA && type != kAaaa)) continue;
      const std::string octets(hop.address.begin() + (type == kA ? 12 : 0), hop.address.end());
      Record(type, octets, answers);
    }
    const auto services = records.find(name);
    if (type != kSrv || services == records.end()) return answers;
    for (const SrvRecord& each : services->second) {
      std::string data;
      Number16(each.priority, data);
      Number16(each.weight, data);
      Number16(each.port, data);
      Name(each.target, data);
      Record(type, data, answers);
    }
    return answers;
  }
  void Answer(const std::string& query) {
    std::string name;
    size_t at = 12;
    while (query[at] != 0) {
      name.append(name.empty() ? "" : ".").append(query, at + 1, static_cast<size_t>(query[at]));
      at += static_cast<size_t>(query[at]) + 1;
    }
    const auto type = static_cast<uint16_t>(query[at + 1] << 8 | query[at + 2]);
    asked.push_back((type == kA ? "A " : type == kAaaa ? "AAAA " : "SRV ") + name);
    if (silent) return;
    const std::vector<std::string> answers = AnswersTo(name, type);
    const bool known = addresses.contains(name) || records.contains(name);
    std::string out = query.substr(0, 2);
    Number16(known ? 0x8580 : 0x8583, out);
    Number16(1, out);
    Number16(answers.size(), out);
    out.append(4, '\0');
    out.append(query, 12, at + 5 - 12);
    for (const std::string& answer : answers) out += answer;
    socket_.send_to(boost::asio::buffer(out), from_);
  }
  void Receive() {
    socket_.async_receive_from(boost::asio::buffer(in_), from_,
                               [this](boost::system::error_code error, size_t octets) {
                                 if (error == boost::asio::error::operation_aborted) return;
                                 if (!error) Answer({in_.data(), octets});
                                 Receive();
                               });
  }
  boost::asio::ip::udp::socket socket_;
  boost::asio::ip::udp::endpoint from_;
  std::array<char, 4096> in_;
};

}  // namespace drover::sip::testing
