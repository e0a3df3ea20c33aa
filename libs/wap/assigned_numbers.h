// Numbers that WSP and the OMA Name Authority assigned to what a push names. Internal to libs/wap.
#pragma once
#include <cstdint>
#include <string_view>

namespace drover::wap {

struct Assigned {
  uint32_t code;
  std::string_view text;
};

inline constexpr Assigned kMediaTypes[] = {
    {0x00, "*/*"},
    {0x01, "text/*"},
    {0x02, "text/html"},
    {0x03, "text/plain"},
    {0x04, "text/x-hdml"},
    {0x05, "text/x-ttml"},
    {0x06, "text/x-vcalendar"},
    {0x07, "text/x-vcard"},
    {0x08, "text/vnd.wap.wml"},
    {0x09, "text/vnd.wap.wmlscript"},
    {0x0B, "multipart/*"},
    {0x0C, "multipart/mixed"},
    {0x0D, "multipart/form-data"},
    {0x0F, "multipart/alternative"},
    {0x10, "application/*"},
    {0x14, "application/vnd.wap.wmlc"},
    {0x15, "application/vnd.wap.wmlscriptc"},
    {0x1C, "image/*"},
    {0x1D, "image/gif"},
    {0x1E, "image/jpeg"},
    {0x1F, "image/tiff"},
    {0x20, "image/png"},
    {0x21, "image/vnd.wap.wbmp"},
    {0x22, "application/vnd.wap.multipart.*"},
    {0x23, "application/vnd.wap.multipart.mixed"},
    {0x25, "application/vnd.wap.multipart.byteranges"},
    {0x26, "application/vnd.wap.multipart.alternative"},
    {0x27, "application/xml"},
    {0x28, "text/xml"},
    {0x29, "application/vnd.wap.wbxml"},
    {0x2D, "text/vnd.wap.si"},
    {0x2E, "application/vnd.wap.sic"},
    {0x2F, "text/vnd.wap.sl"},
    {0x30, "application/vnd.wap.slc"},
    {0x31, "text/vnd.wap.co"},
    {0x32, "application/vnd.wap.coc"},
    {0x33, "application/vnd.wap.multipart.related"},
    {0x34, "application/vnd.wap.sia"},
    {0x35, "text/vnd.wap.connectivity-xml"},
    {0x36, "application/vnd.wap.connectivity-wbxml"},
    {0x3E, "application/vnd.wap.mms-message"},
    {0x42, "application/vnd.syncml.dm+wbxml"},
    {0x43, "application/vnd.syncml.dm+xml"},
    {0x44, "application/vnd.syncml.notification"},
    {0x48, "application/vnd.oma.drm.message"},
    {0x49, "application/vnd.oma.drm.content"},
    {0x4A, "application/vnd.oma.drm.rights+xml"},
    {0x4B, "application/vnd.oma.drm.rights+wbxml"},
};

inline constexpr std::string_view kApplicationPrefix = "x-wap-application:";
inline constexpr Assigned kApplicationIds[] = {
    {0x00, "x-wap-application:*"},      {0x01, "x-wap-application:push.sia"},
    {0x02, "x-wap-application:wml.ua"}, {0x03, "x-wap-application:wta.ua"},
    {0x04, "x-wap-application:mms.ua"}, {0x05, "x-wap-application:push.syncml"},
    {0x06, "x-wap-application:loc.ua"}, {0x07, "x-wap-application:syncml.dm"},
    {0x08, "x-wap-application:drm.ua"}, {0x09, "x-wap-application:emn.ua"},
    {0x0A, "x-wap-application:wv.ua"},  {0x1A, "x-wap-application:lwm2m.dm"},
};

// Parameters of a content type (appendix A, table 38).
enum ParameterCode : uint8_t {
  kParameterCharset = 0x01,
  kParameterSec = 0x11,
  kParameterMac = 0x12
};

// Headers (appendix A, table 39).
enum HeaderCode : uint8_t {
  kHeaderContentLocation = 0x0E,
  kHeaderApplicationId = 0x2F,
  kHeaderContentUri = 0x30,
  kHeaderInitiatorUri = 0x31,
  kHeaderPushFlag = 0x34,
};

}  // namespace drover::wap
