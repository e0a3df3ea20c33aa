#include <array>
#include <charconv>
#include <deque>

#include "libs/gateway/fields.h"
#include "libs/gateway/head_slip.h"
#include "libs/gateway/message_xml.h"
#include "libs/gateway/words.h"
#include "libs/xml/reader.h"
#include "libs/xml/text.h"

namespace drover::gateway {
namespace {

enum Field : uint8_t {
  kVersion,
  kSerial,
  kMsgid,
  kVendor,
  kModel,
  kIp,
  kSipUri,
  kFileVersion,
  kFileName,
  kUpgradeServer,
  kProtocol,
  kStatus,
  kInterval,
  kRetryAfter,
  kInCall,
  kReboot,
  kFileType,
  kDownloadMethod,
  kDownloadPath,
  kFileSize,
  kSha256,
  kAction,
  kCode,
  kDetail,
  kFields,
};

// Where an element may stand: in the header of any message, in the body of one kind, in a <file>.
enum Place : uint8_t {
  kInHeader = 1,
  kInRegister = 2,
  kInRequest = 4,
  kInResponse = 8,
  kInResult = 16,
  kInFile = 32,
};
constexpr uint8_t kTold = kInRegister | kInRequest;
constexpr uint8_t kOfFile = kInResponse | kInFile;

struct Element {
  std::string_view name;
  uint8_t places;
};
constexpr std::array<Element, kFields> kElements = {{
    {"version", kInHeader},
    {"serial", kInHeader},
    {"msgid", kInHeader},
    {"vendor", kTold},
    {"model", kTold},
    {"ip", kTold},
    {"sipuri", kInRegister},
    {"fileversion", kTold | kOfFile | kInResult},
    {"filename", kTold | kOfFile | kInResult},
    {"upgradeserver", kTold},
    {"protocol", kTold},
    {"status", kInResponse | kInResult},
    {"interval", kInResponse},
    {"retryafter", kInResponse},
    {"incall", kTold},
    {"reboot", kInResponse},
    {"filetype", kOfFile},
    {"downloadmethod", kOfFile},
    {"downloadpath", kOfFile},
    {"filesize", kOfFile},
    {"sha256", kOfFile},
    {"action", kInResult},
    {"code", kInResult},
    {"detail", kInResult},
}};

// The texts of the scalars of one place; empty: not there, which is the same as an empty element.
struct Scalars {
  std::array<std::string_view, kFields> texts;
  uint32_t seen = 0;
  std::string_view operator[](Field field) const { return texts[field]; }
};

constexpr uint8_t kPlaces[] = {kInRegister, kInRequest, kInResponse, kInResult};
constexpr std::string_view kRoots[] = {"register", "request", "response", "result"};
constexpr size_t kMostAttributes = 8;

class DocumentReader {
 public:
  explicit DocumentReader(const Prepared& prepared)
      : reader_(
            prepared.xml(),
            {.depth = kMostXmlDepth, .attributes = kMostAttributes, .elements = kMostXmlElements}) {
    reading_.remarks.head_slip = prepared.slip;
  }

  Result<Reading> Run() {
    if (!ReadRoot() || !Build()) return InvalidArgument(Why());
    return std::move(reading_);
  }

 private:
  std::string Why() const { return why_.empty() ? reader_.error().message : why_; }
  bool Fail(std::string_view element, std::string_view what) {
    if (why_.empty()) {
      why_.append("element ").append(xml::Quote(element)).append(": ").append(what);
    }
    return false;
  }

  bool ReadRoot() {
    if (reader_.Next() != xml::Event::kStart) return false;
    const auto kind = ValueOf<size_t>(kRoots, reader_.name());
    if (!kind) return Fail(reader_.name(), "is none of register, request, response, result");
    kind_ = *kind;
    const bool read = ReadChildren(kRoots[kind_], [this](std::string_view name) {
      if (SameWord(name, "header") || SameWord(name, "head")) return ReadHeader();
      if (SameWord(name, "body")) return ReadBody();
      return Ignore();
    });
    if (!read) return false;
    if (!header_seen_) return Fail("header", "missing");
    if (!body_seen_) return Fail("body", "missing");
    return reader_.Next() == xml::Event::kDone;
  }

  bool ReadHeader() {
    if (std::exchange(header_seen_, true)) return Repeat();
    return ReadChildren("header",
                        [this](std::string_view name) { return Scalar(name, kInHeader, header_); });
  }

  bool ReadBody() {
    if (std::exchange(body_seen_, true)) return Repeat();
    const uint8_t place = kPlaces[kind_];
    return ReadChildren("body", [this, place](std::string_view name) {
      if (place == kInResponse && SameWord(name, "config")) return ReadConfig();
      if (place == kInResponse && SameWord(name, "file")) return ReadFile();
      return Scalar(name, place, body_);
    });
  }

  bool ReadFile() {
    Scalars& file = files_.emplace_back();
    return ReadChildren(
        "file", [this, &file](std::string_view name) { return Scalar(name, kInFile, file); });
  }

  bool ReadConfig() {
    return ReadChildren("config", [this](std::string_view name) {
      return SameWord(name, "param") ? ReadParam() : Ignore();
    });
  }

