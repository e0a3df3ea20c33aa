// A SyncML DM message as a value: what both encodings mean, and knows neither.
//
// Every text is a view of well-formed UTF-8; only Data of DataForm::kOpaque holds any octets. A
// decoder's message views the octets it was given and the arena of its
// Document (libs/syncml/document.h); an encoder only reads. Who builds a message keeps what it
// views alive until it is encoded.
//
// Spec: OMA-TS-SyncML_RepPro-V1_2 with the restrictions of OMA-TS-DM_RepPro-V1_2; MetInf:
// OMA-TS-SyncML_MetaInfo-V1_2. Order of members is the DTD's order of elements.
#pragma once
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

namespace drover::syncml {

enum class Version : uint8_t {
  k10,
  k11,
  k12
};  // Of the syntax (namespace, public id): SyncML 1.0, 1.1, 1.2.

enum class CommandKind : uint8_t {
  kUnknown,  // An element that is no command of SyncML; Command::name keeps its tag.
  kAdd,
  kAlert,
  kAtomic,
  kCopy,
  kDelete,
  kExec,
  kGet,
  kMap,
  kMove,
  kPut,
  kReplace,
  kResults,
  kSearch,
  kSequence,
  kStatus,
  kSync,
};

// How the content of a Data element stands on the wire.
enum class DataForm : uint8_t {
  kText,    // Character data (XML text or CDATA, WBXML inline or table string).
  kOpaque,  // Octets (WBXML OPAQUE; in XML they travel as base64 and Meta says so).
  kMarkup,  // A sub-document (DevInf, MgmtTree); Data::octets is its XML text, whatever it came as.
};

struct Data {
  std::string_view octets;
  DataForm form = DataForm::kText;
};

// Children of Meta, with or without a MetInf element around them. Empty view: absent.
struct Meta {
  std::string_view format;  // b64 bin bool chr int node null xml date time float
  std::string_view type;    // MIME type, management object id, authentication scheme or alert type
  std::string_view mark;
  std::optional<uint64_t> size;  // Octets of Data as transferred.
  Data next_nonce;  // kText: base64. kOpaque: the raw nonce (libwbxml's users send that).
  std::optional<uint64_t> max_msg_size;
  std::optional<uint64_t> max_obj_size;
  std::string_view emi;
  std::string_view version;
  bool operator==(const Meta&) const = delete;
  bool empty() const {
    return format.empty() && type.empty() && mark.empty() && !size && next_nonce.octets.empty() &&
           !max_msg_size && !max_obj_size && emi.empty() && version.empty();
  }
};

struct Location {         // Target and Source.
  std::string_view uri;   // LocURI
  std::string_view name;  // LocName
};

struct Item {
  std::optional<Location> target;
  std::optional<Location> source;
  std::string_view source_parent;  // SourceParent's LocURI; data synchronisation only.
  std::string_view target_parent;  // TargetParent's.
  Meta meta;
  std::optional<Data> data;  // Engaged: the element was there, maybe empty.
  bool more_data = false;
};

struct Credentials {  // Cred
  Meta meta;
  Data data;
};

// One command, Status or Results of a SyncBody, or one child of an Atomic or Sequence.
struct Command {
  using allocator_type = std::pmr::polymorphic_allocator<>;
  Command() = default;
  explicit Command(allocator_type alloc)
      : target_refs(alloc), source_refs(alloc), items(alloc), children(alloc) {}
  Command(Command&&) = default;
  Command(Command&& o, allocator_type alloc);
  Command& operator=(Command&&) = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  CommandKind kind = CommandKind::kUnknown;
  std::string_view name;     // The element's tag; for kUnknown the only thing known.
  uint32_t offset = 0;       // Of the element in the encoded message, for diagnostics.
  std::string_view cmd_id;   // CmdID
  bool no_resp = false;      // NoResp
  bool no_results = false;   // NoResults
  bool archive = false;      // Archive: Delete
  bool sft_del = false;      // SftDel: Delete
  std::string_view msg_ref;  // Status, Results
  std::string_view cmd_ref;  // Status, Results
  std::string_view cmd;      // Status: the answered command's name
  std::pmr::vector<std::string_view> target_refs;  // Status, Results
  std::pmr::vector<std::string_view> source_refs;  // Status, Results
  std::string_view lang;                           // Get, Put
  std::optional<Credentials> cred;
  std::optional<Meta> chal;  // Status: Chal
  Meta meta;
  std::optional<Data> data;  // Status, Alert: the code
  std::string_view correlator;
  std::pmr::vector<Item> items;        // Map: its MapItems
  std::pmr::vector<Command> children;  // Atomic, Sequence, Sync
};

struct Header {                // SyncHdr
  std::string_view ver_dtd;    // "1.2"
  std::string_view ver_proto;  // "DM/1.2"
  std::string_view session_id;
  std::string_view msg_id;
  Location target;
  Location source;
  std::string_view resp_uri;
  bool no_resp = false;
  std::optional<Credentials> cred;
  Meta meta;
};

struct Message {
  using allocator_type = std::pmr::polymorphic_allocator<>;
  Message() = default;
  explicit Message(allocator_type alloc) : commands(alloc) {}

  Version version = Version::k12;
  Header header;
  std::pmr::vector<Command> commands;  // In document order: Status, Results and commands alike.
  bool final = false;
};

// The element's tag ("Add", "Status"); empty for kUnknown.
std::string_view Name(CommandKind kind);
// kUnknown for anything that is no command of SyncML. Case-sensitive, as XML is.
CommandKind CommandKindOf(std::string_view tag);

}  // namespace drover::syncml
