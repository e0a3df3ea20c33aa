// Enrolment, lookups, status and rotation on real PostgreSQL, Redis and Kafka.
#include "libs/dmauth/credentials.h"
#include "services/tree/testing/cluster.h"

namespace drover::tree {
namespace {

uint32_t Number(Code code) { return static_cast<uint32_t>(code); }

class AccountsTest : public ClusterTest {
 protected:
  Result<v1::EnrolDevicesResponse> Enrol(const std::vector<v1::NewDevice>& devices) {
    v1::EnrolDevicesRequest request;
    for (const v1::NewDevice& device : devices) *request.add_devices() = device;
    return Await(parts_->device_service.Enrol(request, In(std::chrono::seconds(30))));
  }
  Result<v1::Device> SetStatus(const std::string& id, v1::DeviceStatus status) {
    v1::SetDeviceStatusRequest request;
    request.set_id(id);
    request.set_status(status);
    return Await(parts_->device_service.SetStatus(request, In(std::chrono::seconds(30))));
  }
  Result<v1::RotateCredentialsResponse> Rotate(const std::string& id) {
    v1::RotateCredentialsRequest request;
    request.set_id(id);
    return Await(parts_->device_service.Rotate(request, In(std::chrono::seconds(30))));
  }
  Result<v1::ListDevicesResponse> List(const std::map<std::string, std::string>& selector,
                                       int page_size, const std::string& token) {
    v1::ListDevicesRequest request;
    request.mutable_selector()->insert(selector.begin(), selector.end());
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Await(parts_->device_service.List(request, In(std::chrono::seconds(30))));
  }
  // As session reads it.
  std::optional<v1::Account> Cached(const std::string& device) {
    const std::string key = "drover:tree:account:{" + device + "}";
    const std::optional<std::string> sealed = RedisGet(key);
    if (!sealed) return std::nullopt;
    const Result<std::string> octets = parts_->keys.Open(*sealed, key);
    EXPECT_TRUE(octets) << octets.error();
    v1::Account account;
    EXPECT_TRUE(octets && account.ParseFromString(*octets));
    return account;
  }
  // Writes to the cache are not waited for; a look-up's is there when a later command is answered.
  std::optional<v1::Account> CachedAfterLookup(const std::string& device) {
    Ask(Lookup(device));
    return Cached(device);
  }
};

TEST_F(AccountsTest, EnrollingTwiceIsEnrollingOnce) {
  const std::string id = Unique("once");
  ASSERT_TRUE(Enrol({NewDeviceOf(id + "1")}));
  now_ += std::chrono::hours(1);
  const auto again = Enrol({NewDeviceOf(id + "1"), NewDeviceOf(id + "2")});
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->devices(0).account_version(), 1U);
  EXPECT_EQ(again->devices(0).enrolled_at().seconds() + 3600,
            again->devices(1).enrolled_at().seconds());
  // Two terminals, maybe two partitions: no order between them.
  EXPECT_THAT(Registrations(id, 2),
              ::testing::UnorderedElementsAre(id + "1 enrolled", id + "2 enrolled"));
}

TEST_F(AccountsTest, EnrollingWithAnotherAccountIsRefusedAndNothingOfTheRequestIsKept) {
  ASSERT_TRUE(Enrol({NewDeviceOf("a")}));
  const auto refused = Enrol({NewDeviceOf("b"), NewDeviceOf("a", "another")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kAlreadyExists);
  EXPECT_NE(refused.error().message.find("\"a\""), std::string::npos);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.devices"), "1");
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.outbox"), "1");
}

TEST_F(AccountsTest, EnrolmentNamesTheDeviceThatItRefuses) {
  v1::NewDevice bad = NewDeviceOf("bad one");
  const auto refused = Enrol({NewDeviceOf("good"), bad});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("bad one"), std::string::npos);
  EXPECT_FALSE(Enrol({NewDeviceOf("twice"), NewDeviceOf("twice")}));
  EXPECT_FALSE(Enrol({}));
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.devices"), "0");
}

TEST_F(AccountsTest, AThousandAreEnrolledByOneRequest) {
  std::vector<v1::NewDevice> devices;
  for (int i = 0; i < 1000; ++i) devices.push_back(NewDeviceOf("bulk-" + std::to_string(i)));
  const auto enrolled = Enrol(devices);
  ASSERT_TRUE(enrolled) << enrolled.error();
  EXPECT_EQ(enrolled->devices(999).id(), "bulk-999");
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.devices"), "1000");
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.outbox"), "1");
}

TEST_F(AccountsTest, EnrolmentsOfOneTerminalAtTheSameTimeAgree) {
  std::vector<v1::TreeRequest> requests;
  for (int i = 0; i < 4; ++i) requests.push_back(Enrolling(NewDeviceOf("race")));
  requests.push_back(Enrolling(NewDeviceOf("race", "another")));
  size_t done = 0, refused = 0;
  for (const v1::TreeReply& reply : Ask(std::move(requests))) {
    done += reply.code() == 0;
    refused += reply.code() == Number(Code::kAlreadyExists);
  }
  EXPECT_EQ(done + refused, 5U);
  EXPECT_TRUE(done == 4 || done == 1) << done;
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.devices"), "1");
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.outbox"), "1");
}

TEST_F(AccountsTest, ALookupFindsTheAccountAndPutsItIntoTheCacheSealed) {
  ASSERT_TRUE(Enrol({NewDeviceOf("imei:49300510059280")}));
  EXPECT_FALSE(Cached("IMEI:493005100592800"));
  const v1::TreeReply reply = Ask(Lookup("IMEI:493005100592800"));
  ASSERT_EQ(reply.code(), 0U) << reply.error();
  EXPECT_EQ(reply.account().client_a1(), dmauth::A1("IMEI:493005100592800", "secret"));
  EXPECT_EQ(reply.account().server_a1(), dmauth::A1("drover", "server secret"));
  EXPECT_EQ(reply.account().server_password(), "");
  EXPECT_EQ(reply.account().client_nonce(), "n1");
  EXPECT_EQ(reply.account().status(), v1::ENABLED);
  const std::optional<v1::Account> cached = CachedAfterLookup("IMEI:493005100592800");
  ASSERT_TRUE(cached);
  EXPECT_EQ(cached->SerializeAsString(), reply.account().SerializeAsString());
  const std::string stored = Sql("SELECT encode(account_sealed, 'escape') FROM tree.devices");
  EXPECT_EQ(stored.find(reply.account().client_a1()), std::string::npos);
}

TEST_F(AccountsTest, ManyLookupsAreOneBatch) {
  std::vector<v1::NewDevice> devices;
  for (int i = 0; i < 200; ++i) devices.push_back(NewDeviceOf("many-" + std::to_string(i)));
  ASSERT_TRUE(Enrol(devices));
  std::vector<v1::TreeRequest> requests;
  for (const v1::NewDevice& device : devices) requests.push_back(Lookup(device.id()));
  requests.push_back(Lookup("many-none"));
  requests.push_back(Lookup("not an id"));
  const std::vector<v1::TreeReply> replies = Ask(std::move(requests));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(replies[i].account().device_id(), devices[i].id());
  EXPECT_EQ(replies[200].code(), Number(Code::kNotFound));
  EXPECT_EQ(replies[201].code(), Number(Code::kInvalidArgument));
}

TEST_F(AccountsTest, ARotationReplacesTheAccountInTheCache) {
  const std::string id = Unique("rotate");
  ASSERT_TRUE(Enrol({NewDeviceOf(id)}));
  const v1::Account before = *CachedAfterLookup(id);
  const auto rotated = Rotate(id);
  ASSERT_TRUE(rotated) << rotated.error();
  EXPECT_EQ(rotated->password().size(), 32U);
  EXPECT_EQ(rotated->server_password().size(), 32U);
  EXPECT_EQ(rotated->device().account_version(), 2U);
  const std::optional<v1::Account> after = Cached(id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->version(), 2U);
  EXPECT_EQ(after->client_a1(), dmauth::A1(id, rotated->password()));
  EXPECT_EQ(after->server_a1(), dmauth::A1("drover", rotated->server_password()));
  EXPECT_EQ(Ask(Lookup(id)).account().client_a1(), after->client_a1());
  EXPECT_EQ(Registrations(id, 2),
            (std::vector<std::string>{id + " enrolled", id + " credentials-rotated"}));
}

TEST_F(AccountsTest, ALookupThatReadBeforeARotationDoesNotBringTheOldAccountBack) {
  ASSERT_TRUE(Enrol({NewDeviceOf("late")}));
  const auto stored = Await(parts_->devices.Find({"late"}, In(std::chrono::seconds(30))));
  ASSERT_TRUE(stored);
  ASSERT_TRUE(Rotate("late"));
  ASSERT_TRUE(parts_->accounts.Serve(stored->front()));
  EXPECT_EQ(CachedAfterLookup("late")->version(), 2U);
}

TEST_F(AccountsTest, ALookupForOneMessageIsNotCached) {
  const std::string id = Unique("once");
  ASSERT_TRUE(Enrol({NewDeviceOf(id)}));
  v1::TreeRequest once = Lookup(id);
  once.mutable_lookup_account()->set_once(true);
  EXPECT_EQ(Ask(once).account().version(), 1U);
  EXPECT_FALSE(Cached(id));
}

TEST_F(AccountsTest, ADisabledTerminalSaysSoInItsAccount) {
  const std::string id = Unique("off");
  ASSERT_TRUE(Enrol({NewDeviceOf(id)}));
  ASSERT_TRUE(CachedAfterLookup(id));
  const auto disabled = SetStatus(id, v1::DISABLED);
  ASSERT_TRUE(disabled) << disabled.error();
  EXPECT_EQ(disabled->account_version(), 2U);
  EXPECT_EQ(Cached(id)->status(), v1::DISABLED);
  EXPECT_EQ(Ask(Lookup(id)).account().status(), v1::DISABLED);
  EXPECT_EQ(SetStatus(id, v1::DISABLED)->account_version(), 2U) << "idempotent";
  EXPECT_EQ(SetStatus(id, v1::ENABLED)->account_version(), 3U);
  EXPECT_EQ(Registrations(id, 3),
            (std::vector<std::string>{id + " enrolled", id + " disabled", id + " enabled"}));
}

TEST_F(AccountsTest, WhatIsNotEnrolledIsNotFound) {
  EXPECT_EQ(SetStatus("nobody", v1::DISABLED).error().code, Code::kNotFound);
  EXPECT_EQ(Rotate("nobody").error().code, Code::kNotFound);
  v1::GetDeviceRequest request;
  request.set_id("nobody");
  const auto device = Await(parts_->device_service.Get(request, In(std::chrono::seconds(30))));
  EXPECT_EQ(device.error().code, Code::kNotFound);
}

TEST_F(AccountsTest, ChangesOfOneTerminalAtTheSameTimeAllCount) {
  ASSERT_TRUE(Enrol({NewDeviceOf("both")}));
  v1::RotateCredentialsRequest request;
  request.set_id("both");
  std::vector<Task<v1::RotateCredentialsResponse>> tasks;
  for (int i = 0; i < 3; ++i) {
    tasks.push_back(parts_->device_service.Rotate(request, In(std::chrono::seconds(30))));
  }
  for (const auto& result : AwaitAll(std::move(tasks))) EXPECT_TRUE(result);
  EXPECT_EQ(Sql("SELECT account_version FROM tree.devices"), "4");
}

TEST_F(AccountsTest, AnUnknownTerminalThatProvedItselfIsEnrolledWithItsAccountInTheCache) {
  const v1::TreeReply reply = Ask(Enrolling(NewDeviceOf("new-1")));
  ASSERT_EQ(reply.code(), 0U) << reply.error();
  EXPECT_EQ(reply.account().client_a1(), dmauth::A1("new-1", "secret"));
  EXPECT_EQ(CachedAfterLookup("new-1")->device_id(), "new-1");
  EXPECT_EQ(Ask(Enrolling(NewDeviceOf("new-1"))).code(), 0U);
  EXPECT_EQ(Ask(Enrolling(NewDeviceOf("new-1", "another"))).code(), Number(Code::kAlreadyExists));
}

TEST_F(AccountsTest, RowsSealedWithAnOlderKeyOpenAfterTheKeyWasRotated) {
  ASSERT_TRUE(Enrol({NewDeviceOf("old-key")}));
  const std::string second = "2 ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n";
  const std::string redis = std::getenv("DROVER_TEST_REDIS_URL");
  const auto both = MakeParts(kKeys + second, redis);
  std::vector<v1::TreeReply> replies = AskOf(*both, {Lookup("old-key")});
  EXPECT_EQ(replies[0].account().client_a1(), dmauth::A1("old-key", "secret"));
  const auto newer = MakeParts(second, redis);
  replies = AskOf(*newer, {Lookup("old-key")});
  EXPECT_EQ(replies[0].code(), Number(Code::kFailedPrecondition));
  EXPECT_NE(replies[0].error().find("--seal-key-file"), std::string::npos);
}

TEST_F(AccountsTest, WithoutRedisLookupsAndChangesStillWork) {
  ASSERT_TRUE(Enrol({NewDeviceOf("no-cache")}));
  parts_ = MakeParts(kKeys, "redis://127.0.0.1:1/0");
  EXPECT_EQ(Ask(Lookup("no-cache")).code(), 0U);
  EXPECT_TRUE(SetStatus("no-cache", v1::DISABLED));
}

TEST_F(AccountsTest, AListHoldsWhatTheSelectorSaysPageByPage) {
  std::vector<v1::NewDevice> devices;
  for (int i = 0; i < 30; ++i) {
    v1::NewDevice device = NewDeviceOf("list-" + std::to_string(100 + i));
    device.set_manufacturer(i % 3 == 0 ? "Acme" : "Other");
    device.set_model(i % 2 == 0 ? "M1" : "M2");
    devices.push_back(device);
  }
  ASSERT_TRUE(Enrol(devices));
  ASSERT_TRUE(SetStatus("list-100", v1::DISABLED));
  const std::map<std::string, std::string> acme = {{"manufacturer", "Acme"}};
  const auto first = List(acme, 7, "");
  ASSERT_TRUE(first) << first.error();
  ASSERT_EQ(first->devices_size(), 7);
  EXPECT_EQ(first->devices(0).id(), "list-100");
  const auto second = List(acme, 7, first->next_page_token());
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(second->devices_size(), 3);
  EXPECT_EQ(second->devices(2).id(), "list-127");
  EXPECT_EQ(second->next_page_token(), "");
  EXPECT_EQ(List({{"manufacturer", "Acme"}, {"model", "M1"}}, 0, "")->devices_size(), 5);
  EXPECT_EQ(List({{"status", "disabled"}}, 0, "")->devices_size(), 1);
  EXPECT_EQ(List({{"status", "enabled"}}, 0, "")->devices_size(), 29);
  EXPECT_EQ(List({}, 30, "")->next_page_token(), "");
  EXPECT_EQ(List({}, 7, first->next_page_token()).error().code, Code::kInvalidArgument);
  EXPECT_EQ(List({{"colour", "red"}}, 0, "").error().code, Code::kInvalidArgument);
}

v1::TreeRequest Promoting(const std::string& device, bool client, bool server) {
  v1::TreeRequest request;
  request.mutable_promote_credentials()->set_device_id(device);
  request.mutable_promote_credentials()->set_client(client);
  request.mutable_promote_credentials()->set_server(server);
  return request;
}

TEST_F(AccountsTest, NextSecretsWaitBesideThePresentOnesUntilTheyAreProved) {
  const std::string id = Unique("prepare");
  ASSERT_TRUE(Enrol({NewDeviceOf(id)}));
  const v1::Account before = Ask(Lookup(id)).account();
  v1::PrepareRotationRequest prepare;
  prepare.set_id(id);
  for (int i = 0; i < 2; ++i) {
    const auto prepared =
        Await(parts_->device_service.Prepare(prepare, In(std::chrono::seconds(30))));
    ASSERT_TRUE(prepared) << prepared.error();
    EXPECT_EQ(prepared->device().account_version(), 2U) << "idempotent while it is pending";
  }
  const v1::Account pending = Cached(id).value();
  EXPECT_EQ(pending.client_a1(), before.client_a1());
  EXPECT_EQ(pending.next_password().size(), 32U);
  EXPECT_EQ(pending.next_client_a1(), dmauth::A1(id, pending.next_password()));
  EXPECT_EQ(pending.next_server_a1(), dmauth::A1("drover", pending.next_server_password()));

  const v1::TreeReply client = Ask(Promoting(id, true, false));
  ASSERT_EQ(client.code(), 0U) << client.error();
  EXPECT_EQ(client.account().client_a1(), pending.next_client_a1());
  EXPECT_EQ(client.account().next_password(), "");
  EXPECT_EQ(client.account().next_server_password(), pending.next_server_password());
  const v1::TreeReply both = Ask(Promoting(id, true, true));
  EXPECT_EQ(both.account().server_a1(), pending.next_server_a1());
  EXPECT_EQ(Cached(id)->server_a1(), pending.next_server_a1());
  EXPECT_EQ(Ask(Promoting(id, true, true)).account().version(), both.account().version());
  EXPECT_EQ(Ask(Promoting("nobody", true, true)).code(), Number(Code::kNotFound));
  EXPECT_EQ(Registrations(id, 4),
            (std::vector<std::string>{id + " enrolled", id + " rotation-prepared",
                                      id + " credentials-rotated", id + " credentials-rotated"}));
}

TEST_F(AccountsTest, ARotationByHandEndsOneThatIsPending) {
  ASSERT_TRUE(Enrol({NewDeviceOf("both")}));
  v1::PrepareRotationRequest prepare;
  prepare.set_id("both");
  ASSERT_TRUE(Await(parts_->device_service.Prepare(prepare, In(std::chrono::seconds(30)))));
  ASSERT_TRUE(Rotate("both"));
  EXPECT_EQ(Ask(Lookup("both")).account().next_password(), "");
  EXPECT_EQ(Ask(Lookup("both")).account().next_server_password(), "");
}

TEST_F(AccountsTest, SchemesAreSetWhereThereIsASecretForThem) {
  ASSERT_TRUE(Enrol({NewDeviceOf("auth")}));
  v1::SetAuthenticationRequest request;
  request.set_id("auth");
  request.set_client_scheme(v1::MAC);
  const auto set = Await(parts_->device_service.SetSchemes(request, In(std::chrono::seconds(30))));
  ASSERT_TRUE(set) << set.error();
  EXPECT_EQ(set->client_scheme(), v1::MAC);
  EXPECT_EQ(set->server_scheme(), v1::MD5);
  EXPECT_EQ(CachedAfterLookup("auth")->client_scheme(), v1::MAC);
  request.set_server_scheme(v1::BASIC);
  EXPECT_EQ(
      Await(parts_->device_service.SetSchemes(request, In(std::chrono::seconds(30)))).error().code,
      Code::kFailedPrecondition);
}

TEST_F(AccountsTest, AccountsAreSealedAnewSoThatAnOldKeyCanGo) {
  std::vector<v1::NewDevice> devices;
  for (int i = 0; i < 450; ++i) devices.push_back(NewDeviceOf("seal-" + std::to_string(i)));
  ASSERT_TRUE(Enrol(devices));
  const std::string fresh = "2 ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n";
  const char* const redis = std::getenv("DROVER_TEST_REDIS_URL");
  const std::unique_ptr<Parts> both = MakeParts(kKeys + fresh, redis);
  const Result<int64_t> left = Await(both->upkeep.ResealAccounts());
  ASSERT_TRUE(left) << left.error();
  EXPECT_EQ(*left, 0);
  EXPECT_EQ(Sql("SELECT count(*) FROM tree.devices WHERE get_byte(account_sealed, 0) = 2"), "450");
  const std::unique_ptr<Parts> only_fresh = MakeParts(fresh, redis);
  const v1::TreeReply reply = AskOf(*only_fresh, {Lookup("seal-449")}).front();
  ASSERT_EQ(reply.code(), 0U) << reply.error();
  EXPECT_EQ(reply.account().client_a1(), dmauth::A1("seal-449", "secret"));
  EXPECT_EQ(*Await(both->upkeep.ResealAccounts()), 0) << "nothing is left to do";
}

TEST_F(AccountsTest, AccountsOfAKeyThatIsGoneAreCounted) {
  ASSERT_TRUE(Enrol({NewDeviceOf("lost")}));
  const std::string others =
      "2 ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n"
      "3 0f0e0d0c0b0a09080706050403020100ffeeddccbbaa99887766554433221100\n";
  const std::unique_ptr<Parts> parts = MakeParts(others, std::getenv("DROVER_TEST_REDIS_URL"));
  EXPECT_EQ(*Await(parts->upkeep.ResealAccounts()), 1);
  EXPECT_EQ(Ask(Lookup("lost")).code(), 0U) << "it is as it was";
}

}  // namespace
}  // namespace drover::tree