  bool ReadParam() {
    Param param;
    bool has_value = false;
    for (const xml::Attribute& attribute : reader_.attributes()) {
      if (SameWord(attribute.name, "name")) param.name = attribute.value;
      if (SameWord(attribute.name, "value")) param.value = attribute.value, has_value = true;
    }
    if (!has_value) return Fail("param", "without its value");
    std::string_view fault = Fault(Form::kParamName, param.name);
    if (fault.empty()) fault = Fault(Form::kParamValue, param.value);
    if (!fault.empty()) return Fail("param", fault);
    params_.push_back(std::move(param));
    return ReadChildren("param", [this](std::string_view) { return Ignore(); });
  }

  // To the end of the element that was just begun; child consumes each of its children.
  template <typename Child>
  bool ReadChildren(std::string_view parent, const Child& child) {
    for (;;) {
      switch (reader_.Next()) {
        case xml::Event::kStart:
          if (!child(reader_.name())) return false;
          break;
        case xml::Event::kText:
          if (!Trimmed(reader_.text()).empty()) return Fail(parent, "text between elements");
          break;
        case xml::Event::kEnd:
          return true;
        default:
          return false;
      }
    }
  }

  bool Scalar(std::string_view name, uint8_t place, Scalars& scalars) {
    for (size_t i = 0; i < kFields; ++i) {
      if ((kElements[i].places & place) == 0 || !SameWord(kElements[i].name, name)) continue;
      const uint32_t bit = 1U << i;
      if ((scalars.seen & bit) != 0) return Repeat();
      scalars.seen |= bit;
      return TakeText(scalars.texts[i]);
    }
    return Ignore();
  }

  bool TakeText(std::string_view& out) {
    std::string* several = nullptr;
    for (;;) {
      switch (reader_.Next()) {
        case xml::Event::kStart:
          if (!Ignore()) return false;
          break;
        case xml::Event::kText:
          if (several == nullptr && out.empty()) {
            out = reader_.text();
            break;
          }
          if (several == nullptr) several = &kept_.emplace_back(out);
          several->append(reader_.text());
          out = *several;
          break;
        case xml::Event::kEnd:
          out = Trimmed(out);
          return true;
        default:
          return false;
      }
    }
  }

  bool Ignore() { return ++reading_.remarks.ignored, Skip(); }
  bool Repeat() { return ++reading_.remarks.repeated, Skip(); }
  bool Skip() {
    for (const size_t depth = reader_.depth();;) {
      const xml::Event event = reader_.Next();
      if (event == xml::Event::kError) return false;
      if (event == xml::Event::kEnd && reader_.depth() < depth) return true;
    }
  }

  bool Take(const Scalars& from, Field field, Form form, std::string& out) {
    const std::string_view text = from[field];
    if (text.empty()) return true;
    const std::string_view fault = Fault(form, text);
    if (!fault.empty()) return Fail(kElements[field].name, fault);
    out = text;
    return true;
  }
  template <typename Value>
  bool TakeNumber(const Scalars& from, Field field, std::optional<Value>& out) {
    const std::string_view text = from[field];
    if (text.empty()) return true;
    Value value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      return Fail(kElements[field].name, "not a number in its range");
    }
    out = value;
    return true;
  }
  template <typename Value>
  bool TakeWord(const Scalars& from, Field field, std::optional<Value> (*of)(std::string_view),
                std::optional<Value>& out) {
    const std::string_view text = from[field];
    if (text.empty()) return true;
    out = of(text);
    if (out) return true;
    return Fail(kElements[field].name, "none of its values: \"" + xml::Quote(text) + "\"");
  }
  bool TakeYesNo(const Scalars& from, Field field, std::optional<bool>& out) {
    const std::string_view text = from[field];
    if (text.empty()) return true;
    for (const std::string_view yes : {"yes", "true", "1"}) {
      if (SameWord(text, yes)) out = true;
    }
    for (const std::string_view no : {"no", "false", "0"}) {
      if (SameWord(text, no)) out = false;
    }
    return out ? true : Fail(kElements[field].name, "neither yes nor no");
  }
  bool Need(const Scalars& from, Field field) {
    return from[field].empty() ? Fail(kElements[field].name, "missing") : true;
  }

  bool Build() {
    switch (kPlaces[kind_]) {
      case kInRegister:
        return BuildTold(reading_.message.emplace<Register>(), true);
      case kInRequest:
        return BuildTold(reading_.message.emplace<Request>(), false);
      case kInResponse:
        return BuildResponse(reading_.message.emplace<Response>());
      default:
        return BuildResult(reading_.message.emplace<WorkResult>());
    }
  }

  bool BuildHeader(Header& header) {
    return Need(header_, kVersion) && Take(header_, kVersion, Form::kDecimal, header.version) &&
           Take(header_, kSerial, Form::kText64, header.serial) &&
           Take(header_, kMsgid, Form::kToken64, header.msgid);
  }

