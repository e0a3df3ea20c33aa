// Writes PAP documents: declaration, DOCTYPE of the version, one operation.
// Spec: WAP-247-PAP, 9 "PAP Element Definitions", 10 "PAP Version Control".
#pragma once
#include <string>

#include "libs/pap/message.h"

namespace drover::pap {

// Appends the document. What 1.0 does not have (replacement) is left out in a document of 1.0.
// Texts: UTF-8.
void Write(const Document& document, std::string& out);

}  // namespace drover::pap
