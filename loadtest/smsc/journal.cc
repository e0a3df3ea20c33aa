#include "loadtest/smsc/journal.h"

#include "libs/base/packed.h"

namespace drover::smsc {
namespace {

using base::Packer;
using base::Unpacker;

enum class Kind : uint8_t { kSubmitted = 1, kSegment, kFinal, kReceipted };

void Put(Packer& packer, TimePoint time) {
  packer.Number(static_cast<uint64_t>(time.time_since_epoch().count()));
}
TimePoint GetTime(Unpacker& in) {
  return TimePoint(std::chrono::microseconds(static_cast<int64_t>(in.Number())));
}

void Put(Packer& packer, const Number& number) {
  packer.Text(number.digits);
  packer.Number(number.ton);
  packer.Number(number.npi);
}
Number GetNumber(Unpacker& in) {
  Number number;
  number.digits = in.Text();
  number.ton = static_cast<uint8_t>(in.Number(255));
  number.npi = static_cast<uint8_t>(in.Number(255));
  return number;
}

void Put(Packer& packer, const Part& part) {
  packer.Number(part.ports ? 1 : 0);
  if (part.ports) {
    packer.Number(part.ports->destination);
    packer.Number(part.ports->source);
  }
  packer.Number(part.concat ? 1 : 0);
  if (part.concat) {
    packer.Number(part.concat->reference);
    packer.Number(part.concat->total);
    packer.Number(part.concat->sequence);
  }
  packer.Text(part.payload);
}
Part GetPart(Unpacker& in) {
  Part part;
  if (in.Number(1) == 1) {
    sms::Ports& ports = part.ports.emplace();
    ports.destination = static_cast<uint16_t>(in.Number(65535));
    ports.source = static_cast<uint16_t>(in.Number(65535));
  }
  if (in.Number(1) == 1) {
    sms::Concat& concat = part.concat.emplace();
    concat.reference = static_cast<uint16_t>(in.Number(65535));
    concat.total = static_cast<uint8_t>(in.Number(255));
    concat.sequence = static_cast<uint8_t>(in.Number(255));
  }
  part.payload = in.Text();
  return part;
}

Packer Begun(Kind kind, uint64_t id) {
  Packer packer;
  packer.Number(static_cast<uint64_t>(kind));
  packer.Number(id);
  return packer;
}

void End(const Packer& record, std::string& out) {
  Packer frame(std::move(out));
  frame.Text(record.out());
  out = std::move(frame.out());
}

SubmittedRecord GetSubmitted(Unpacker& in) {
  SubmittedRecord record;
  record.id = in.Number();
  Submission& s = record.submission;
  s.sender.account = in.Text();
  s.sender.bind = in.Number();
  s.source = GetNumber(in);
  s.destination = GetNumber(in);
  s.esm_class = static_cast<uint8_t>(in.Number(255));
  s.data_coding = static_cast<uint8_t>(in.Number(255));
  s.registered_delivery = static_cast<uint8_t>(in.Number(255));
  s.set_dpf = in.Number(1) == 1;
  s.more = in.Number(1) == 1;
  record.submitted = GetTime(in);
  record.expires = GetTime(in);
  for (uint64_t count = in.Count(); count > 0 && in.ok(); --count) s.parts.push_back(GetPart(in));
  return record;
}

SegmentRecord GetSegment(Unpacker& in) {
  SegmentRecord record;
  record.id = in.Number();
  record.terminal = GetNumber(in);
  record.source = GetNumber(in);
  record.data_coding = static_cast<uint8_t>(in.Number(255));
  record.part = GetPart(in);
  record.bind = in.Number();
  record.heard = in.Number(1) == 1;
  record.at = GetTime(in);
  return record;
}

FinalRecord GetFinal(Unpacker& in) {
  FinalRecord record;
  record.id = in.Number();
  record.state = static_cast<smpp::MessageState>(in.Number(9));
  record.failure = static_cast<Failure>(in.Number(4));
  record.at = GetTime(in);
  return record;
}

}  // namespace

void AppendSubmitted(uint64_t id, const Submission& s, TimePoint submitted, TimePoint expires,
                     std::string& out) {
  Packer packer = Begun(Kind::kSubmitted, id);
  packer.Text(s.sender.account);
  packer.Number(s.sender.bind);
  Put(packer, s.source);
  Put(packer, s.destination);
  for (const uint64_t number :
       {uint64_t{s.esm_class}, uint64_t{s.data_coding}, uint64_t{s.registered_delivery},
        uint64_t{s.set_dpf}, uint64_t{s.more}}) {
    packer.Number(number);
  }
  Put(packer, submitted);
  Put(packer, expires);
  packer.Number(s.parts.size());
  for (const Part& part : s.parts) Put(packer, part);
  End(packer, out);
}

void AppendSegment(uint64_t id, const Submission& s, const Part& part, bool heard, TimePoint at,
                   std::string& out) {
  Packer packer = Begun(Kind::kSegment, id);
  Put(packer, s.destination);
  Put(packer, s.source);
  packer.Number(s.data_coding);
  Put(packer, part);
  packer.Number(s.sender.bind);
  packer.Number(heard ? 1 : 0);
  Put(packer, at);
  End(packer, out);
}

void AppendFinal(const FinalRecord& record, std::string& out) {
  Packer packer = Begun(Kind::kFinal, record.id);
  packer.Number(static_cast<uint64_t>(record.state));
  packer.Number(static_cast<uint64_t>(record.failure));
  Put(packer, record.at);
  End(packer, out);
}

void AppendReceipted(uint64_t id, std::string& out) { End(Begun(Kind::kReceipted, id), out); }

std::optional<Record> NextRecord(std::string_view& rest) {
  Unpacker frames(rest);
  const std::string_view octets = frames.View();
  if (!frames.ok() || octets.empty()) return std::nullopt;
  Unpacker in(octets);
  std::optional<Record> record;
  switch (static_cast<Kind>(in.Number(4))) {
    case Kind::kSubmitted:
      record = GetSubmitted(in);
      break;
    case Kind::kSegment:
      record = GetSegment(in);
      break;
    case Kind::kFinal:
      record = GetFinal(in);
      break;
    case Kind::kReceipted:
      record = ReceiptedRecord{in.Number()};
      break;
  }
  if (!record || !in.ok()) return std::nullopt;
  rest = frames.Rest();
  return record;
}

}  // namespace drover::smsc
