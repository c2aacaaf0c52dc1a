#include "config/keys.hpp"

#include "config/checks.hpp"
#include "config/kinds.hpp"

// The name of a key and its place in the struct, which are the same words.
#define KEY(path) \
#path, [](auto& c) -> auto& { return c.path; }

namespace axonhub::config {

namespace {

template <class Kind, class Place>
key row(std::string_view name, Place place, std::string_view help,
        check<typename Kind::type> is_sound = nullptr) {
  const auto assign = [place, is_sound](config& c, std::string_view text) -> checked<void> {
    auto value = Kind::parse(text);
    if (!value)
      return value.error();
    if (is_sound)
      if (auto sound = is_sound(*value); !sound)
        return sound;
    place(c) = std::move(*value);
    return {};
  };
  const auto show = [place](const config& c) { return Kind::show(place(c)); };
  return {name, Kind::name, help, assign, show};
}

std::vector<key> server_keys() {
  return {
      row<text_kind>(KEY(server.host),
                     "Address to listen on; `0.0.0.0` and `::` mean all. Empty: this machine only "
                     "(loopback, IPv4 and IPv6).",
                     is_host),
      row<number_kind<std::uint16_t>>(KEY(server.port),
                                      "Port to listen on; 0 takes a free one and logs it."),
      row<number_kind<std::uint32_t>>(KEY(server.threads),
                                      "Threads that serve. 0: one per core this process may use.",
                                      is_thread_count),
      row<duration_kind>(KEY(server.drain_timeout),
                         "How long running requests may take to end after SIGTERM."),
      row<flag_kind>(KEY(server.half_close),
                     "Whether a client that closed its sending side still gets its answer; "
                     "otherwise it counts as gone and its request is cancelled."),
      row<flag_kind>(KEY(server.decision_headers),
                     "Whether answers carry `x-axonhub-channel` and the other headers that tell "
                     "how they were routed."),
      row<text_kind>(KEY(server.tls.cert_file),
                     "Certificate chain in PEM; with `server.tls.key_file` it turns TLS on."),
      row<text_kind>(KEY(server.tls.key_file), "Private key in PEM."),
      row<text_kind>(KEY(server.trace.trace_header), "Header that names a request's trace.",
                     is_header_name),
      row<text_kind>(KEY(server.trace.thread_header), "Header that names a trace's thread.",
                     is_header_name),
      row<list_kind>(KEY(server.trace.extra_trace_headers),
                     "Further headers that may name the trace, tried in this order.",
                     are_header_names),
      row<flag_kind>(KEY(server.trace.claude_code_trace_enabled),
                     "Whether a Claude Code session is a trace; off ignores its header and "
                     "`metadata.user_id` alike."),
      row<flag_kind>(KEY(server.trace.codex_trace_enabled), "Whether a Codex session is a trace."),
      row<number_kind<std::uint64_t>>(KEY(server.trace.max_live),
                                      "Traces kept in memory; beyond it the longest idle go first.",
                                      is_positive),
      row<duration_kind>(KEY(server.trace.ttl),
                         "Idle time after which a trace leaves memory. It comes back from the "
                         "store with its next request.",
                         is_some_time),
      row<size_kind>(KEY(server.limits.body_bytes), "Largest request body.", is_body_size),
      row<size_kind>(KEY(server.limits.body_memory),
                     "Memory for all request bodies at once; beyond it new requests are told to "
                     "come back. 0: a quarter of this machine's or container's memory."),
      row<size_kind>(KEY(server.limits.body_min_rate),
                     "Bytes a second at which a body must arrive. 0: no such limit."),
      row<duration_kind>(KEY(server.limits.header_timeout), "Time for a request's head to arrive.",
                         is_some_time),
      row<duration_kind>(KEY(server.limits.client_write_stall),
                         "Time in which a client may accept nothing more of its answer.",
                         is_some_time),
      row<duration_kind>(KEY(server.limits.client_gone_drain),
                         "How long a stream is read on for its usage after its client has left, "
                         "where the key says `on_client_gone: drain`.",
                         is_some_time),
      row<duration_kind>(KEY(server.limits.keep_alive_idle),
                         "Life of a client connection without a request.", is_some_time),
      row<number_kind<std::uint64_t>>(
          KEY(server.limits.max_connections),
          "Client connections at once. 0: as many as the open-file limit allows."),
  };
}

std::vector<key> upstream_keys() {
  return {
      row<duration_kind>(KEY(upstream.connect_timeout), "Time to connect.", is_some_time),
      row<duration_kind>(KEY(upstream.tls_timeout), "Time for the TLS handshake.", is_some_time),
      row<duration_kind>(KEY(upstream.write_stall),
                         "Time an upstream may take to accept more of a request.", is_some_time),
      row<duration_kind>(KEY(upstream.first_byte_timeout),
                         "Time to the head of a streamed answer, from the last byte sent.",
                         is_some_time),
      row<duration_kind>(KEY(upstream.first_event_timeout),
                         "Time to the first content of a streamed answer.", is_some_time),
      row<duration_kind>(KEY(upstream.event_timeout),
                         "Time for one event of a stream to arrive whole before the answer has "
                         "begun. A slower one after that is kept, and its channel counts as slow.",
                         is_some_time),
      row<duration_kind>(KEY(upstream.max_silence), "Longest gap inside a stream.", is_some_time),
      row<duration_kind>(KEY(upstream.total_timeout),
                         "Time for a whole answer, or for a stream to begin; and how long a stream "
                         "may bring nothing but pings.",
                         is_some_time),
      row<duration_kind>(KEY(upstream.ping_interval),
                         "How often a client that waits for its stream gets a ping.", is_some_time),
      row<duration_kind>(KEY(upstream.pool_idle), "Life of an unused upstream connection.",
                         is_some_time),
  };
}

std::vector<key> other_keys() {
  return {
      row<duration_kind>(KEY(affinity.ttl),
                         "How long a trace stays bound to its channel after its last request.",
                         is_some_time),
      row<text_kind>(KEY(db.path),
                     "Folder of the store. Empty: `$STATE_DIRECTORY`; for root `/var/lib/axonhub` "
                     "where it exists; `$XDG_DATA_HOME/axonhub`; `$HOME/.local/share/axonhub`."),
      row<size_kind>(KEY(db.map_size),
                     "Address space reserved for one file of the store; no memory, no disk.",
                     is_map_size),
      row<sync_kind>(KEY(db.sync),
                     "`full`: a change is on the disk before it is acknowledged. `off`: a power "
                     "loss may take the last seconds; for tests."),
      row<level_kind>(KEY(log.level), "Least level that is logged."),
      row<flag_kind>(KEY(metrics.enabled), "Whether `/metrics` answers."),
      row<number_kind<std::uint16_t>>(
          KEY(metrics.port), "A port of its own for `/metrics`. 0: the client port serves it."),
      row<text_kind>(KEY(metrics.host), "Address of that port. Empty: the same as `server.host`.",
                     is_host),
      row<duration_kind>(KEY(provider_quota.check_interval),
                         "How often the providers are asked how much of a subscription is left.",
                         is_some_time),
      row<secret_kind>(KEY(admin.token),
                       "Bearer token of the admin API, for automation. Empty: accounts, or the "
                       "setup token that the first start writes to `<db.path>/setup-token`.",
                       is_token),
      row<secret_kind>(KEY(master_key),
                       "Opens the credentials in the store. Empty: the store keeps a key of its "
                       "own beside the data."),
      row<text_kind>(KEY(master_key_file), "File to read `master_key` from."),
  };
}

} // namespace

const std::vector<key>& keys() {
  static const auto all = [] {
    auto rows = server_keys();
    for (const auto& part : {upstream_keys(), other_keys()})
      rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }();
  return all;
}

bool key::is_secret() const { return kind == secret_kind::name; }

bool key::is_list() const { return kind == list_kind::name; }

bool key::is_text() const { return kind == text_kind::name || is_secret(); }

} // namespace axonhub::config
