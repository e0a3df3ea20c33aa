#include "libs/http/parser.h"

#include <algorithm>
#include <array>

namespace drover::http {
namespace {

constexpr uint32_t kMaxSkipped = 4096;
constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";

constexpr std::array<bool, 256> kToken = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c : kMarks) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool IsTokenChar(char c) { return kToken[static_cast<unsigned char>(c)]; }
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}
bool IsFieldChar(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet == '\t' || (octet >= 0x20 && octet != 0x7f);
}
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes the next line, without its CRLF. nullopt: none, or a bare LF.
std::optional<std::string_view> NextLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<uint64_t> Number(std::string_view digits) {
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

// Whether a comma-separated list holds the word, in any case.
bool Lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (EqualsIgnoringCase(Trim(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

std::optional<Refusal> SetTarget(std::string_view target, Request& request) {
  if (const size_t scheme = target.find("://");
      scheme != std::string_view::npos && target.front() != '/') {
    const size_t slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  if (target.empty() || (target.front() != '/' && target != "*")) {
    return Refusal{400, "the request target is not a path"};
  }
  const size_t question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  return std::nullopt;
}

std::optional<Refusal> ParseRequestLine(std::string_view line, Request& request) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return Refusal{400, "the request line is not 'METHOD target HTTP/1.1'"};
  }
  request.method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!IsToken(request.method)) return Refusal{400, "the method is not a token"};
  if (!std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c != 0x7f; })) {
    return Refusal{400, "the request target holds white space or a control character"};
  }
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.') {
    return Refusal{400, "the request line does not end with an HTTP version"};
  }
  if (version[5] != '1') return Refusal{505, "this server speaks HTTP/1.1"};
  if (version[7] < '0' || version[7] > '9') return Refusal{400, "no such HTTP version"};
  request.minor_version = version[7] == '0' ? 0 : 1;
  return SetTarget(target, request);
}

std::optional<Refusal> ParseField(std::string_view line, Request& request) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Refusal{400, "a header line is not 'Name: value'"};
  }
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!std::all_of(value.begin(), value.end(), IsFieldChar)) {
    return Refusal{400, "a header value holds a control character"};
  }
  request.headers.push_back({line.substr(0, colon), value});
  return std::nullopt;
}

std::optional<Refusal> Frame(const Request& request, Framing& framing) {
  framing = Framing{.keep_alive = request.minor_version == 1};
  int hosts = 0;
  for (const auto& [name, value] : request.headers) {
    // Told apart by length first: most headers are none of these.
    if (name.size() == 4 && EqualsIgnoringCase(name, "host")) {
      ++hosts;
    } else if (name.size() == 14 && EqualsIgnoringCase(name, "content-length")) {
      const std::optional<uint64_t> length = Number(value);
      if (!length) return Refusal{400, "Content-Length is not a number"};
      if (framing.content_length) return Refusal{400, "more than one Content-Length"};
      framing.content_length = length;
    } else if (name.size() == 17 && EqualsIgnoringCase(name, "transfer-encoding")) {
      if (framing.chunked) return Refusal{400, "more than one Transfer-Encoding"};
      if (!EqualsIgnoringCase(value, "chunked")) {
        return Refusal{501, "the only Transfer-Encoding taken is chunked"};
      }
      framing.chunked = true;
    } else if (name.size() == 10 && EqualsIgnoringCase(name, "connection")) {
      if (Lists(value, "close")) {
        framing.keep_alive = false;
      } else if (request.minor_version == 0 && Lists(value, "keep-alive")) {
        framing.keep_alive = true;
      }
    } else if (name.size() == 6 && EqualsIgnoringCase(name, "expect")) {
      if (!EqualsIgnoringCase(value, "100-continue")) {
        return Refusal{417, "the only expectation met is 100-continue"};
      }
      framing.expects_continue = request.minor_version == 1;
    }
  }
  if (framing.chunked && (framing.content_length || request.minor_version == 0)) {
    return Refusal{400, "Transfer-Encoding beside Content-Length, or in HTTP/1.0"};
  }
  if (hosts > 1 || (hosts == 0 && request.minor_version == 1)) {
    return Refusal{400, "HTTP/1.1 takes exactly one Host header"};
  }
  return std::nullopt;
}

}  // namespace

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}

