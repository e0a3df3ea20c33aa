// Any octets as a submission: parts are views into the body, in their order; written again they
// read as the same.
//
// Input: the Content-Type, a line feed, the body.
#include "libs/pap/multipart.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::pap;
  const std::string_view input = View(data, size);
  const size_t end = input.find('\n');
  const std::string_view type = input.substr(0, end);
  const std::string_view body = end == std::string_view::npos ? "" : input.substr(end + 1);
  const auto submission = ReadSubmission(type, body);
  if (!submission) return 0;
  const auto inside = [&](std::string_view part) {
    return part.empty() ||
           (part.data() >= body.data() && part.data() + part.size() <= body.data() + body.size());
  };
  DROVER_CHECK(inside(submission->control));
  if (!submission->content) return 0;
  DROVER_CHECK(inside(submission->content->body));
  constexpr std::string_view kBoundary = "a-boundary-that-no-input-has-0123456789";
  if (body.find(kBoundary) != std::string_view::npos) return 0;
  std::string written;
  WriteSubmission(kBoundary, submission->control, submission->content->fields,
                  submission->content->body, written);
  const auto again = ReadSubmission("multipart/related; boundary=" + std::string(kBoundary),
                                    written, {.parts = 8, .fields = 32, .field_octets = SIZE_MAX});
  DROVER_CHECK(again.has_value());
  DROVER_CHECK(again->control == submission->control);
  DROVER_CHECK(again->content->fields == submission->content->fields);
  DROVER_CHECK(again->content_octets == submission->content_octets);
  return 0;
}
