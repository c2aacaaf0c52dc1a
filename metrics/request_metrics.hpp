#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "llm/usage.hpp"
#include "metrics/registry.hpp"
#include "policy/record.hpp"

namespace axonhub::metrics {

/// How a request ended. The texts are names of ours or of the configuration, never a client's.
struct ended_request {
  std::string_view route;   ///< From the table of endpoints.
  std::string_view channel; ///< The name of the one that served it; empty: none.
  std::uint16_t http_status = 0;
  policy::request_status outcome = policy::request_status::completed;
  duration took{0};
  duration added{0}; ///< Of `took`, what was our own.
  std::optional<duration> first_byte;
  llm::usage tokens;
};

/// Counts the requests of one I/O thread, by itself until someone renders the page, so that a
/// request costs a fraction of a microsecond. Used on one thread; the registry must outlive it.
class request_metrics {
public:
  explicit request_metrics(registry& owner);
  request_metrics(const request_metrics&) = delete;
  request_metrics& operator=(const request_metrics&) = delete;
  ~request_metrics();

  void request_began();
  void request_ended(const ended_request& how);

  /// A request in flight turned out to stream its answer, and no longer does.
  void stream_began();
  void stream_ended();

  /// `outcome` is "ok" or the text of a policy::failure_kind.
  void attempt_ended(std::string_view channel, std::string_view outcome, duration took);

private:
  struct known;

  std::unique_ptr<known> known_;
};

} // namespace axonhub::metrics
