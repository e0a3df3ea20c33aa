#include "libs/syncml/message.h"

#include <utility>

#include "libs/syncml/tag.h"

namespace drover::syncml {

Command::Command(Command&& o, allocator_type alloc)
    : kind(o.kind),
      name(o.name),
      offset(o.offset),
      cmd_id(o.cmd_id),
      no_resp(o.no_resp),
      no_results(o.no_results),
      archive(o.archive),
      sft_del(o.sft_del),
      msg_ref(o.msg_ref),
      cmd_ref(o.cmd_ref),
      cmd(o.cmd),
      target_refs(std::move(o.target_refs), alloc),
      source_refs(std::move(o.source_refs), alloc),
      lang(o.lang),
      cred(o.cred),
      chal(o.chal),
      meta(o.meta),
      data(o.data),
      correlator(o.correlator),
      items(std::move(o.items), alloc),
      children(std::move(o.children), alloc) {}

std::string_view Name(CommandKind kind) { return NameOf(TagOf(kind)); }

CommandKind CommandKindOf(std::string_view tag) { return CommandKindOf(TagOf(tag)); }

}  // namespace drover::syncml
