#include "services/session/codec/compression.h"

#include <lz4.h>

namespace drover::session {
namespace {

// Grows by at most this for each compressed octet: more is not something that LZ4 makes.
constexpr size_t kMostExpansion = 256;

// Headers, statuses and commands as answers hold them; what is met most often stands last.
constexpr char kDictionary[] =
    "syncml:auth-basic\0syncml:auth-MAC\0DM/1.3DM/1.1\0int\0bool\0bin\0node\0xml\0"
    "./DevDetail/FwV./DevDetail/LrgObj./DevInfo/Mod./DevInfo/Man./FUMO/"
    "<Atomic><CmdID></CmdID><Add><Exec><Correlator></Correlator><Delete><Copy></Copy></Delete>"
    "</Exec></Add></Atomic><Meta><Format xmlns=\"syncml:metinf\">chr</Format>"
    "<Type xmlns=\"syncml:metinf\">text/plain</Type></Meta><Size xmlns=\"syncml:metinf\">"
    "</Size><MoreData/><Alert><CmdID>1</CmdID><Data>1222</Data></Alert>"
    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>"
    "<SessionID></SessionID><MsgID>1</MsgID><Target><LocURI>IMEI:35</LocURI></Target><Source>"
    "<LocURI>https://</LocURI><LocName></LocName></Source><Cred><Meta>"
    "<Format xmlns=\"syncml:metinf\">b64</Format><Type xmlns=\"syncml:metinf\">syncml:auth-md5"
    "</Type></Meta><Data></Data></Cred><Meta><MaxMsgSize xmlns=\"syncml:metinf\">65536"
    "</MaxMsgSize><MaxObjSize xmlns=\"syncml:metinf\">1048576</MaxObjSize></Meta></SyncHdr>"
    "<SyncBody><Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
    "<TargetRef></TargetRef><SourceRef>IMEI:35</SourceRef><Chal><Meta>"
    "<Format xmlns=\"syncml:metinf\">b64</Format><Type xmlns=\"syncml:metinf\">syncml:auth-md5"
    "</Type><NextNonce xmlns=\"syncml:metinf\"></NextNonce></Meta></Chal><Data>212</Data>"
    "</Status><Status><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef><Cmd>Alert</Cmd>"
    "<Data>200</Data></Status><Status><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>2</CmdRef>"
    "<Cmd>Replace</Cmd><Data>200</Data></Status><Sequence><CmdID>4</CmdID><Get><CmdID>5</CmdID>"
    "<Item><Target><LocURI>./</LocURI></Target></Item></Get><Replace><CmdID>6</CmdID><Item>"
    "<Target><LocURI>./</LocURI></Target><Data></Data></Item></Replace></Sequence><Final/>"
    "</SyncBody></SyncML>"
    "\x02\xA4\x01j\0mlq\x03"
    "1.2\0\x01r\x03"
    "DM/1.2\0\x01"
    "e\x03"
    "0\0\x01[\x03"
    "1\0\x01nW\x03IMEI:35\0\x01\x01gW\x03http://\0\x01V\x03"
    "drover\0\x01\x01NZ\0\x01G\x03"
    "b64\0\x01S\x03syncml:auth-md5\0\x01\x01\0\0O\x03==\0\x01\x01Z\0\x01L\x03"
    "65536\0\x01U\x03"
    "1048576\0\x01\x01\x01\0\0kiK\x03"
    "1\0\x01\\\x03"
    "1\0\x01L\x03"
    "0\0\x01J\x03SyncHdr\0\x01o\x03http://\0\x01h\x03IMEI:35\0\x01IZ\0\x01G\x03"
    "b64\0\x01S\x03syncml:auth-md5\0\x01P\x03==\0\x01\x01\x01\0\0O\x03"
    "212\0\x01\x01iK\x03"
    "2\0\x01\\\x03"
    "1\0\x01L\x03"
    "1\0\x01J\x03"
    "Alert\0\x01O\x03"
    "200\0\x01\x01iK\x03"
    "3\0\x01\\\x03"
    "1\0\x01L\x03"
    "2\0\x01J\x03Replace\0\x01O\x03"
    "200\0\x01\x01"
    "dK\x03"
    "4\0\x01SK\x03"
    "5\0\x01TnW\x03./\0\x01\x01\x01\x01`K\x03"
    "6\0\x01TnW\x03./\0\x01\x01Z\0\x01G\x03"
    "chr\0\x01S\x03text/plain\0\x01\x01\0\0O\x03\0\x01\x01\x01\x01\x12\x01\x01";
constexpr int kDictionaryOctets = sizeof(kDictionary) - 1;

// With the dictionary in its tables: a copy costs a fraction of filling them.
const LZ4_stream_t& Prepared() {
  static const LZ4_stream_t prepared = [] {
    LZ4_stream_t stream;
    LZ4_initStream(&stream, sizeof(stream));
    LZ4_loadDict(&stream, kDictionary, kDictionaryOctets);
    return stream;
  }();
  return prepared;
}

}  // namespace

bool Compress(std::string_view octets, std::string& out) {
  if (octets.empty() || octets.size() > LZ4_MAX_INPUT_SIZE) return false;
  LZ4_stream_t stream = Prepared();
  const size_t before = out.size();
  out.resize(before + octets.size() - 1);
  const int size = LZ4_compress_fast_continue(
      &stream, octets.data(), out.data() + before, static_cast<int>(octets.size()),
      static_cast<int>(octets.size() - 1), /*acceleration=*/1);
  out.resize(before + static_cast<size_t>(size));
  return size > 0;
}

std::optional<std::string> Decompress(std::string_view compressed, size_t size) {
  if (size > LZ4_MAX_INPUT_SIZE || size / kMostExpansion > compressed.size()) return std::nullopt;
  std::string octets(size, '\0');
  const int got = LZ4_decompress_safe_usingDict(
      compressed.data(), octets.data(), static_cast<int>(compressed.size()), static_cast<int>(size),
      kDictionary, kDictionaryOctets);
  if (got != static_cast<int>(size)) return std::nullopt;
  return octets;
}

}  // namespace drover::session
