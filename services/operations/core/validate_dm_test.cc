// Prompts, Atomics, expected values, secrets, dependencies and retries: what may be submitted.
#include <gtest/gtest.h>

#include "services/operations/core/times.h"
#include "services/operations/core/validate.h"

namespace drover::operations {
namespace {

using std::chrono::hours;
using Edit = void (*)(v1::NewOperation&);

v1::Command* Add(v1::NewOperation& operation, v1::Verb verb, const char* target = "./A") {
  v1::Command* command = operation.add_commands();
  command->set_verb(verb);
  command->set_target(target);
  if (verb == v1::REPLACE) {
    command->set_data("x");
    command->set_has_data(true);
  }
  return command;
}

v1::Prompt* Ask(v1::NewOperation& operation, v1::Prompt::Kind kind) {
  v1::Prompt* prompt = Add(operation, v1::PROMPT, "")->mutable_prompt();
  prompt->set_kind(kind);
  prompt->set_text("Install?");
  if (kind >= v1::Prompt::SINGLE_CHOICE) {
    for (const char* choice : {"now", "tonight", "never"}) prompt->add_choices(choice);
  }
  return prompt;
}

struct Case {
  const char* field;  // "": it is valid.
  Edit edit;
};

class ValidateDmTest : public testing::TestWithParam<Case> {};

TEST_P(ValidateDmTest, IsAsTheTableSays) {
  v1::SubmitOperationsRequest request;
  v1::NewOperation* operation = request.add_operations();
  operation->set_device_id("IMEI:493005100592800");
  GetParam().edit(*operation);
  const Result<void> result = Validate(request, {});
  const std::string field = GetParam().field;
  if (field.empty()) {
    EXPECT_TRUE(result) << result.error();
    return;
  }
  ASSERT_FALSE(result) << field;
  EXPECT_EQ(result.error().message.substr(0, result.error().message.find(':')),
            "operations[0]." + field);
}

// A prompt by itself, edited.
template <v1::Prompt::Kind kind, auto edit>
void Prompted(v1::NewOperation& operation) {
  edit(*Ask(operation, kind));
}

using P = v1::Prompt;
constexpr auto kAsIs = [](P&) {};

INSTANTIATE_TEST_SUITE_P(
    Prompts, ValidateDmTest,
    testing::Values(
        Case{"", Prompted<P::DISPLAY, kAsIs>}, Case{"", Prompted<P::CONFIRM, kAsIs>},
        Case{"", Prompted<P::TEXT_INPUT, kAsIs>}, Case{"", Prompted<P::SINGLE_CHOICE, kAsIs>},
        Case{"", Prompted<P::MULTIPLE_CHOICE, kAsIs>},
        Case{"commands[0].prompt.kind", Prompted<P::KIND_UNSPECIFIED, kAsIs>},
        Case{"commands[0].prompt.text", Prompted<P::DISPLAY, [](P& p) { p.clear_text(); }>},
        Case{"commands[0].prompt.text",
             Prompted<P::DISPLAY, [](P& p) { p.set_text(std::string(1001, 'x')); }>},
        Case{"commands[0].prompt.choices", Prompted<P::CONFIRM, [](P& p) { p.add_choices("x"); }>},
        Case{"commands[0].prompt.choices",
             Prompted<P::SINGLE_CHOICE, [](P& p) { p.clear_choices(); }>},
        Case{"commands[0].prompt.choices[3]",
             Prompted<P::SINGLE_CHOICE, [](P& p) { p.add_choices(""); }>},
        Case{"", Prompted<P::CONFIRM, [](P& p) { p.set_default_response("1"); }>},
        Case{"commands[0].prompt.default_response",
             Prompted<P::CONFIRM, [](P& p) { p.set_default_response("yes"); }>},
        Case{"commands[0].prompt.default_response",
             Prompted<P::DISPLAY, [](P& p) { p.set_default_response("1"); }>},
        Case{"", Prompted<P::MULTIPLE_CHOICE, [](P& p) { p.set_default_response("2-3"); }>},
        Case{"commands[0].prompt.default_response",
             Prompted<P::MULTIPLE_CHOICE, [](P& p) { p.set_default_response("2-4"); }>},
        Case{"commands[0].prompt.default_response",
             Prompted<P::MULTIPLE_CHOICE, [](P& p) { p.set_default_response("2-"); }>},
        Case{"commands[0].prompt.default_response",
             Prompted<P::SINGLE_CHOICE, [](P& p) { p.set_default_response("1-2"); }>},
        Case{"commands[0].prompt.default_response", Prompted<P::TEXT_INPUT,
                                                             [](P& p) {
                                                               p.set_max_length(3);
                                                               p.set_default_response("four");
                                                             }>},
        Case{"commands[0].prompt.kind", Prompted<P::CONFIRM, [](P& p) { p.set_max_length(3); }>},
        Case{"commands[0].prompt.min_display_s", Prompted<P::CONFIRM,
                                                          [](P& p) {
                                                            p.set_min_display_s(30);
                                                            p.set_max_display_s(20);
                                                          }>},
        Case{"commands[0].target",
             [](v1::NewOperation& o) {
               Ask(o, P::CONFIRM);
               o.mutable_commands(0)->set_target("./A");
             }},
        Case{"commands[0].prompt", [](v1::NewOperation& o) { Add(o, v1::PROMPT, ""); }},
        Case{"commands[0].prompt",
             [](v1::NewOperation& o) { Add(o, v1::GET)->mutable_prompt(); }}));

// One command of each verb, in this Atomic.
template <v1::Verb... verbs>
void InOneAtomic(v1::NewOperation& operation) {
  (Add(operation, verbs)->set_atomic(1), ...);
}

INSTANTIATE_TEST_SUITE_P(
    Others, ValidateDmTest,
    testing::Values(
        Case{"", InOneAtomic<v1::REPLACE, v1::DELETE, v1::REPLACE>},
        Case{"commands[1].atomic", InOneAtomic<v1::REPLACE, v1::GET>},
        Case{"commands[0].atomic", InOneAtomic<v1::EXEC>},
        Case{"",
             [](v1::NewOperation& o) {
               InOneAtomic<v1::REPLACE>(o);
               Ask(o, P::CONFIRM);
               o.mutable_commands(1)->set_atomic(1);
               Add(o, v1::REPLACE)->set_atomic(2);
               Add(o, v1::GET);
             }},
        Case{"commands[2].atomic",
             [](v1::NewOperation& o) {
               InOneAtomic<v1::REPLACE>(o);
               Add(o, v1::GET);
               InOneAtomic<v1::DELETE>(o);
             }},
        Case{"",
             [](v1::NewOperation& o) {
               v1::Command* get = Add(o, v1::GET);
               get->set_has_expected(true);
               get->set_expected("2.0");
             }},
        Case{"commands[0].has_expected",
             [](v1::NewOperation& o) { Add(o, v1::GET)->set_expected("2.0"); }},
        Case{"commands[0].expected",
             [](v1::NewOperation& o) { Add(o, v1::REPLACE)->set_has_expected(true); }},
        Case{"commands[0].expected",
             [](v1::NewOperation& o) {
               Add(o, v1::GET, "./A?list=Struct")->set_has_expected(true);
             }},
        Case{"",
             [](v1::NewOperation& o) {
               v1::Command* set = Add(o, v1::REPLACE);
               set->clear_data();
               set->clear_has_data();
               set->set_secret(v1::NEXT_PASSWORD);
             }},
        Case{"commands[0].data",
             [](v1::NewOperation& o) { Add(o, v1::REPLACE)->set_secret(v1::NEXT_PASSWORD); }},
        Case{"commands[0].secret",
             [](v1::NewOperation& o) { Add(o, v1::GET)->set_secret(v1::NEXT_PASSWORD); }},
        Case{"commands[0].secret",
             [](v1::NewOperation& o) {
               Add(o, v1::DELETE)->set_secret(static_cast<v1::Secret>(9));
             }},
        Case{"retry.max_attempts",
             [](v1::NewOperation& o) {
               Add(o, v1::GET);
               o.mutable_retry()->set_max_attempts(101);
             }},
        Case{"retry.initial_backoff",
             [](v1::NewOperation& o) {
               Add(o, v1::GET);
               o.mutable_retry()->mutable_initial_backoff();
             }},
        Case{"retry.on",
             [](v1::NewOperation& o) {
               Add(o, v1::GET);
               o.mutable_retry()->add_on(v1::RetryPolicy::CAUSE_UNSPECIFIED);
             }},
        Case{"not_before",
             [](v1::NewOperation& o) {
               Add(o, v1::GET);
               o.mutable_not_before()->set_seconds(253'402'300'800);
             }},
        Case{"depends_on[0]",
             [](v1::NewOperation& o) {
               Add(o, v1::GET);
               o.add_depends_on("#0");
             }},
        Case{"depends_on[0]",
             [](v1::NewOperation& o) {
               Add(o, v1::GET);
               o.add_depends_on("#1");
             }},
        Case{"depends_on[0]",
             [](v1::NewOperation& o) {
               Add(o, v1::GET);
               o.add_depends_on("the other");
             }},
        Case{"depends_on", [](v1::NewOperation& o) {
               Add(o, v1::GET);
               for (int i = 0; i < 17; ++i) {
                 o.add_depends_on("017f22e2-79b0-7000-bf11-223344556677");
               }
             }}));

TEST(Accept, BlocksWhatWaits) {
  const TimePoint now(std::chrono::seconds(1'800'000'000));
  v1::NewOperation wanted;
  EXPECT_FALSE(Accept(wanted, "id", {}, hours(1), now).blocked());
  EXPECT_TRUE(Accept(wanted, "id", {"other"}, hours(1), now).blocked());
  *wanted.mutable_not_before() = ToProto(now + hours(2));
  const v1::Operation later = Accept(wanted, "id", {}, hours(1), now);
  EXPECT_TRUE(later.blocked());
  EXPECT_EQ(FromProto(later.expires_at()), now + hours(3)) << "its time begins when it may begin";
  *wanted.mutable_not_before() = ToProto(now - hours(2));
  const v1::Operation past = Accept(wanted, "id", {}, hours(1), now);
  EXPECT_FALSE(past.blocked());
  EXPECT_FALSE(past.has_not_before());
  EXPECT_EQ(FromProto(past.expires_at()), now + hours(1));
}

}  // namespace
}  // namespace drover::operations