  template <typename Told>
  bool BuildTold(Told& told, bool is_register) {
    if (!BuildHeader(told.header)) return false;
    if (is_register && !(Need(header_, kSerial) && Need(body_, kIp) && Need(body_, kFileVersion))) {
      return false;
    }
    BasicInformation& i = told.information;
    return Take(body_, kVendor, Form::kText64, i.vendor) &&
           Take(body_, kModel, Form::kText64, i.model) &&
           Take(body_, kIp, Form::kIpLiteral, i.ip) &&
           Take(body_, kSipUri, Form::kSipUri, i.sip_uri) &&
           Take(body_, kFileVersion, Form::kText64, i.file_version) &&
           Take(body_, kFileName, Form::kFileName, i.file_name) &&
           Take(body_, kUpgradeServer, Form::kAuthority, i.upgrade_server) &&
           TakeWord(body_, kProtocol, ProtocolOf, i.protocol) &&
           TakeYesNo(body_, kInCall, i.in_call);
  }

  bool BuildResponse(Response& response) {
    if (!BuildHeader(response.header) || !TakeStatus(response.status)) return false;
    constexpr uint32_t kFileFields = 1U << kFileType | 1U << kFileName | 1U << kDownloadMethod |
                                     1U << kDownloadPath | 1U << kFileSize | 1U << kSha256;
    if ((body_.seen & kFileFields) != 0) {
      if (!BuildFile(body_, response.files.emplace_back())) return false;
    } else if (!Take(body_, kFileVersion, Form::kText64, response.file_version)) {
      return false;
    }
    for (const Scalars& file : files_) {
      if (!BuildFile(file, response.files.emplace_back())) return false;
    }
    response.params = std::move(params_);
    return TakeNumber(body_, kInterval, response.interval_seconds) &&
           TakeNumber(body_, kRetryAfter, response.retry_after_seconds) &&
           TakeYesNo(body_, kReboot, response.reboot);
  }

  bool TakeStatus(Status& status) {
    std::optional<Status> told;
    if (!Need(body_, kStatus) || !TakeWord(body_, kStatus, StatusOf, told)) return false;
    status = *told;
    return true;
  }

  bool BuildFile(const Scalars& from, File& file) {
    std::optional<FileType> type;
    if (!Need(from, kFileType) || !TakeWord(from, kFileType, FileTypeOf, type)) return false;
    file.type = *type;
    if (!Need(from, kFileName) || !Take(from, kFileName, Form::kFileName, file.name)) return false;
    if (!Take(from, kSha256, Form::kSha256, file.sha256)) return false;
    for (char& c : file.sha256) c = LowerOf(c);
    return Take(from, kFileVersion, Form::kText64, file.version) &&
           TakeWord(from, kDownloadMethod, ProtocolOf, file.download_method) &&
           Take(from, kDownloadPath, Form::kPath, file.download_path) &&
           TakeNumber(from, kFileSize, file.size_octets);
  }

  bool BuildResult(WorkResult& result) {
    return BuildHeader(result.header) && TakeStatus(result.status) &&
           Take(body_, kFileVersion, Form::kText64, result.file_version) &&
           Take(body_, kFileName, Form::kFileName, result.file_name) &&
           Take(body_, kAction, Form::kToken64, result.action) &&
           TakeNumber(body_, kCode, result.code) &&
           Take(body_, kDetail, Form::kDetail, result.detail);
  }

  xml::Reader reader_;
  Reading reading_;
  std::string why_;
  size_t kind_ = 0;
  bool header_seen_ = false;
  bool body_seen_ = false;
  Scalars header_;
  Scalars body_;
  std::vector<Scalars> files_;
  std::vector<Param> params_;
  std::deque<std::string> kept_;
};

}  // namespace

bool IsXmlContentType(std::string_view content_type) {
  const std::string_view type = Trimmed(content_type.substr(0, content_type.find(';')));
  return type.empty() || SameWord(type, kXmlContentType) || SameWord(type, "text/xml");
}

Result<Reading> Read(std::string_view xml) {
  if (xml.size() > kMostXmlOctets) {
    return ResourceExhausted("longer than " + std::to_string(kMostXmlOctets) + " octets");
  }
  DROVER_TRY(const Prepared prepared, PrepareXml(xml));
  return DocumentReader(prepared).Run();
}

template <typename T>
Result<ReadingOf<T>> ReadAs(std::string_view xml) {
  if constexpr (std::is_same_v<T, Request>) {
    if (Trimmed(xml).empty()) return ReadingOf<Request>{};
  }
  DROVER_TRY(Reading reading, Read(xml));
  T* message = std::get_if<T>(&reading.message);
  if (message == nullptr) {
    return InvalidArgument("element " + std::string(kRoots[reading.message.index()]) +
                           ": not the message that is posted here");
  }
  return ReadingOf<T>{std::move(*message), reading.remarks};
}

template Result<ReadingOf<Register>> ReadAs<Register>(std::string_view);
template Result<ReadingOf<Request>> ReadAs<Request>(std::string_view);
template Result<ReadingOf<Response>> ReadAs<Response>(std::string_view);
template Result<ReadingOf<WorkResult>> ReadAs<WorkResult>(std::string_view);

}  // namespace drover::gateway
