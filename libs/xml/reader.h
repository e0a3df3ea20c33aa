// Reads a small XML document piece by piece, strictly and without side effects: what WAP's control
// documents need (PAP, SI, SL).
//
// Taken: a byte order mark; the declaration; one DOCTYPE, whose public id is told and whose
// internal subset may hold instructions and comments; comments, instructions, CDATA; the five
// predefined entities and numeric references; UTF-8, US-ASCII, and ISO-8859-1 where the declaration
// says so. Refused: declarations in a DTD, any other entity, everything that is not well-formed.
// Nothing is fetched, nothing expands: the work is linear in the octets.
//
// Names and texts are views, of the document or of the reader, and live as long as both.
// Spec: XML 1.0 (fifth edition), sections 2 to 4; namespaces are not looked at.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"

namespace drover::xml {

struct Limits {
  size_t depth = 16;
  size_t attributes = 32;  // Of an element.
  size_t elements = 20'000;
};

struct Attribute {
  std::string_view name;
  std::string_view value;  // References resolved, line ends and tabs as blanks.
};

struct Instruction {
  std::string_view target;
  std::string_view data;
};

enum class Event : uint8_t {
  kStart,  // name(), attributes()
  kText,   // text(); one text may come in several pieces. None outside the root.
  kEnd,    // name(); comes for <a/> too.
  kDone,   // Nothing more; again and again.
  kError,  // error(); again and again.
};

class Reader {
 public:
  explicit Reader(std::string_view document, const Limits& limits = {});
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Event Next();

  std::string_view name() const { return name_; }
  std::span<const Attribute> attributes() const { return attributes_; }
  std::optional<std::string_view> Find(std::string_view attribute) const;
  std::string_view text() const { return text_; }
  size_t depth() const { return open_.size(); }  // Elements begun and not ended.

  // From the first kStart on. Empty: no DOCTYPE, or one without.
  std::string_view public_id() const { return public_id_; }
  // Of the prolog and of the DOCTYPE's internal subset, without the declaration.
  const std::vector<Instruction>& instructions() const { return instructions_; }

  // Where the reader stands, in octets of the document (as UTF-8).
  size_t offset() const { return document_.size() - rest_.size(); }
  // kInvalidArgument, with the octet.
  const Error& error() const { return error_; }

 private:
  Event Fail(std::string_view what);
  bool Failed() const { return state_ == State::kFailed; }

  void Declaration();
  void Encoding(std::string_view encoding);
  void CheckCharacters();
  Event Prolog();
  Event Epilog();
  Event Content();
  bool SkipComment();  // False: it failed, as below.
  bool TakeInstruction();
  bool TakeDoctype();
  bool TakeSubset();
  Event TakeStart();
  bool TakeAttribute();
  Event TakeEnd();
  Event TakeText();
  Event TakeCdata();

  void SkipSpace();
  bool Looking(std::string_view at) const { return rest_.starts_with(at); }
  bool Take(std::string_view expected);
  std::string_view TakeName();  // Empty: none there.
  std::optional<std::string_view> TakeQuoted();
  std::optional<std::string_view> TakeUntil(std::string_view end);
  // With references and line ends resolved; nullopt: failed.
  std::optional<std::string_view> Resolve(std::string_view raw, bool attribute);
  bool AppendReference(std::string_view& raw, std::string& out);

  enum class State : uint8_t { kProlog, kContent, kEmptyElement, kEpilog, kFailed };

  Limits limits_;
  std::deque<std::string> kept_;
  std::string_view document_;
  std::string_view rest_;
  State state_ = State::kProlog;
  bool doctype_seen_ = false;
  size_t elements_ = 0;
  std::vector<std::string_view> open_;
  std::string_view name_;
  std::string_view text_;
  std::string_view public_id_;
  std::vector<Attribute> attributes_;
  std::vector<Instruction> instructions_;
  Error error_;
};

}  // namespace drover::xml
