#include <algorithm>

#include "config/keys.hpp"

namespace axonhub::config {

const std::vector<foreign_key>& foreign_keys() {
  static const auto all = std::vector<foreign_key>{
      {"server.name", "nothing takes its place"},
      {"server.base_path", "let a reverse proxy in front strip the path"},
      {"server.request_timeout", "see upstream.total_timeout and server.limits"},
      {"server.llm_request_timeout", "set upstream.total_timeout"},
      {"server.sse_keep_alive.*", "set upstream.ping_interval"},
      {"server.trace.extra_trace_body_fields", "set server.trace.extra_trace_headers"},
      {"server.trace.response_trace_headers", "see server.decision_headers"},
      {"server.debug", "set log.level to debug"},
      {"server.disable_ssl_verify", "give the channel its ca_certificates"},
      {"server.cors.*", "the console comes from the same origin as its API"},
      {"server.api_auth.*", "every client needs a key; make one in the console"},
      {"server.dashboard.*", "nothing takes its place"},
      {"db.dialect", "the store is built in; set db.path"},
      {"db.dsn", "the store is built in; set db.path"},
      {"db.debug", "set log.level to debug"},
      {"db.max_open_conns", "the store is built in and needs no connections"},
      {"db.max_idle_conns", "the store is built in and needs no connections"},
      {"db.read_replica.*", "the store is built in; set db.path"},
      {"cache.*", "the store needs no cache; see server.trace.max_live"},
      {"log.name", "lines carry no name"},
      {"log.debug", "set log.level to debug"},
      {"log.skip_level", "lines carry no caller"},
      {"log.level_key", "the names in log lines are fixed"},
      {"log.time_key", "the names in log lines are fixed"},
      {"log.caller_key", "the names in log lines are fixed"},
      {"log.function_key", "the names in log lines are fixed"},
      {"log.name_key", "the names in log lines are fixed"},
      {"log.encoding", "lines are always JSON"},
      {"log.includes", "set log.level"},
      {"log.excludes", "set log.level"},
      {"log.output", "lines go to standard output; let the service manager keep them"},
      {"log.file.*", "lines go to standard output; let the service manager keep them"},
      {"metrics.exporter.*", "Prometheus reads /metrics; see metrics.enabled and metrics.port"},
      {"gc.*", "retention is a setting of the console"},
      {"dumper.*", "storing bodies is a setting of the console and of each key"},
      {"provider_quota.warning_check_interval_ratio", "set provider_quota.check_interval"},
      {"copilot.*", "nothing takes its place"},
  };
  return all;
}

bool foreign_key::covers(std::string_view path) const {
  if (!name.ends_with(".*"))
    return path == name;
  const auto section = name.substr(0, name.size() - 2);
  return path == section || path.starts_with(name.substr(0, name.size() - 1));
}

const foreign_key* find_foreign_key(std::string_view path) {
  const auto found = std::ranges::find_if(
      foreign_keys(), [path](const foreign_key& foreign) { return foreign.covers(path); });
  return found == foreign_keys().end() ? nullptr : &*found;
}

} // namespace axonhub::config
