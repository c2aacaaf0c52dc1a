#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace axonhub::metrics {

using duration = std::chrono::steady_clock::duration;

enum class side : std::uint8_t { client, upstream };

/// What long work is for: a client's request, an upstream's answer, or a page of ours.
enum class chore : std::uint8_t { request, answer, page };

/// The metrics of this process: made by main, used from every thread. I/O threads count requests
/// through a request_metrics each, which is faster.
class registry {
public:
  explicit registry(std::string_view version);
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;
  ~registry();

  void connection_opened(side s);
  void connection_closed(side s);

  void session_bound(std::string_view channel);
  void session_moved(std::string_view channel);

  /// How many credentials wait for the operator, by channel. Channels that are not named any more
  /// have none.
  void credentials_benched(std::map<std::string, std::size_t> by_channel);
  void grammar_broken(std::string_view channel);

  void offloaded(chore what);
  void text_mended(std::string_view channel, std::uint64_t count);

  void store_committed(duration took, bool ok);

  /// Everything in Prometheus' text format. Takes milliseconds when there are many series.
  std::string render() const;

private:
  friend class request_metrics;
  struct series;

  std::unique_ptr<series> series_;
};

} // namespace axonhub::metrics
