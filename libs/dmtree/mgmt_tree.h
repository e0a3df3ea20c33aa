// The XML of a MgmtTree, which DDF and TNDS share: reading any encoding, writing each. Internal to
// libs/dmtree.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "libs/base/result.h"
#include "libs/dmtree/tnds.h"
#include "libs/wbxml/writer.h"

namespace drover::dmtree {

constexpr uint32_t kMaxElements = 1'000'000;

// A document in memory. Names of elements without their prefix: LocalName.
class MgmtTreeDocument {
 public:
  // octets: XML, a WBXML document, or elements of code page 2. kInvalidArgument: not well formed,
  // or another root than MgmtTree; says at which octet. kOutOfRange: longer than `most`.
  static Result<MgmtTreeDocument> Parse(std::string_view octets, size_t most);
  pugi::xml_node root() const { return document_->document_element(); }

 private:
  std::unique_ptr<pugi::xml_document> document_;
};

std::string_view LocalName(const pugi::xml_node& element);
// The first child element of that name; null if there is none.
pugi::xml_node Child(const pugi::xml_node& element, std::string_view name);
// The first child element of any name; null if there is none.
pugi::xml_node FirstElement(const pugi::xml_node& element);
// Character data as it stands; child elements as XML text.
std::string Content(const pugi::xml_node& element);
// Character data without white space around.
std::string Text(const pugi::xml_node& element);
std::string ChildText(const pugi::xml_node& element, std::string_view name);
// nullopt: no such child.
std::optional<std::string> OptionalText(const pugi::xml_node& element, std::string_view name);

// What a Format or DFFormat element says. kInvalidArgument: nothing, or no format that there is.
Result<std::string> FormatIn(const pugi::xml_node& element);
// The content of a Type or one of DFType's children: MIME or DDFName.
NodeType TypeIn(const pugi::xml_node& element);
Result<NodeProperties> PropertiesIn(const pugi::xml_node& rt_properties);
// The octets that a Value element stands for. kInvalidArgument: not base64.
Result<std::string> ValueIn(const pugi::xml_node& value, std::string_view format);

// Writes elements by their names, which must be those of code page 2.
class MgmtTreeWriter {
 public:
  MgmtTreeWriter(TndsForm form, std::string& out);

  void Begin(std::string_view manufacturer, std::string_view model);  // MgmtTree, VerDTD, Man, Mod
  void Finish();

  void Open(std::string_view name);
  void Close(std::string_view name);
  void Empty(std::string_view name);
  void Leaf(std::string_view name, std::string_view text);
  void OptionalLeaf(std::string_view name, const std::optional<std::string>& text);
  // <Format><chr/></Format>
  void Choice(std::string_view name, std::string_view choice);
  void TypeLeaf(const NodeType& type);
  void Properties(const NodeProperties& properties);
  // octets as the Format has them: base64, OPAQUE or text.
  void Value(std::string_view octets, std::string_view format);

 private:
  const TndsForm form_;
  std::string& out_;
  std::string header_;  // Of a WBXML document.
  wbxml::Writer writer_;
};

// Whether a value of this Format travels as base64 or OPAQUE.
inline bool IsBinary(std::string_view format) { return format == "bin" || format == "b64"; }
// The Format that a value is written with: bin for octets that are no text.
std::string_view FormatToWrite(std::string_view octets, std::string_view format);

}  // namespace drover::dmtree