bool MayBeginRequest(char octet) { return IsTokenChar(octet); }

std::optional<Refusal> ParseHead(std::string_view head, size_t max_headers, Request& request,
                                 Framing& framing) {
  request.headers.clear();
  request.body = {};
  const std::optional<std::string_view> request_line = NextLine(head);
  if (!request_line) return Refusal{400, "a line does not end with CR LF"};
  if (auto refusal = ParseRequestLine(*request_line, request)) return refusal;
  while (true) {
    const std::optional<std::string_view> line = NextLine(head);
    if (!line) return Refusal{400, "a line does not end with CR LF"};
    if (line->empty()) break;
    if (request.headers.size() == max_headers) return Refusal{431, "too many headers"};
    if (auto refusal = ParseField(*line, request)) return refusal;
  }
  return Frame(request, framing);
}

ChunkDecoder::State ChunkDecoder::Feed(std::string_view input, size_t max_octets, std::string& body,
                                       size_t& used) {
  used = 0;
  while (used < input.size()) {
    if (step_ == Step::kData) {
      const auto piece = static_cast<size_t>(std::min<uint64_t>(left_, input.size() - used));
      if (piece > max_octets - std::min(body.size(), max_octets)) return State::kTooLarge;
      body.append(input.substr(used, piece));
      used += piece;
      left_ -= piece;
      if (left_ == 0) step_ = Step::kDataCr;
      continue;
    }
    const State state = Take(input[used++]);
    if (state != State::kMore) return state;
  }
  return State::kMore;
}

ChunkDecoder::State ChunkDecoder::Take(char octet) {
  switch (step_) {
    case Step::kSize: {
      const int digit = octet >= '0' && octet <= '9'   ? octet - '0'
                        : octet >= 'a' && octet <= 'f' ? octet - 'a' + 10
                        : octet >= 'A' && octet <= 'F' ? octet - 'A' + 10
                                                       : -1;
      if (digit >= 0) {
        if (++digits_ > 15) return State::kBad;
        left_ = left_ << 4 | static_cast<uint64_t>(digit);
        return State::kMore;
      }
      if (digits_ == 0) return State::kBad;
      if (octet == '\r') {
        step_ = Step::kSizeEnd;
        return State::kMore;
      }
      if (octet != ';' && octet != ' ' && octet != '\t') return State::kBad;
      step_ = Step::kExtension;
      return State::kMore;
    }
    case Step::kExtension:
      if (octet == '\r') {
        step_ = Step::kSizeEnd;
      } else if (octet == '\n' || ++skipped_ > kMaxSkipped) {
        return State::kBad;
      }
      return State::kMore;
    case Step::kSizeEnd:
      if (octet != '\n') return State::kBad;
      digits_ = 0;
      step_ = left_ == 0 ? Step::kTrailerStart : Step::kData;
      return State::kMore;
    case Step::kDataCr:
      step_ = Step::kDataLf;
      return octet == '\r' ? State::kMore : State::kBad;
    case Step::kDataLf:
      step_ = Step::kSize;
      return octet == '\n' ? State::kMore : State::kBad;
    case Step::kTrailerStart:
      step_ = octet == '\r' ? Step::kEndLf : Step::kTrailer;
      return octet == '\n' || ++skipped_ > kMaxSkipped ? State::kBad : State::kMore;
    case Step::kTrailer:
      if (octet == '\r') {
        step_ = Step::kTrailerLf;
      } else if (octet == '\n' || ++skipped_ > kMaxSkipped) {
        return State::kBad;
      }
      return State::kMore;
    case Step::kTrailerLf:
      step_ = Step::kTrailerStart;
      return octet == '\n' ? State::kMore : State::kBad;
    case Step::kEndLf:
      return octet == '\n' ? State::kDone : State::kBad;
    case Step::kData:
      break;
  }
  return State::kBad;
}

}  // namespace drover::http
