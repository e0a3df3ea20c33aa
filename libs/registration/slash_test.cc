#include "libs/registration/slash.h"

#include <gtest/gtest.h>

#include "libs/base/bytes.h"
#include "libs/registration/grammar.h"

namespace drover::registration {
namespace {

using std::string_literals::operator""s;

const Profile& Named(std::string_view name) { return *FindProfile(BuiltInProfiles(), name); }

Registration Read(std::string_view profile, std::string_view text) {
  const Parsed parsed = Parse(Named(profile), text);
  const auto* const registration = std::get_if<Registration>(&parsed);
  if (registration == nullptr) {
    ADD_FAILURE() << Shown(text) << ": " << std::get<DeadLetter>(parsed).detail;
    return {};
  }
  return *registration;
}

Reason Refused(const Profile& profile, std::string_view text) {
  const Parsed parsed = Parse(profile, text);
  const auto* const dead = std::get_if<DeadLetter>(&parsed);
  if (dead == nullptr) ADD_FAILURE() << "accepted: " << Shown(text);
  return dead == nullptr ? Reason::kEmpty : dead->reason;
}
Reason Refused(std::string_view profile, std::string_view text) {
  return Refused(Named(profile), text);
}

TEST(Slash, ReadsTheFourFieldsOfChinaMobile) {
  const Registration r = Read("cmcc", "IMEI:860206000003972/Hisense/TS7032/TI7.2.01.22.00");
  EXPECT_EQ(r.imeis, std::vector<std::string>{"860206000003972"});
  EXPECT_EQ(r.imei_field, "860206000003972");
  EXPECT_EQ(r.imsi, "");
  EXPECT_EQ(r.manufacturer, "Hisense");
  EXPECT_EQ(r.model, "TS7032");
  EXPECT_EQ(r.software_version, "TI7.2.01.22.00");
  EXPECT_EQ(KeyOf(r).value(), DeviceId("IMEI:860206000003972"));
}

TEST(Slash, ReadsTheFiveFieldsOfChinaUnicom) {
  const std::string ud = base::FromHex("06050468386838").value() +
                         "IMEI:860206000003972/460010123456789/Hisense/TS7032/TI7.2.01.22.00";
  ASSERT_EQ(ud.size(), 73u);
  const Registration r = Read("cu", std::string_view(ud).substr(7));
  EXPECT_EQ(r.imeis.front(), "860206000003972");
  EXPECT_EQ(r.imsi, "460010123456789");
  EXPECT_EQ(r.manufacturer, "Hisense");
  EXPECT_EQ(r.model, "TS7032");
  EXPECT_EQ(r.software_version, "TI7.2.01.22.00");
  EXPECT_FALSE(r.flags.Has(Flag::kForeignSim));
}

struct Tolerated {
  const char* what;
  std::string text;
};
const std::string kPlain = "IMEI:490154203237518/Maker/Model/1.0";
const Tolerated kTolerated[] = {
    {"as it should be", kPlain},
    {"lower case", "imei:490154203237518/Maker/Model/1.0"},
    {"mixed case", "ImEi:490154203237518/Maker/Model/1.0"},
    {"a blank behind the colon", "IMEI: 490154203237518/Maker/Model/1.0"},
    {"blanks around every field", "IMEI:  490154203237518 / Maker / Model / 1.0 "},
    {"a byte order mark", "\xEF\xBB\xBF" + kPlain},
    {"NULs behind", kPlain + "\0\0\0"s},
    {"a NUL before", "\0"s + kPlain},
    {"a line end", kPlain + "\r\n"},
};

TEST(Slash, ForgivesWhatTerminalsDo) {
  for (const Tolerated& row : kTolerated) {
    SCOPED_TRACE(row.what);
    const Registration r = Read("cmcc", row.text);
    EXPECT_EQ(r.imeis, std::vector<std::string>{"490154203237518"});
    EXPECT_EQ(r.manufacturer, "Maker");
    EXPECT_EQ(r.model, "Model");
    EXPECT_EQ(r.software_version, "1.0");
    EXPECT_EQ(r.flags, Flags{});
  }
}

TEST(Slash, ReadsTextOfTwoOctetsACharacter) {
  std::string ucs2;
  for (const char c : kPlain) ucs2 += {'\0', c};
  for (const std::string& text : {ucs2, "\xFE\xFF" + ucs2}) {
    const Registration r = Read("cmcc", text);
    EXPECT_EQ(r.imei_field, "490154203237518");
    EXPECT_EQ(r.software_version, "1.0");
    EXPECT_EQ(Names(r.flags), "ucs2");
  }
}

TEST(Slash, TheLastFieldKeepsItsSlashes) {
  EXPECT_EQ(Read("cmcc", "IMEI:490154203237518/A/B/1.0/2/final/").software_version, "1.0/2/final/");
  EXPECT_EQ(Read("cu", "IMEI:490154203237518/460010123456789/A/B/C/D").software_version, "C/D");
}

TEST(Slash, EmptyFieldsAreUnknownOnes) {
  const Registration r = Read("cmcc", "IMEI:490154203237518///");
  EXPECT_EQ(r.manufacturer + r.model + r.software_version, "");
  EXPECT_EQ(Read("cu", "IMEI:490154203237518//A/B/C").imsi, "");
}

TEST(Slash, TakesSeveralImeisWithCommasOrSemicolons) {
  const Registration r = Read("cmcc", "IMEI:490154203237518,35209900176148; 35693803564380/A/B/C");
  EXPECT_EQ(r.imeis,
            (std::vector<std::string>{"490154203237518", "35209900176148", "35693803564380"}));
  EXPECT_EQ(r.imei_field, "490154203237518,35209900176148; 35693803564380");
}

TEST(Slash, KeepsTheImeiFieldExactlyAsReceived) {
  EXPECT_EQ(Read("cmcc", "IMEI: 490154203237518 /A/B/C").imei_field, " 490154203237518 ");
}

TEST(Slash, TakesImeisOf14To16Digits) {
  EXPECT_EQ(KeyOf(Read("cmcc", "IMEI:49015420323751/A/B/C")).value().value(),
            "IMEI:490154203237518");
  EXPECT_EQ(KeyOf(Read("cmcc", "IMEI:4901542032375102/A/B/C")).value().value(),
            "IMEI:490154203237518");
  EXPECT_EQ(Refused("cmcc", "IMEI:4901542032375/A/B/C"), Reason::kImei);
  EXPECT_EQ(Refused("cmcc", "IMEI:49015420323751022/A/B/C"), Reason::kImei);
}

TEST(Slash, AWrongCheckDigitIsFlaggedRefusedOrIgnoredAsTheProfileSays) {
  const std::string wrong = "IMEI:490154203237519/A/B/C";
  EXPECT_EQ(Names(Read("cmcc", wrong).flags), "luhn");
  Profile profile = Named("cmcc");
  profile.luhn = Check::kReject;
  EXPECT_EQ(Refused(profile, wrong), Reason::kLuhn);
  profile.luhn = Check::kIgnore;
  EXPECT_EQ(std::get<Registration>(Parse(profile, wrong)).flags, Flags{});
}

TEST(Slash, AFieldHas64OctetsAtMostAndIsNotCutInsideACharacter) {
  const std::string longest(64, 'x');
  Registration r = Read("cmcc", "IMEI:490154203237518/A/B/" + longest);
  EXPECT_EQ(r.software_version, longest);
  EXPECT_FALSE(r.flags.Has(Flag::kFieldCut));
  r = Read("cmcc", "IMEI:490154203237518/A/B/" + longest + "y");
  EXPECT_EQ(r.software_version, longest);
  EXPECT_EQ(Names(r.flags), "field-cut");
  r = Read("cmcc", "IMEI:490154203237518/A/B/" + std::string(63, 'x') + "\xE4\xB8\xAD");
  EXPECT_EQ(r.software_version, std::string(63, 'x'));
  const std::string many = "IMEI:" + std::string(65, '1') + "/A/B/C";
  EXPECT_EQ(Refused("cmcc", many), Reason::kImei);
}

TEST(Slash, KeepsWhatIsNotAsciiAndShowsItEscaped) {
  const Registration r = Read("cmcc", "IMEI:490154203237518/\xB4\xF3\xCC\xC6/B\\/C");
  EXPECT_EQ(r.manufacturer, "\xB4\xF3\xCC\xC6");
  EXPECT_EQ(Names(r.flags), "not-ascii");
  EXPECT_EQ(Shown(r.manufacturer), "\\xb4\\xf3\\xcc\\xc6");
  EXPECT_EQ(Shown(r.model), "B\\x5c");
}

TEST(Slash, ASimOfAnotherNetworkIsFlagged) {
  EXPECT_EQ(Names(Read("cu", "IMEI:490154203237518/460000123456789/A/B/C").flags), "foreign-sim");
}

TEST(Slash, SaysWhyAMessageIsNone) {
  struct Row {
    const char* profile;
    std::string text;
    Reason reason;
  };
  const Row rows[] = {
      {"cmcc", "", Reason::kEmpty},
      {"cmcc", "\0\0 \r\n"s, Reason::kEmpty},
      {"cmcc", "hello", Reason::kNoPrefix},
      {"cmcc", "IMEI490154203237518/A/B/C", Reason::kNoPrefix},
      {"cmcc", "IMEI:490154203237518/A/B", Reason::kTooFewFields},
      {"cmcc", "IMEI:", Reason::kTooFewFields},
      {"cmcc", "IMEI:/A/B/C", Reason::kImei},
      {"cmcc", "IMEI:49015420323751A/A/B/C", Reason::kImei},
      {"cmcc", "IMEI:490154203237518,/A/B/C", Reason::kImei},
      {"cu", "IMEI:490154203237518/A/B/C", Reason::kTooFewFields},
      {"cu", "IMEI:490154203237518/A/B/C/D", Reason::kImsi},
      {"cu", "IMEI:490154203237518/46001/A/B/C", Reason::kImsi},
      {"cu", "IMEI:490154203237518/4600101234567890/A/B/C", Reason::kImsi},
  };
  for (const Row& row : rows) EXPECT_EQ(Refused(row.profile, row.text), row.reason) << row.text;
}

TEST(Slash, TheGenericProfileTellsTheGrammarsApart) {
  EXPECT_EQ(Read("generic", kPlain).model, "Model");
  const Registration five = Read("generic", "IMEI:490154203237518/262011234567890/A/B/C/D");
  EXPECT_EQ(five.imsi, "262011234567890");
  EXPECT_EQ(five.software_version, "C/D");
  EXPECT_EQ(Read("generic", "IMEI:490154203237518/A/B/C/D").software_version, "C/D");
}

TEST(Reasons, HaveANameEach) {
  EXPECT_EQ(Name(Reason::kEmpty), "empty");
  EXPECT_EQ(Name(Reason::kCheck), "check");
  EXPECT_EQ(Name(Reason::kNotRegistration), "not-registration");
}

}  // namespace
}  // namespace drover::registration
