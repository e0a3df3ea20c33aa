#include "services/tree/core/families.h"

#include <algorithm>

#include "drover/tree/v1/tree.pb.h"

namespace drover::tree {
namespace {

void Nothing(v1::Traits&) {}

void LibDmClient(v1::Traits& traits) {
  traits.set_large_objects(v1::NO);   // No MoreData in either direction.
  traits.set_atomic(v1::NO);          // No Status for it, no rollback.
  traits.set_copy(v1::NO);            // Answers 501.
  traits.set_zero_nonce_ascii(true);  // Resynchronises with the characters 0x00000000.
}

void Windows(v1::Traits& traits) {
  traits.set_no_add_replace_in_atomic(true);  // Add and Replace of one node in one Atomic fail.
  traits.set_cancel_ends_session(true);       // After 214 it takes no more commands.
  traits.set_prompt_text_limit(1000);         // Of alerts 1100, 1101, 1103.
}

constexpr Family kFamilies[] = {
    {"aosp", "Android's client (Motorola's engine)", Nothing},
    {"libdmclient", "Intel's libdmclient and what is built on it", LibDmClient},
    {"s60", "Symbian S60", Nothing},
    {"nokia", "Nokia's feature phones", Nothing},
    {"windows", "Microsoft Windows, phones and desktops", Windows},
    {"mediatek", "MediaTek feature phones", Nothing},
    {"verizon", "clients of the Verizon profile", Nothing},
    {"samsung", "Samsung's firmware update client", Nothing},
};

}  // namespace

std::span<const Family> Families() { return kFamilies; }

const Family* FindFamily(std::string_view name) {
  const auto* found = std::ranges::find(kFamilies, name, &Family::name);
  return found == std::end(kFamilies) ? nullptr : found;
}

}  // namespace drover::tree
