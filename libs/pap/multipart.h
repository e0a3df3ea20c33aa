// A push submission: the PAP document, what is to be pushed, and perhaps capabilities, in one
// multipart/related body.
//
// Taken besides what MIME says: line ends without CR, blanks around a boundary and its parameter,
// blank lines and text before the first one, a part without header fields. Bodies are views.
// Spec: WAP-247-PAP, 8 "Push Submission"; RFC 2046, 5.1; RFC 2387.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/pap/media_type.h"

namespace drover::pap {

struct Part {
  std::vector<Field> fields;                              // Unfolded, in their order.
  std::string_view body;                                  // As it stands.
  const std::string* Find(std::string_view field) const;  // In any case of letters.
};

struct MultipartLimits {
  size_t parts = 8;
  size_t fields = 32;          // Of a part.
  size_t field_octets = 8192;  // Of all of a part.
};

// The parts of a body with that boundary. kInvalidArgument: none, no closing boundary, a field that
// is none. kOutOfRange: a limit.
Result<std::vector<Part>> ReadMultipart(std::string_view boundary, std::string_view body,
                                        const MultipartLimits& limits = {});

struct Submission {
  std::string_view control;     // The PAP document.
  std::optional<Part> content;  // A push-message has one.
  std::string content_octets;   // Of the content, its transfer encoding taken off.
  bool capabilities = false;    // A third part is there.
};

// The body of a request with that Content-Type: multipart/related, or the PAP document alone.
// kInvalidArgument: another type, a multipart without boundary, a transfer encoding other than
// 7bit, 8bit, binary or base64; as ReadMultipart.
Result<Submission> ReadSubmission(std::string_view content_type, std::string_view body,
                                  const MultipartLimits& limits = {});

// Appends the body of a submission. fields: of the content, Content-Type among them. The boundary
// must not occur in control or content.
void WriteSubmission(std::string_view boundary, std::string_view control,
                     const std::vector<Field>& fields, std::string_view content, std::string& out);

}  // namespace drover::pap
