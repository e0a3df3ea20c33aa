// Where the services are and who asks: flags, then environment, then the context file.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "libs/base/result.h"

namespace drover::cli {

// An environment variable's value; nullopt if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> ProcessEnvironment(const std::string& name);

struct Context {
  std::string operations;  // host:port
  std::string tree;
  std::string session;
  std::string push;
  std::string sip;
  std::string token_file;  // Holds the bearer token; empty: none.
};

// A context file: YAML with the keys operations, tree, session, push, sip, token-file; a relative
// token-file starts at the file's folder. kInvalidArgument with the line of what is wrong.
Result<Context> ParseContext(std::string_view text, const std::string& path);

// flags: what the command line gives, empty where it does not. context_path: --context; empty: the
// environment's DROVER_CONTEXT, else ~/.config/drover/context.yaml if it is there.
// Environment: DROVER_OPERATIONS, DROVER_TREE, DROVER_SESSION, DROVER_PUSH, DROVER_SIP,
// DROVER_TOKEN_FILE.
Result<Context> ResolveContext(const Context& flags, const std::string& context_path,
                               const Environment& environment);

}  // namespace drover::cli
