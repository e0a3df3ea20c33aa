// Flags from the command line, the environment, a file and their defaults: libs/service's own.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/service/service.h"

namespace drover::service {

// "250ms", "10s", "5m", "2h", "7d". kInvalidArgument.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

class FlagParser {
 public:
  using Environment = std::map<std::string, std::string>;  // All of it.

  explicit FlagParser(std::vector<Flag> flags);

  // arguments: without program and command. Every error there is, one line each; empty: flags()
  // holds the values.
  std::vector<std::string> Parse(const std::vector<std::string>& arguments,
                                 const Environment& environment);
  const Flags& flags() const { return values_; }

  // Whether --help or --print-config was among the arguments.
  bool help() const { return help_; }
  bool print_config() const { return print_config_; }

  std::string Help() const;         // A paragraph a flag.
  std::string PrintConfig() const;  // "name: value  # origin"; what files hold is masked.

 private:
  const Flag* Find(std::string_view name) const;
  void ReadArguments(const std::vector<std::string>& arguments);
  void ReadEnvironment(const Environment& environment);
  void ReadFile(const std::string& path);
  void Offer(const Flag& flag, std::string text, std::string origin);
  void Check(const Flag& flag);
  void CheckNumber(const Flag& flag, Flags::Value& value);
  std::string Unknown(std::string_view name) const;
  void Complain(std::string message) { errors_.push_back(std::move(message)); }

  const std::vector<Flag> flags_;
  Flags values_;
  std::vector<std::string> errors_;
  bool help_ = false;
  bool print_config_ = false;
};

}  // namespace drover::service
