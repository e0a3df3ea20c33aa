// The vocabularies that device management speaks in WBXML: public identifiers, code pages, names.
//
// Spec: OMA-TS-SyncML_RepPro-V1_2 and OMA-TS-SyncML_MetaInfo-V1_2, "WBXML Definition" (SyncML 1.0,
// 1.1, 1.2; MetInf); OMA-TS-DM_TND-V1_2, section 8.6.2 (DDF and TNDS); OMA-TS-DS_DevInf-V1_2
// (DevInf 1.0, 1.1, 1.2); OMA-WAP-TS-ProvCont-V1_1 (client provisioning).
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "libs/wbxml/reader.h"

namespace drover::wbxml {

// Tag numbers start at kFirstTag: names[0] is tag 05. An empty name: not assigned.
using TagNames = std::span<const std::string_view>;

struct CodePage {
  std::string_view xmlns;  // Of the elements on this page; empty for none.
  TagNames tags;
};

// An attribute start (name, and the beginning of its value) or, below, a value.
struct AttributeToken {
  uint8_t page;
  uint8_t token;
  std::string_view name;  // Empty in a table of values.
  std::string_view value;
};

struct Vocabulary {
  uint32_t public_id;  // 0: has none and is named by its text.
  std::string_view public_text;
  std::span<const CodePage> pages;
  std::span<const AttributeToken> attribute_starts;
  std::span<const AttributeToken> attribute_values;

  // Empty if the tag is not assigned.
  std::string_view TagName(uint8_t page, uint8_t tag) const;
  std::string_view Xmlns(uint8_t page) const;
};

constexpr uint32_t kSyncml10 = 0x0FD1;
constexpr uint32_t kDevInf10 = 0x0FD2;
constexpr uint32_t kSyncml11 = 0x0FD3;
constexpr uint32_t kDevInf11 = 0x0FD4;
constexpr uint32_t kSyncml12 = 0x1201;
constexpr uint32_t kMetInf12 = 0x1202;
constexpr uint32_t kDevInf12 = 0x1203;
constexpr uint32_t kProvisioning = 0x0B;
constexpr uint32_t kUnknownPublicId = 0x01;
constexpr std::string_view kDmddfPublicText = "-//OMA//DTD-DM-DDF 1.2//EN";

// By number, or by text when the number is 0. nullptr: not one of ours.
const Vocabulary* FindVocabulary(const Header& header);
const Vocabulary* FindVocabulary(uint32_t public_id);

}  // namespace drover::wbxml
