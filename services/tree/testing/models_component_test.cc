// Profiles, DDFs, traits of accounts, on real PostgreSQL and Redis.
#include "libs/dmtree/ddf.h"
#include "services/tree/testing/cluster.h"

namespace drover::tree {
namespace {

using std::chrono::hours, std::chrono::seconds;

class Models : public ClusterTest {
 protected:
  void Enrol(const std::string& id, const std::string& manufacturer, const std::string& model) {
    v1::NewDevice device = NewDeviceOf(id);
    device.set_manufacturer(manufacturer);
    device.set_model(model);
    ASSERT_EQ(Ask(Enrolling(device)).code(), 0U);
  }
  static v1::Profile Profile(const std::string& manufacturer, const std::string& model,
                             const std::string& family) {
    v1::Profile profile;
    profile.set_manufacturer(manufacturer);
    profile.set_model(model);
    profile.set_family(family);
    return profile;
  }
  Result<v1::Profile> Set(const v1::Profile& profile) {
    v1::SetProfileRequest request;
    *request.mutable_profile() = profile;
    return Await(parts_->model_service.Set(std::move(request), In(seconds(30))));
  }
  Result<v1::DeleteProfileResponse> Delete(const std::string& manufacturer,
                                           const std::string& model) {
    v1::DeleteProfileRequest request;
    request.set_manufacturer(manufacturer);
    request.set_model(model);
    return Await(parts_->model_service.Remove(request, In(seconds(30))));
  }
  v1::Traits TraitsOfDevice(const std::string& id) {
    const v1::TreeReply reply = Ask(Lookup(id));
    EXPECT_EQ(reply.code(), 0U) << reply.error();
    return reply.account().traits();
  }
  bool Cached(const std::string& id) {
    return RedisGet("drover:tree:account:{" + id + "}").has_value();
  }
  // Things done without being waited for.
  bool SoonGone(const std::string& id) {
    for (int i = 0; i < 1000 && Cached(id); ++i) loop_.poll();
    return !Cached(id);
  }
  Result<v1::Ddf> Import(const std::string& document, const std::string& manufacturer = "",
                         const std::string& model = "") {
    v1::ImportDdfRequest request;
    request.set_document(document);
    request.set_manufacturer(manufacturer);
    request.set_model(model);
    return Await(parts_->model_service.Import(std::move(request), In(seconds(30))));
  }
};

TEST_F(Models, AProfileIsSetShownListedAndDeleted) {
  v1::Profile profile = Profile("Acme", "X1", "windows");
  profile.set_note("sold in 2012");
  (*profile.mutable_objects())["urn:oma:mo:oma-fumo:1.0"] = "./FUMO";
  ASSERT_TRUE(Set(profile));
  ASSERT_TRUE(Set(Profile("Acme", "", "aosp")));
  v1::GetProfileRequest request;
  request.set_manufacturer("Acme");
  request.set_model("X1");
  const auto found = Await(parts_->model_service.Get(request, In(seconds(30))));
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->DebugString(), profile.DebugString());
  const auto listed = Await(parts_->model_service.Profiles({}, In(seconds(30))));
  ASSERT_EQ(listed->profiles_size(), 2);
  EXPECT_EQ(listed->profiles(0).family(), "aosp");
  ASSERT_TRUE(Delete("Acme", "X1"));
  EXPECT_EQ(Delete("Acme", "X1").error().code, Code::kNotFound);
  EXPECT_EQ(Await(parts_->model_service.Get(request, In(seconds(30)))).error().code,
            Code::kNotFound);
  EXPECT_EQ(Set(Profile("Acme", "X1", "palm")).error().code, Code::kInvalidArgument);
}

TEST_F(Models, AnAccountHasTheTraitsOfItsModelElseOfItsManufacturer) {
  Enrol("x1", "Acme", "X1");
  Enrol("x2", "Acme", "X2");
  Enrol("other", "Other", "X1");
  ASSERT_TRUE(Set(Profile("Acme", "X1", "libdmclient")));
  ASSERT_TRUE(Set(Profile("Acme", "", "windows")));
  EXPECT_TRUE(TraitsOfDevice("x1").zero_nonce_ascii());
  EXPECT_TRUE(TraitsOfDevice("x2").cancel_ends_session());
  EXPECT_EQ(TraitsOfDevice("other").ByteSizeLong(), 0U);
}

TEST_F(Models, LargeObjectsAreAsTheTerminalReportedWhereNoProfileSays) {
  Enrol("large", "Acme", "X1");
  Ask(Reporting("large", {{"./DevDetail/LrgObj", "true", now_, "bool"}}));
  EXPECT_EQ(TraitsOfDevice("large").large_objects(), v1::YES);
  v1::Profile profile = Profile("Acme", "X1", "");
  profile.mutable_traits()->set_large_objects(v1::NO);
  ASSERT_TRUE(Set(profile));
  EXPECT_EQ(TraitsOfDevice("large").large_objects(), v1::NO);
}

TEST_F(Models, CachedAccountsAreDroppedWhenAProfileChanges) {
  Enrol("mine", "Acme", "X1");
  Enrol("others", "Other", "X1");
  Ask(Lookup("mine"));
  Ask(Lookup("others"));
  ASSERT_TRUE(Cached("mine"));
  ASSERT_TRUE(Set(Profile("Acme", "X1", "windows")));
  EXPECT_TRUE(SoonGone("mine"));
  EXPECT_TRUE(Cached("others"));
  Ask(Lookup("mine"));
  ASSERT_TRUE(Cached("mine"));
  ASSERT_TRUE(Delete("Acme", "X1"));
  EXPECT_TRUE(SoonGone("mine"));
}

TEST_F(Models, ACachedAccountIsDroppedWhenLargeObjectsOrTheModelChangeAndOnlyThen) {
  Enrol("d", "Acme", "X1");
  Ask(Lookup("d"));
  ASSERT_TRUE(Cached("d"));
  Ask(Reporting("d", {{"./DevDetail/LrgObj", "true", now_, "bool"}}));
  EXPECT_TRUE(SoonGone("d"));
  Ask(Lookup("d"));
  ASSERT_TRUE(Cached("d"));
  now_ += seconds(1);
  Ask(Reporting("d", {{"./DevDetail/LrgObj", "true", now_, "bool"}, {"./A", "1", now_}}));
  Ask(Reporting("d", {{"./DevDetail/FwV", "2", now_}}));
  EXPECT_TRUE(Cached("d"));
  Ask(Reporting("d", {{"./DevInfo/Mod", "X2", now_}}));
  EXPECT_TRUE(SoonGone("d"));
}

TEST_F(Models, ADdfIsImportedExportedListedAndDeleted) {
  const std::string document =
      "<MgmtTree><VerDTD>1.2</VerDTD><Man>Acme</Man><Mod>X1</Mod><Node><NodeName>A</NodeName>"
      "<DFProperties><AccessType><Get/></AccessType><DFFormat><chr/></DFFormat></DFProperties>"
      "</Node></MgmtTree>";
  const auto imported = Import(document);
  ASSERT_TRUE(imported) << imported.error();
  EXPECT_EQ(imported->manufacturer(), "Acme");
  EXPECT_EQ(imported->nodes(), 1U);
  const dmtree::Ddf ddf = *dmtree::DecodeDdf(document);
  const std::string wbxml = dmtree::EncodeDdf(ddf, dmtree::TndsForm::kWbxml);
  ASSERT_TRUE(Import(wbxml, "Acme", "X2"));
  for (const bool as_wbxml : {false, true}) {
    v1::ExportDdfRequest request;
    request.set_manufacturer("Acme");
    request.set_model("X1");
    request.set_wbxml(as_wbxml);
    const auto exported = Await(parts_->model_service.Export(request, In(seconds(30))));
    ASSERT_TRUE(exported) << exported.error();
    EXPECT_EQ(*dmtree::DecodeDdf(exported->document()), ddf);
  }
  EXPECT_EQ(Await(parts_->model_service.Ddfs({}, In(seconds(30))))->ddfs_size(), 2);
  v1::DeleteDdfRequest request;
  request.set_manufacturer("Acme");
  request.set_model("X1");
  ASSERT_TRUE(Await(parts_->model_service.RemoveDdf(request, In(seconds(30)))));
  EXPECT_EQ(Await(parts_->model_service.RemoveDdf(request, In(seconds(30)))).error().code,
            Code::kNotFound);
}

TEST_F(Models, ADdfThatIsNotRightIsRefusedWithTheNodeOrThePlace) {
  const auto refused = Import(
      "<MgmtTree><Node><NodeName>A</NodeName><DFProperties><DFFormat><word/></DFFormat>"
      "</DFProperties></Node></MgmtTree>",
      "Acme", "X1");
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("node \"A\""), std::string::npos);
  EXPECT_NE(Import("<MgmtTree>", "Acme", "X1").error().message.find("octet"), std::string::npos);
  EXPECT_EQ(Import("<MgmtTree><Node><NodeName>A</NodeName></Node></MgmtTree>").error().code,
            Code::kInvalidArgument)
      << "of which model?";
}

}  // namespace
}  // namespace drover::tree
