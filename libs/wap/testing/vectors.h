// Documents that others verified, for tests of whatever carries them.
#pragma once
#include <string>

#include "libs/base/bytes.h"
#include "libs/wap/provisioning.h"

namespace drover::wap::testing {

// A w7 account with both proofs, written by an encoder that keeps to page 0: 268 octets.
inline std::string BootstrapVectorOctets() {
  return base::FromHex(
             "030b6a00c54503312e310001c600015501873600000603773700018700013800000603646d7365727665"
             "720001870706034361727269657220444d0001c6000156018734000006036874 "
             "74703a2f2f646d2e657861"
             "6d706c652e636f6d2f646d0001c65301872306033730303100010101c600015701873000000600018d018"
             "7"
             "3300000600019301873100000603646d73657276657200018700013200000603737276707764000187000"
             "12f"
             "00000603626d39755932553d000101c600015701873000000603434c49454e54000187000133000006000"
             "1"
             "9301873100000603636c69656e7400018700013200000603636c6970776400018700012f00000603626d3"
             "9"
             "755932553d0001010101")
      .value();
}
inline constexpr ProvisioningStyle kBootstrapVectorStyle{
    .version = "1.1", .stay_on_page = false, .auth_type_as_text = false};
inline constexpr char kBootstrapVectorUserPinMac[] = "61D54E5BC1C9BFE2448E0F1121F44057B97857A7";
inline constexpr char kBootstrapVectorNetwPinMac[] = "784E14C53370755C3AF895B374B3A796BE2997DB";

inline ProvisioningDocument BootstrapVectorDocument() {
  DmApplication application{.provider_id = "dmserver",
                            .name = "Carrier DM",
                            .address = "http://dm.example.com/dm",
                            .port = 7001};
  application.auths = {{AppAuth::Level::kAppSrv, "DIGEST", "dmserver", "srvpwd", "bm9uY2U="},
                       {AppAuth::Level::kClient, "DIGEST", "client", "clipwd", "bm9uY2U="}};
  return {.applications = {application}};
}

// An access point and an account behind it: 246 octets.
inline std::string AccessPointVectorOctets() {
  return base::FromHex(
             "030B6A00C54601C6550187110 6036E310001871006AB0187080603696F740001"
             "870906890101C600015501873606037737000187380603646D2E6578616D706C"
             "652E636F6D000187070603444D0001872206036E310001C65601873406036874"
             "7470733A2F2F646D2E6578616D706C652E636F6D2F646D0001C6530187230603"
             "343433000101 01C6570187300 68D01873306930187310603753100018732060 3"
             "637077000187 2F0603546D39755932553D000101C6570187300603434C49454E"
             "5400018733069301873106 03646D2E6578616D706C652E636F6D000187320603"
             "7370770001872F0603546D39755932553D000101 0101")
      .value();
}

}  // namespace drover::wap::testing
