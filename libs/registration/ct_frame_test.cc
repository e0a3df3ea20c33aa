#include "libs/registration/ct_frame.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/registration/grammar.h"

namespace drover::registration {
namespace {

const Profile& Ct() { return *FindProfile(BuiltInProfiles(), "ct"); }
std::string Octets(std::string_view hex) { return base::FromHex(hex).value(); }

const std::string kXml =
    "<a1><b1>HIS-TS7032</b1><b2>A0000012345678</b2><b3>460030912121001</b3>"
    "<b4>TI7.2.01.22</b4></a1>";
const std::string kFrame = Octets("02035f00") + kXml + "ca26deb9";

Registration Read(const Profile& profile, std::string_view octets) {
  const Parsed parsed = Parse(profile, octets);
  const auto* const registration = std::get_if<Registration>(&parsed);
  if (registration == nullptr) {
    ADD_FAILURE() << Shown(octets) << ": " << std::get<DeadLetter>(parsed).detail;
    return {};
  }
  return *registration;
}
Registration Read(std::string_view octets) { return Read(Ct(), octets); }

Reason Refused(std::string_view octets, const Profile& profile = Ct()) {
  const Parsed parsed = Parse(profile, octets);
  const auto* const dead = std::get_if<DeadLetter>(&parsed);
  if (dead == nullptr) ADD_FAILURE() << "accepted: " << Shown(octets);
  return dead == nullptr ? Reason::kEmpty : dead->reason;
}

void ExpectTheVector(const Registration& r) {
  EXPECT_EQ(r.manufacturer, "HIS");
  EXPECT_EQ(r.model, "TS7032");
  EXPECT_EQ(r.meid, "A0000012345678");
  EXPECT_EQ(r.imsi, "460030912121001");
  EXPECT_EQ(r.software_version, "TI7.2.01.22");
}

TEST(CtFrame, ReadsTheVectorAndWritesItAgain) {
  ASSERT_EQ(kFrame.size(), 107u);
  const Registration r = Read(kFrame);
  ExpectTheVector(r);
  EXPECT_EQ(r.flags, Flags{});
  EXPECT_EQ(r.frame_version, 2);
  EXPECT_EQ(KeyOf(r).value().value(), "MEID:A0000012345678");
  EXPECT_EQ(WriteCtFrame(2, kCtRegistration, kXml, CtCheck::kHex), kFrame);
}

TEST(CtFrame, TheAcknowledgementIsThatOfTheVector) {
  EXPECT_EQ(WriteCtFrame(2, kCtAcknowledgement, "", CtCheck::kHex),
            Octets("02040000") + "8c44bf4b");
}

TEST(CtFrame, TakesTheCrcAsDigitsOfAnyCaseOrAsOctetsOfAnyOrder) {
  const std::string body = kFrame.substr(0, kFrame.size() - 8);
  for (const std::string& crc :
       {std::string("ca26deb9"), std::string("CA26DEB9"), Octets("ca26deb9"), Octets("b9de26ca")}) {
    const Registration r = Read(body + crc);
    ExpectTheVector(r);
    EXPECT_EQ(r.flags, Flags{}) << Shown(crc);
  }
  EXPECT_EQ(WriteCtFrame(2, kCtRegistration, kXml, CtCheck::kOctets), body + Octets("ca26deb9"));
}

TEST(CtFrame, AWrongCrcIsFlaggedRefusedOrIgnoredAsTheProfileSays) {
  const std::string body = kFrame.substr(0, kFrame.size() - 8);
  for (const std::string& crc : {std::string("ca26deb8"), Octets("ca26deb8"), std::string("?"),
                                 std::string("ca26deb9ca26deb9")}) {
    const Registration r = Read(body + crc);
    ExpectTheVector(r);
    EXPECT_EQ(Names(r.flags), "check-wrong") << Shown(crc);
    Profile strict = Ct();
    strict.crc = Check::kReject;
    EXPECT_EQ(Refused(body + crc, strict), Reason::kCheck);
    strict.crc = Check::kIgnore;
    EXPECT_EQ(Read(strict, body + crc).flags, Flags{});
  }
  EXPECT_EQ(Names(Read(body).flags), "check-missing");
}

TEST(CtFrame, ReadsAnEsnOfVersion1) {
  const std::string xml =
      "<a1><b1>ZTE-C700</b1><b2>80a1b2c3</b2><b3>460030912121001</b3><b4>1</b4></a1>";
  const Registration r = Read(WriteCtFrame(1, kCtRegistration, xml, CtCheck::kHex));
  EXPECT_EQ(r.esn, "80A1B2C3");
  EXPECT_EQ(KeyOf(r).value().value(), "ESN:80A1B2C3");
  EXPECT_EQ(r.frame_version, 1);
}

TEST(CtFrame, ReadsTheImsFormWhoseElementsAreNotClosed) {
  for (const uint8_t version : {3, 4}) {
    const Registration r = Read(WriteCtFrame(
        version, kCtRegistration,
        "<a1><b1>EML-AL00<b2>490154203237518<b3>352099001761481<b4>460110123456789<b5>9.1.0</a1>",
        CtCheck::kNone));
    EXPECT_EQ(r.model, "EML-AL00");
    EXPECT_EQ(r.manufacturer, "");
    EXPECT_EQ(r.imeis, (std::vector<std::string>{"490154203237518", "352099001761481"}));
    EXPECT_EQ(r.imei_field, "490154203237518");
    EXPECT_EQ(r.imsi, "460110123456789");
    EXPECT_EQ(r.software_version, "9.1.0");
    EXPECT_EQ(r.flags, Flags{});
    EXPECT_EQ(r.frame_version, version);
  }
}

TEST(CtFrame, ASecondImeiOfZerosIsNone) {
  const Registration r = Read(
      WriteCtFrame(3, kCtRegistration,
                   "<a1><b1>M<b2>490154203237518<b3>000000000000000<b4>460110123456789<b5>9</a1>",
                   CtCheck::kNone));
  EXPECT_EQ(r.imeis, std::vector<std::string>{"490154203237518"});
}

TEST(CtFrame, OverImsTheTerminalMayNameItsMeid) {
  const Registration r = Read(WriteCtFrame(
      3, kCtRegistration, "<a1><b1>ACM-A1<b2>A1000012345678<b3><b4>460110123456789<b5>13</a1>",
      CtCheck::kNone));
  EXPECT_EQ(r.meid, "A1000012345678");
  EXPECT_TRUE(r.imeis.empty());
}

TEST(CtFrame, ReadsElementsCalledByLetters) {
  Profile profile = Ct();
  for (const std::string& plmn : {std::string(), std::string("46011")}) {
    if (!plmn.empty()) profile.plmn_prefixes = {plmn};
    const Registration r = Read(profile, WriteCtFrame(4, kCtRegistration,
                                                      "<a1><a>R9<b>490154203237518<c>"
                                                      "000000000000000<d>460110123456789<e>C.12"
                                                      "<f>89860012345678901234<g></a1>",
                                                      CtCheck::kNone));
    EXPECT_EQ(r.model, "R9");
    EXPECT_EQ(r.imeis, std::vector<std::string>{"490154203237518"});
    EXPECT_EQ(r.imsi, "460110123456789");
    EXPECT_EQ(r.software_version, "C.12");
    EXPECT_EQ(Names(r.flags), "unknown-field");
  }
}

TEST(CtFrame, ALengthThatCannotBeGivesWayToTheEndOfTheXml) {
  for (const int length : {0, 1, 94, 200, 255}) {
    std::string frame = kFrame;
    frame[2] = static_cast<char>(length);
    const Registration r = Read(frame);
    ExpectTheVector(r);
    EXPECT_TRUE(r.flags.Has(Flag::kLength)) << length;
  }
}

TEST(CtFrame, ATailCutOffByTheTerminalIsNoFault) {
  const std::string cut =
      "<a1><b1>HIS-TS7032</b1><b2>A0000012345678</b2><b3>460030912121001</b3>"
      "<b4>TI7.2.01";
  const Registration r = Read(WriteCtFrame(2, kCtRegistration, cut, CtCheck::kHex));
  EXPECT_EQ(r.software_version, "TI7.2.01");
  EXPECT_EQ(Names(r.flags), "unclosed");
}

TEST(CtFrame, SaysWhyAFrameIsNoRegistration) {
  const auto frame = [](std::string_view xml) {
    return WriteCtFrame(2, kCtRegistration, xml, CtCheck::kHex);
  };
  EXPECT_EQ(Refused(""), Reason::kEmpty);
  EXPECT_EQ(Refused(Octets("02035f00")), Reason::kFrame);
  EXPECT_EQ(Refused(kFrame.substr(0, 60)), Reason::kFrame);
  EXPECT_EQ(Refused(Octets("00035f00") + kXml), Reason::kVersion);
  EXPECT_EQ(Refused(Octets("05035f00") + kXml), Reason::kVersion);
  EXPECT_EQ(Refused(WriteCtFrame(2, kCtAcknowledgement, "", CtCheck::kHex)),
            Reason::kNotRegistration);
  EXPECT_EQ(Refused(frame("hello</a1>")), Reason::kNoXml);
  EXPECT_EQ(Refused(frame("<x><b2>A0000012345678</b2></x></a1>")), Reason::kNoXml);
  EXPECT_EQ(Refused(frame("<a1><b1>HIS-X</b1></a1>")), Reason::kNoDevice);
  EXPECT_EQ(Refused(frame("<a1><b2>secret==</b2></a1>")), Reason::kNoDevice);
  EXPECT_EQ(Refused(frame("<a1><b2>A0000012345678</b2><b3>46003x</b3></a1>")), Reason::kImsi);
}

}  // namespace
}  // namespace drover::registration
