#pragma once

#include <caf/monitorable_actor.hpp>
#include <map>
#include <mutex>
#include <string>

namespace axonhub::actors {

/// Where caf::aout goes, thus also CAF's words about an actor that died of an exception: whole
/// lines, to the log.
class log_printer final : public caf::monitorable_actor {
public:
  explicit log_printer(caf::actor_config& config) : monitorable_actor(config) {}

  const char* name() const override { return "log_printer"; }
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override;

private:
  void append(caf::actor_id id, const std::string& text);
  void flush(caf::actor_id id);

  std::mutex mutex_;
  std::map<caf::actor_id, std::string> lines_; // those without their end
};

} // namespace axonhub::actors
