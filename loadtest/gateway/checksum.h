// SHA-256 of what comes in pieces.
#pragma once
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace drover::gwsim {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Add(std::string_view octets);
  // Lower-case hex. Nothing is added afterwards.
  std::string Hex();

 private:
  evp_md_ctx_st* context_;
};

}  // namespace drover::gwsim
