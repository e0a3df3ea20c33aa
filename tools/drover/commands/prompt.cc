// drover prompt: asks or tells the user of a terminal.
#include "tools/drover/commands/action.h"
#include "tools/drover/duration.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

struct Question {
  std::string display;
  std::string confirm;
  std::string input;
  std::string choose;
  std::string choose_many;
  std::vector<std::string> choices;
  std::string min_display;
  std::string max_display;
  std::string fallback;
  uint32_t max_length = 0;
  std::string input_kind;
  bool hide = false;
};

Result<uint32_t> Seconds(const std::string& text) {
  if (text.empty()) return 0U;
  DROVER_TRY(const std::chrono::milliseconds span, ParseDuration(text));
  return static_cast<uint32_t>((span.count() + 999) / 1000);
}

Result<v1::Prompt::Input> InputOf(const std::string& name) {
  constexpr std::pair<std::string_view, v1::Prompt::Input> kInputs[] = {
      {"", v1::Prompt::INPUT_UNSPECIFIED}, {"text", v1::Prompt::ALPHANUMERIC},
      {"number", v1::Prompt::NUMERIC},     {"date", v1::Prompt::DATE},
      {"time", v1::Prompt::TIME},          {"phone", v1::Prompt::PHONE_NUMBER},
      {"ip", v1::Prompt::IP_ADDRESS}};
  for (const auto& [known, input] : kInputs) {
    if (known == name) return input;
  }
  return InvalidArgument("--input-kind " + name +
                         ": expected text, number, date, time, phone or ip");
}

Result<void> SetText(const Question& question, v1::Prompt& prompt) {
  struct Form {
    const std::string& text;
    v1::Prompt::Kind kind;
  };
  const Form forms[] = {{question.display, v1::Prompt::DISPLAY},
                        {question.confirm, v1::Prompt::CONFIRM},
                        {question.input, v1::Prompt::TEXT_INPUT},
                        {question.choose, v1::Prompt::SINGLE_CHOICE},
                        {question.choose_many, v1::Prompt::MULTIPLE_CHOICE}};
  for (const Form& form : forms) {
    if (form.text.empty()) continue;
    if (!prompt.text().empty()) return InvalidArgument("ask one thing at a time");
    prompt.set_kind(form.kind);
    prompt.set_text(form.text);
  }
  if (!prompt.text().empty()) return {};
  return InvalidArgument(
      "say what to ask: --display, --confirm, --input, --choose or --choose-many TEXT");
}

Result<Actions> MakePrompt(const Question& question) {
  Actions actions(1);
  v1::Prompt& prompt = *actions[0].mutable_ask_user()->mutable_prompt();
  DROVER_TRY(SetText(question, prompt));
  const bool chooses = prompt.kind() >= v1::Prompt::SINGLE_CHOICE;
  if (chooses == question.choices.empty()) {
    return InvalidArgument(chooses ? "--choice TEXT is missing; give it for each choice"
                                   : "--choice goes with --choose and --choose-many");
  }
  prompt.mutable_choices()->Assign(question.choices.begin(), question.choices.end());
  DROVER_TRY(const uint32_t least, Seconds(question.min_display));
  DROVER_TRY(const uint32_t most, Seconds(question.max_display));
  DROVER_TRY(const v1::Prompt::Input input, InputOf(question.input_kind));
  prompt.set_min_display_s(least);
  prompt.set_max_display_s(most);
  prompt.set_default_response(question.fallback);
  prompt.set_max_length(question.max_length);
  prompt.set_input(input);
  prompt.set_hide_input(question.hide);
  return actions;
}

}  // namespace

void AddPrompt(CLI::App& root, Invocation& invocation) {
  const auto question = std::make_shared<Question>();
  CLI::App* const verb =
      AddAction(root, invocation,
                {.name = "prompt",
                 .help = "Show something to a terminal's user, or ask him",
                 .can_ask = false,
                 .make = [question](const auto&) { return MakePrompt(*question); }});
  verb->add_option("--display", question->display, "Shown");
  verb->add_option("--confirm", question->confirm, "A question for yes or no");
  verb->add_option("--input", question->input, "A question for a text");
  verb->add_option("--choose", question->choose, "A question for one of the choices");
  verb->add_option("--choose-many", question->choose_many, "A question for some of the choices");
  verb->add_option("--choice", question->choices, "One choice; repeatable");
  verb->add_option("--min-display", question->min_display, "Shown for at least: 5s");
  verb->add_option("--max-display", question->max_display, "Waits for an answer: 60s");
  verb->add_option("--default", question->fallback,
                   "0 or 1; the text; the choice's number; numbers with - between them");
  verb->add_option("--max-length", question->max_length, "Characters of a text");
  verb->add_option("--input-kind", question->input_kind, "text, number, date, time, phone or ip");
  verb->add_flag("--hide", question->hide, "The text is not echoed");
}

}  // namespace drover::cli
