#include "libs/pap/multipart.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/pap/field_text.h"
#include "libs/xml/text.h"

namespace drover::pap {
namespace {

constexpr size_t kMaxBoundary = 200;  // RFC 2046 has 70.

// The next line without its end; rest goes on behind it.
std::string_view TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

enum class Line : uint8_t { kOther, kBoundary, kLast };

Line KindOf(std::string_view line, std::string_view boundary) {
  line = TrimBlanks(line);
  if (!line.starts_with("--") || line.substr(2, boundary.size()) != boundary) return Line::kOther;
  line.remove_prefix(2 + boundary.size());
  if (line.empty()) return Line::kBoundary;
  return line == "--" ? Line::kLast : Line::kOther;
}

// A boundary's line, and what stands before it without the line end that belongs to it.
struct Delimiter {
  Line kind = Line::kOther;  // kOther: there is none.
  std::string_view before;
};

// The next one in rest, which goes on behind its line. Jumps from one occurrence of the boundary to
// the next: the work is linear.
Delimiter TakeUntilBoundary(std::string_view& rest, std::string_view boundary) {
  const std::string_view all = rest;
  for (size_t from = 0;;) {
    const size_t found = all.find(boundary, from);
    if (found == std::string_view::npos) return {};
    const size_t newline = found == 0 ? std::string_view::npos : all.rfind('\n', found - 1);
    const size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    rest = all.substr(begin);
    const Line kind = KindOf(TakeLine(rest), boundary);
    if (kind != Line::kOther) {
      std::string_view before = all.substr(0, begin);
      if (before.ends_with('\n')) before.remove_suffix(1);
      if (before.ends_with('\r')) before.remove_suffix(1);
      return {kind, before};
    }
    from = all.size() - rest.size();
    if (from <= found) return {};
  }
}

Result<void> TakeField(std::string_view line, Part& part) {
  if (IsBlank(line.front())) {
    if (part.fields.empty()) return InvalidArgument("a part that begins with a folded line");
    const std::string_view more = TrimBlanks(line);
    std::string& value = part.fields.back().value;
    if (!value.empty() && !more.empty()) value.push_back(' ');
    value.append(more);
    return {};
  }
  const size_t colon = line.find(':');
  const std::string_view name = TrimBlanks(line.substr(0, colon));
  if (colon == std::string_view::npos || !IsToken(name)) {
    return InvalidArgument("a part with a line that is no header field");
  }
  part.fields.push_back({std::string(name), std::string(TrimBlanks(line.substr(colon + 1)))});
  return {};
}

Result<Part> ReadPart(std::string_view octets, const MultipartLimits& limits) {
  Part part;
  std::string_view rest = octets;
  while (!rest.empty()) {
    const std::string_view line = TakeLine(rest);
    if (line.empty()) break;
    if (octets.size() - rest.size() > limits.field_octets || part.fields.size() >= limits.fields) {
      return OutOfRange("a part with too many header fields");
    }
    DROVER_TRY(TakeField(line, part));
  }
  part.body = rest;
  return part;
}

Result<std::string> Decode(const Part& part) {
  const std::string* encoding = part.Find("Content-Transfer-Encoding");
  if (encoding == nullptr || SameInAnyCase(*encoding, "binary") ||
      SameInAnyCase(*encoding, "8bit") || SameInAnyCase(*encoding, "7bit")) {
    return std::string(part.body);
  }
  if (SameInAnyCase(*encoding, "base64")) return base::FromBase64(part.body);
  return InvalidArgument("Content-Transfer-Encoding \"" + xml::Quote(*encoding) +
                         "\": send the content as it is, or in base64");
}

}  // namespace

const std::string* Part::Find(std::string_view field) const { return FindField(fields, field); }

Result<std::vector<Part>> ReadMultipart(std::string_view boundary, std::string_view body,
                                        const MultipartLimits& limits) {
  boundary = TrimBlanks(boundary);
  if (boundary.empty() || boundary.size() > kMaxBoundary ||
      boundary.find_first_of("\r\n") != std::string_view::npos) {
    return InvalidArgument("a multipart without a boundary");
  }
  std::string_view rest = body;
  Delimiter delimiter = TakeUntilBoundary(rest, boundary);
  std::vector<Part> parts;
  while (delimiter.kind == Line::kBoundary) {
    delimiter = TakeUntilBoundary(rest, boundary);
    if (delimiter.kind == Line::kOther) break;
    if (parts.size() >= limits.parts) return OutOfRange("a multipart of too many parts");
    DROVER_TRY(Part part, ReadPart(delimiter.before, limits));
    parts.push_back(std::move(part));
  }
  if (delimiter.kind != Line::kLast || parts.empty()) {
    return InvalidArgument("a multipart whose boundaries do not end: is it whole?");
  }
  return parts;
}

Result<Submission> ReadSubmission(std::string_view content_type, std::string_view body,
                                  const MultipartLimits& limits) {
  DROVER_TRY(const MediaType media, ParseMediaType(content_type));
  Submission submission;
  if (media.type == "application/xml" || media.type == "text/xml") {
    submission.control = body;
    return submission;
  }
  if (!media.type.starts_with("multipart/")) {
    return InvalidArgument("type " + xml::Quote(media.type) +
                           ": send multipart/related, or application/xml without content");
  }
  const std::string* boundary = media.Find("boundary");
  if (boundary == nullptr) return InvalidArgument("a multipart without a boundary");
  DROVER_TRY(std::vector<Part> parts, ReadMultipart(*boundary, body, limits));
  submission.control = parts[0].body;
  submission.capabilities = parts.size() > 2;
  if (parts.size() < 2) return submission;
  DROVER_TRY(submission.content_octets, Decode(parts[1]));
  submission.content = std::move(parts[1]);
  return submission;
}

void WriteSubmission(std::string_view boundary, std::string_view control,
                     const std::vector<Field>& fields, std::string_view content, std::string& out) {
  out.append("--").append(boundary).append("\r\nContent-Type: application/xml\r\n\r\n");
  out.append(control).append("\r\n--").append(boundary).append("\r\n");
  for (const Field& field : fields) {
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  out.append("\r\n").append(content).append("\r\n--").append(boundary).append("--\r\n");
}

}  // namespace drover::pap
