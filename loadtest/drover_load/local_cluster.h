// A cluster of this run's own on this machine, by scripts/cluster; it ends with the run, and with
// this process however that ends: a warden beside it waits for its end.
#pragma once
#include <string>
#include <vector>

#include "loadtest/drover_load/options.h"

namespace drover::load {

struct LocalClusterOptions {
  std::string script;  // Empty: scripts/cluster of the source tree that this program was built in.
  std::string bin;     // Folder of the services' programs; empty: this program's own.
  std::vector<std::string> set;         // SERVICE.FLAG=VALUE
  bool sms = false;                     // With push and the simulated SMSC.
  bool gateways = false;                // With sip.
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
  const std::string& smsc() const { return smsc_; }            // URL; empty: there is none.
  const std::string& gateways() const { return gateways_; }    // URL that they ask.
  const std::string& registrar() const { return registrar_; }  // host:port, UDP
  const std::string& folder() const { return folder_; }

 private:
  explicit LocalCluster(std::string folder);
  // Runs the script with these arguments (of `up`); its exit code. From now on the warden is there.
  int Up(const std::string& script, std::vector<std::string> arguments);

  std::string folder_;  // Empty: moved away.
  int lifeline_ = -1;   // The warden ends the cluster when nobody holds it.
  int warden_ = -1;     // Its process.
  std::string ingress_;
  std::string kafka_;
  std::string smsc_;
  std::string gateways_;
  std::string registrar_;
};

}  // namespace drover::load
