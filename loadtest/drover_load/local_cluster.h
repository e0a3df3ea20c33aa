// A cluster of this run's own on this machine, by scripts/cluster; it ends with the run.
#pragma once
#include <string>
#include <vector>

#include "loadtest/drover_load/options.h"

namespace drover::load {

struct LocalClusterOptions {
  std::string script;  // Empty: scripts/cluster of the source tree that this program was built in.
  std::string bin;     // Folder of the services' programs; empty: this program's own.
  std::vector<std::string> set;         // SERVICE.FLAG=VALUE
  bool tls = false;                     // Terminals come by HTTPS; the certificate is made for it.
  std::string enrolment_password_file;  // Unknown terminals that have it are enrolled.
};

class LocalCluster {
 public:
  // kUnavailable: it does not start; what the script says goes to standard error.
  static Result<LocalCluster> Start(const LocalClusterOptions& options);
  ~LocalCluster();  // Stops it, and forgets its data.
  LocalCluster(LocalCluster&& other) noexcept;
  LocalCluster(const LocalCluster&) = delete;

  // Where things are, over what is there already.
  void Fill(Endpoints& endpoints) const;
  const std::string& folder() const { return folder_; }

 private:
  LocalCluster(std::string script, std::string folder);
  std::string script_;
  std::string folder_;  // Empty: moved away.
  std::string ingress_;
  std::string kafka_;
};

}  // namespace drover::load
