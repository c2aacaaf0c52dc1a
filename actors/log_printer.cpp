#include "actors/log_printer.hpp"

#include <caf/atom.hpp>

#include "base/log.hpp"

namespace axonhub::actors {

void log_printer::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  const auto lock = std::lock_guard{mutex_};
  const auto& said = what->content();
  if (said.match_elements<caf::add_atom, caf::actor_id, std::string>())
    append(said.get_as<caf::actor_id>(1), said.get_as<std::string>(2));
  else if (said.match_elements<caf::flush_atom, caf::actor_id>() ||
           said.match_elements<caf::delete_atom, caf::actor_id>())
    flush(said.get_as<caf::actor_id>(1));
}

void log_printer::append(caf::actor_id id, const std::string& text) {
  auto& line = lines_[id];
  line += text;
  if (line.ends_with('\n'))
    flush(id);
}

void log_printer::flush(caf::actor_id id) {
  const auto found = lines_.find(id);
  if (found == lines_.end())
    return;
  auto& line = found->second;
  while (line.ends_with('\n'))
    line.pop_back();
  if (!line.empty())
    log::warn("actor.says", {{"actor", id}, {"text", line}});
  lines_.erase(found);
}

} // namespace axonhub::actors
