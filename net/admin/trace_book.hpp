#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "actors/protocol.hpp"
#include "net/admin/json.hpp"

namespace axonhub::net {

/// What is known of a trace: from its requests on record, its actor and its stored binding.
struct trace_summary {
  actors::trace_key key;
  std::string thread;
  std::string client;
  std::set<std::string> models;
  std::set<std::string> channels;
  std::set<std::string> keys;
  std::optional<wall_time> first_at;
  std::optional<wall_time> last_at;
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::uint64_t in_progress = 0;
  std::uint64_t moves = 0;
  llm::usage tokens;
  policy::session_book book;
};

/// Gathers traces from what knows of them. Bindings to what is not in the catalog are none.
class trace_book {
public:
  explicit trace_book(const policy::catalog_data& known) : known_(known) {}

  /// Stored bindings first: what lives knows better.
  void add(const store::stored_binding& kept);
  void add(const actors::trace_view& live);
  void add(const policy::request_record& r);

  const std::map<trace_id, trace_summary>& traces() const { return traces_; }

private:
  trace_summary& at(const trace_id& id, const project_id& project, std::string_view external);
  void add_bindings(trace_summary& to, policy::session_book book);

  const policy::catalog_data& known_;
  std::map<trace_id, trace_summary> traces_;
};

/// What several traces have in common, as a client names it.
struct thread_summary {
  std::string id;
  project_id project;
  std::string external;
  std::uint64_t traces = 0;
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::uint64_t in_progress = 0;
  std::optional<wall_time> first_at;
  std::optional<wall_time> last_at;
  llm::usage tokens;
};
std::vector<thread_summary> threads_of(const trace_book& book);

json to_json(const trace_summary& t);
json to_json(const thread_summary& t);

} // namespace axonhub::net
