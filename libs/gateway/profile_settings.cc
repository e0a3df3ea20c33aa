#include "libs/gateway/profile_settings.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "libs/gateway/words.h"

namespace drover::gateway {
namespace {

using std::chrono::days;
using std::chrono::seconds;

std::vector<std::string> Items(std::string_view list) {
  std::vector<std::string> items;
  for (;;) {
    const size_t comma = list.find(',');
    const std::string_view item = Trimmed(list.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

std::string NormalKey(std::string_view key) {
  std::string normal(key);
  std::ranges::replace(normal, '-', '_');
  return normal;
}

// What a header may carry.
bool IsHeaderText(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7F; });
}
bool IsToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (LowerOf(c) >= 'a' && LowerOf(c) <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
  });
}

class Parser {
 public:
  Parser(std::string_view name, std::span<const Setting> settings, std::span<const Profile> known)
      : name_(name), settings_(settings), known_(known) {}

  Result<Profile> Run() {
    DROVER_TRY(Begin());
    for (const Setting& setting : settings_) {  // The list first: others speak of its elements.
      if (NormalKey(setting.key) == "events") DROVER_TRY(TakeEvents(setting));
    }
    for (const Setting& setting : settings_) DROVER_TRY(Take(setting));
    profile_.rules.events = static_cast<uint8_t>(profile_.events.size());
    return std::move(profile_);
  }

 private:
  Error Wrong(const Setting& setting, std::string_view expected) const {
    return InvalidArgument("gateway profile " + name_ + ": " + setting.key + " is \"" +
                           setting.value + "\"; it may be " + std::string(expected));
  }

  Result<void> Begin() {
    const Setting* base = nullptr;
    for (const Setting& setting : settings_) {
      if (NormalKey(setting.key) == "base") base = &setting;
    }
    const Profile* from =
        FindProfile(known_, base == nullptr ? std::string_view(name_) : base->value);
    if (from == nullptr && base != nullptr) return Wrong(*base, "the name of a profile");
    if (from == nullptr) from = FindProfile(known_, "default");
    if (from == nullptr) from = &BuiltInProfiles().back();
    profile_ = *from;
    if (profile_.name != name_) profile_.user_agents.clear(), profile_.models.clear();
    profile_.name = name_;
    return {};
  }

  Result<void> TakeEvents(const Setting& setting) {
    const std::vector<std::string> items = Items(setting.value);
    if (items.empty() || items.size() > kMostEvents) {
      return Wrong(setting, "1 to 8 values of Event, with commas");
    }
    profile_.events.clear();
    for (const std::string& item : items) {
      const std::string_view type = EventType(item);
      const size_t semicolon = item.find(';');
      EventChoice choice{.type = std::string(type)};
      if (semicolon != std::string::npos) choice.params = Trimmed(item.substr(semicolon + 1));
      if (!IsToken(type) || !IsHeaderText(choice.params)) {
        return Wrong(setting, "values of Event such as \"check-sync;reboot=false\"");
      }
      profile_.events.push_back(std::move(choice));
    }
    return {};
  }

