#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

/// What an operator sets before the start; what changes while running (channels, keys, profiles) is
/// data in the store. config/keys.cpp names each member's key, config/load.hpp fills them.
namespace axonhub::config {

/// How requests are grouped into traces.
struct trace_settings {
  bool claude_code_trace_enabled = true; ///< False ignores its header and metadata.user_id alike.
  bool codex_trace_enabled = true;
  std::string trace_header = "AH-Trace-Id";
  std::string thread_header = "AH-Thread-Id";
  std::vector<std::string> extra_trace_headers; ///< Looked at in this order after trace_header.
  std::uint64_t max_live = 200'000;             ///< Traces in memory at once.
  milliseconds ttl = std::chrono::hours{1};     ///< Idle time after which a trace leaves memory.
};

/// Both files set: the listener speaks TLS. Both empty: plain HTTP.
struct tls_settings {
  std::string cert_file;
  std::string key_file;
};

/// What one client, and all of them together, may take.
struct limit_settings {
  std::uint64_t body_bytes = 64ull << 20; ///< One request body.
  std::uint64_t body_memory = 0;          ///< All bodies in flight; 0: a quarter of the memory.
  std::uint64_t body_min_rate = 1024;     ///< Bytes a second of a body, after a grace.
  std::uint64_t max_connections = 0;      ///< 0: what the open-file limit allows.
  milliseconds header_timeout = std::chrono::seconds{10};
  milliseconds client_write_stall = std::chrono::seconds{120};
  milliseconds client_gone_drain = std::chrono::seconds{60};
  milliseconds keep_alive_idle = std::chrono::seconds{75};
};

struct server_settings {
  std::string host;             ///< Empty: loopback, IPv4 and IPv6.
  std::uint16_t port = 8090;    ///< 0 takes a free one.
  std::uint32_t threads = 0;    ///< 0: the cores this process may use.
  bool half_close = false;      ///< True: a client that ended its side still waits for its answer.
  bool decision_headers = true; ///< Answers carry x-axonhub-channel and its kin.
  milliseconds drain_timeout = std::chrono::seconds{600};
  trace_settings trace;
  tls_settings tls;
  limit_settings limits;
};

/// Deadlines of one attempt at an upstream; a channel may set its own.
struct upstream_settings {
  milliseconds connect_timeout = std::chrono::seconds{10};
  milliseconds tls_timeout = std::chrono::seconds{10};
  milliseconds write_stall = std::chrono::seconds{30};          ///< To take more of the request.
  milliseconds first_byte_timeout = std::chrono::seconds{60};   ///< To a stream's head.
  milliseconds first_event_timeout = std::chrono::seconds{120}; ///< To its first content.
  milliseconds event_timeout = std::chrono::seconds{30}; ///< From an event's start to its end.
  milliseconds max_silence = std::chrono::seconds{180};  ///< One gap in a stream.
  milliseconds total_timeout = std::chrono::seconds{600};
  milliseconds ping_interval = std::chrono::seconds{15}; ///< Pings to a client that waits.
  milliseconds pool_idle = std::chrono::seconds{60};     ///< An unused connection's life.
};

/// How long a trace stays bound to its channel after its last request.
struct affinity_settings {
  milliseconds ttl = std::chrono::hours{1};
};

/// When the store flushes to the disk.
enum class db_sync : std::uint8_t {
  full, ///< Before a change is acknowledged.
  off,  ///< When the system likes: a power loss may take the last seconds. For tests.
};

struct db_settings {
  std::string path; ///< Folder of the store; load() fills in the default of this machine.
  std::uint64_t map_size = 16ull << 30; ///< Address space reserved for one LMDB file.
  db_sync sync = db_sync::full;
};

struct log_settings {
  log::level level = log::level::info;
};

/// Prometheus at /metrics: on the client port, or alone on its own one.
struct metrics_settings {
  bool enabled = true;
  std::string host;       ///< Empty: as server.host. Only with a port.
  std::uint16_t port = 0; ///< 0: the client port serves /metrics too.
};

struct provider_quota_settings {
  milliseconds check_interval = std::chrono::minutes{20};
};

struct admin_settings {
  secret token; ///< For automation; empty: none.
};

/// Everything, with its defaults.
struct config {
  server_settings server;
  upstream_settings upstream;
  affinity_settings affinity;
  db_settings db;
  log_settings log;
  metrics_settings metrics;
  provider_quota_settings provider_quota;
  admin_settings admin;
  secret master_key;           ///< Opens the store's secrets; empty: the store keeps one beside it.
  std::string master_key_file; ///< Where to read master_key from; load_config() has done so.
};

} // namespace axonhub::config
