#include "loadtest/gateway/habits.h"

#include <algorithm>
#include <charconv>

namespace drover::gwsim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kVoiceEvents[] = {
    "message-summary", "keep-alive", "dialog",          "presence", "refer", "talk", "hold",
    "conference",      "reg",        "as-feature-event"};

Habits Named(std::string_view name, std::string_view about) {
  Habits habits;
  habits.name = name;
  habits.about = about;
  return habits;
}

Habits Of(std::string_view name, std::string_view about, std::string_view vendor,
          std::string_view model, std::string_view user_agent, std::vector<std::string> events) {
  Habits habits = Named(name, about);
  habits.vendor = vendor;
  habits.model = model;
  habits.user_agent = user_agent;
  habits.events = std::move(events);
  return habits;
}

void AddVendors(std::vector<Habits>& all) {
  all.push_back(Named("plain", "takes resync from anybody"));
  Habits sipura = Of("sipura", "takes resync, challenges with MD5", "Linksys", "SPA3102",
                     "Linksys/SPA3102-5.1.10(GW)", {"resync"});
  sipura.challenge = sip::DigestAlgorithm::kMd5;
  all.push_back(std::move(sipura));
  Habits secure = Of("secure", "takes resync, challenges with SHA-256; its first nonce is stale",
                     "ACME", "VG200", "ACME VG200/2.3", {"resync"});
  secure.challenge = sip::DigestAlgorithm::kSha256;
  secure.stale_once = true;
  all.push_back(std::move(secure));
  Habits snom = Of("snom", "takes check-sync, challenges with MD5", "snom", "M300",
                   "snomM300/04.50", {"check-sync"});
  snom.challenge = sip::DigestAlgorithm::kMd5;
  all.push_back(std::move(snom));
  all.push_back(Of("gigaset", "takes check-sync alone", "Gigaset", "N510", "Gigaset N510 IP PRO/42",
                   {"check-sync"}));
  Habits yealink = Of("yealink", "takes check-sync, restarts and then asks", "Yealink", "W70B",
                      "Yealink W70B 146.85.0.20", {"check-sync"});
  yealink.restarts_on_event = true;
  all.push_back(std::move(yealink));
  Habits obihai = Of("obihai", "takes resync, restarts and then asks", "Obihai", "OBi202",
                     "OBIHAI/OBi202-3.2.2.5859", {"resync"});
  obihai.restarts_on_event = true;
  all.push_back(std::move(obihai));
}

void AddWays(std::vector<Habits>& all) {
  Habits bare = Of("bare", "tells nothing when it asks, closes <header> by </head>", "ZTE", "H260",
                   "ZTE H260/2.0", {"resync"});
  bare.bare_request = bare.head_slip = true;
  all.push_back(std::move(bare));
  Habits lenient = Named("lenient", "takes requests with blanks where there may be none");
  lenient.printed_form = true;
  all.push_back(std::move(lenient));
  Habits mute = Named("mute", "posts no result; its next registration tells the version");
  mute.posts_result = false;
  all.push_back(std::move(mute));
  Habits nat = Named("nat", "registers by SIP from behind a NAT; its contact leads nowhere");
  nat.sip_register = nat.private_contact = true;
  all.push_back(std::move(nat));
  Habits sip = Named("sip", "registers by SIP as well");
  sip.sip_register = true;
  all.push_back(std::move(sip));
  Habits talking = Named("talking", "in a call, and says so; refuses to reboot with status busy");
  talking.in_call = true;
  all.push_back(std::move(talking));
}

void AddTroubles(std::vector<Habits>& all) {
  Habits slow = Named("slow", "answers after 4 s and asks within 20 s");
  slow.answer_after = seconds(4);
  slow.ask_within = seconds(20);
  all.push_back(std::move(slow));
  Habits lossy = Named("lossy", "loses half of its datagrams, each way");
  lossy.loss = 0.5;
  all.push_back(std::move(lossy));
  Habits restless = Named("restless", "restarts about every minute and forgets what it was at");
  restless.restart_every = seconds(60);
  restless.forgets = true;
  all.push_back(std::move(restless));
  Habits silent = Named("silent", "registers, and hears nothing on SIP");
  silent.silent = true;
  all.push_back(std::move(silent));
  all.push_back(Of("phone", "an ordinary phone: 481 to what is no voice event", "Studio Link",
                   "baresip", "baresip v1.0.0", {}));
}

std::vector<Habits> MakeBuiltIn() {
  std::vector<Habits> all;
  AddVendors(all);
  AddWays(all);
  AddTroubles(all);
  return all;
}

}  // namespace

const std::vector<Habits>& BuiltInHabits() {
  static const std::vector<Habits> habits = MakeBuiltIn();
  return habits;
}

const Habits* FindHabits(std::string_view name) {
  const auto found = std::ranges::find(BuiltInHabits(), name, &Habits::name);
  return found == BuiltInHabits().end() ? nullptr : &*found;
}

Result<Mix> ParseMix(std::string_view text) {
  Mix mix;
  double all = 0;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const Habits* habits = FindHabits(name);
    if (habits == nullptr) {
      return InvalidArgument("there are no gateways called \"" + std::string(name) +
                             "\"; docs/gateway-simulator.md has them all");
    }
    double weight = 1;
    if (equals != std::string_view::npos) {
      const std::string_view number = part.substr(equals + 1);
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), weight);
      if (error != std::errc() || end != number.data() + number.size() || !(weight >= 0)) {
        return InvalidArgument("\"" + std::string(part) + "\": a weight is a number, as in snom=5");
      }
    }
    mix.parts.push_back({habits, weight});
    all += weight;
  }
  if (!(all > 0)) return InvalidArgument("a mix names gateways, as in plain=60,sipura=40");
  for (Mix::Part& part : mix.parts) part.share /= all;
  return mix;
}

std::string_view DefaultMix() {
  return "plain=40,sipura=15,secure=10,snom=6,gigaset=5,yealink=4,obihai=2,bare=6,lenient=2,mute=4,"
         "slow=2,lossy=1,restless=1,phone=1,silent=1";
}

size_t PartOf(const Mix& mix, const Population& population, uint32_t number) {
  double drawn = Chance(population, number, Purpose::kHabits);
  for (size_t i = 0; i + 1 < mix.parts.size(); ++i) {
    if (drawn < mix.parts[i].share) return i;
    drawn -= mix.parts[i].share;
  }
  return mix.parts.size() - 1;
}

bool IsVoiceEvent(std::string_view type) { return std::ranges::count(kVoiceEvents, type) > 0; }

}  // namespace drover::gwsim