  Result<void> Take(const Setting& setting) {
    const std::string key = NormalKey(setting.key);
    TriggerRules& rules = profile_.rules;
    if (key == "base" || key == "events") return {};
    if (key.starts_with("events.")) return TakeOfEvent(setting, key.substr(7));
    if (key == "match.user_agent")
      return profile_.user_agents = Items(setting.value), Result<void>();
    if (key == "match.model") return profile_.models = Items(setting.value), Result<void>();
    if (key == "trigger.enabled") return Bool(setting, profile_.sip_trigger);
    if (key == "trigger.policy") {
      return Word(setting, PolicyOf, rules.policy, "immediate, periodic or after_n");
    }
    if (key == "trigger.interval_s") return Seconds(setting, 1, days(31), rules.interval);
    if (key == "trigger.n") return Number(setting, 1, 1000, rules.n);
    if (key == "trigger.t_request_s") return Seconds(setting, 1, days(7), rules.t_request);
    if (key == "trigger.t_result_s") return Seconds(setting, 1, days(7), rules.t_result);
    if (key == "response.mode") {
      return Word(setting, ResponseModeOf, profile_.response_mode, "computed or prepared");
    }
    if (key == "results") {
      return Word(setting, ResultsOf, rules.results, "post, registration or none");
    }
    if (key == "cseq.mode") {
      return Word(setting, CseqModeOf, rules.cseq_mode, "transaction or request");
    }
    if (key == "notify.expires") {
      return Seconds(setting, 0, seconds(INT32_MAX), profile_.notify_expires);
    }
    if (key == "notify.from_equals_to") return Bool(setting, profile_.from_equals_to);
    if (key == "fileserver.agreed") return Bool(setting, profile_.fileserver_agreed);
    if (key == "xml.emit_head_slip") return Bool(setting, profile_.emit_head_slip);
    if (key == "voice_safe") return Bool(setting, profile_.voice_safe);
    if (key == "register.interval_s") {
      return Seconds(setting, 10, days(31), profile_.register_interval);
    }
    return InvalidArgument("gateway profile " + name_ + ": there is no setting " + setting.key);
  }

  // "2.body"
  Result<void> TakeOfEvent(const Setting& setting, std::string_view key) {
    size_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc() || number < 1 || number > profile_.events.size()) {
      return InvalidArgument("gateway profile " + name_ + ": " + setting.key +
                             ": it has events 1 to " + std::to_string(profile_.events.size()));
    }
    EventChoice& choice = profile_.events[number - 1];
    const std::string_view what = key.substr(static_cast<size_t>(end - key.data()));
    if (what == ".challenge") return Bool(setting, choice.challenge_expected);
    if (what == ".reboots") return Bool(setting, choice.reboots);
    if (what == ".body") {
      if (setting.value.size() > 1024) return Wrong(setting, "1024 octets at most");
      choice.body = setting.value;
      return {};
    }
    if (what == ".content_type") {
      if (!IsHeaderText(setting.value)) return Wrong(setting, "a media type");
      choice.content_type = setting.value;
      return {};
    }
    return InvalidArgument("gateway profile " + name_ + ": there is no setting " + setting.key);
  }

  Result<void> Bool(const Setting& setting, bool& out) const {
    const bool yes = SameWord(setting.value, "true") || SameWord(setting.value, "yes");
    if (!yes && !SameWord(setting.value, "false") && !SameWord(setting.value, "no")) {
      return Wrong(setting, "true or false");
    }
    out = yes;
    return {};
  }
  template <typename Value>
  Result<void> Word(const Setting& setting, std::optional<Value> (*of)(std::string_view),
                    Value& out, std::string_view expected) const {
    const std::optional<Value> value = of(NormalKey(setting.value));
    if (!value) return Wrong(setting, expected);
    out = *value;
    return {};
  }
  template <typename Value>
  Result<void> Number(const Setting& setting, int64_t least, int64_t most, Value& out) const {
    const std::string& text = setting.value;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
      return Wrong(setting, std::to_string(least) + " to " + std::to_string(most));
    }
    out = static_cast<Value>(value);
    return {};
  }
  Result<void> Seconds(const Setting& setting, int64_t least, seconds most, seconds& out) const {
    int64_t value = 0;
    DROVER_TRY(Number(setting, least, most.count(), value));
    out = seconds(value);
    return {};
  }

  std::string name_;
  std::span<const Setting> settings_;
  std::span<const Profile> known_;
  Profile profile_;
};

}  // namespace

Result<Profile> ParseProfile(std::string_view name, std::span<const Setting> settings,
                             std::span<const Profile> known) {
  if (!IsToken(name)) return InvalidArgument("a gateway profile needs a name without blanks");
  return Parser(name, settings, known).Run();
}

void AddProfile(Profile profile, std::vector<Profile>& known) {
  const auto same = std::ranges::find(known, profile.name, &Profile::name);
  if (same != known.end()) {
    *same = std::move(profile);
  } else {
    known.insert(known.begin(), std::move(profile));
  }
}

}  // namespace drover::gateway
