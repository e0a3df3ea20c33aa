// Step 5 of the schema: a row a node becomes a page of nodes (core/page.h), and back.
#pragma once

namespace drover::tree {

// tree.pages, tree.large_values, tree.all_or_again.
extern const char* const kCreatePages;
extern const char* const kDropPages;
// Fill the one from the other. Need tables of both.
extern const char* const kNodesToPages;
extern const char* const kPagesToNodes;

}  // namespace drover::tree
