#pragma once

#include "base/time.hpp"
#include "llm/dialect.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// Every error that we author ourselves.
enum class client_error : std::uint8_t {
  invalid_request,      ///< The body breaks a rule of ours.
  authentication,       ///< No key, or an unknown one.
  permission,           ///< The key may not do this.
  billing,              ///< A budget is used up; waiting for its reset is the only cure.
  model_not_found,      ///< No channel knows the model.
  path_not_found,       ///< No such endpoint.
  method_not_allowed,   ///< The endpoint exists, not with this method.
  request_timeout,      ///< The client sent its request too slowly.
  request_too_large,    ///< The body exceeds its limit.
  unsupported_encoding, ///< A content-encoding that we cannot read.
  rate_limited,         ///< A limit of ours, or every credential waits for its reset.
  internal,             ///< A defect of ours.
  api_error,            ///< The upstream's answer was unusable, or it failed.
  overloaded,           ///< Nothing is available right now.
  unavailable,          ///< The model is known, but no channel with it is enabled or allowed.
  timeout,              ///< The upstream did not answer in time.
};

/// How an error looks in one dialect. An empty code is null.
struct error_shape {
  int status = 500;
  std::string_view type;
  std::string_view code;
};

error_shape shape_of(dialect d, client_error e);

/// The status that goes with the error in the client's dialect.
int http_status(dialect d, client_error e);

/// The whole body of an error answer, as the dialect's SDKs expect it.
std::string error_body(dialect d, client_error e, std::string_view message,
                       std::string_view request_id);
std::string error_body(dialect d, const error_shape& shape, std::string_view message,
                       std::string_view request_id);

/// The same inside a stream: one complete event that no client takes for the end of an answer.
/// `sequence` is its number where the dialect counts its events, `retry_after` the delay of a rate
/// limit.
std::string error_event(dialect d, client_error e, std::string_view message,
                        std::string_view request_id, std::uint64_t sequence = 0,
                        std::optional<milliseconds> retry_after = {});
std::string error_event(dialect d, const error_shape& shape, std::string_view message,
                        std::string_view request_id, std::uint64_t sequence = 0,
                        std::optional<milliseconds> retry_after = {});

/// A rate limit's text with its delay, which Codex reads from there; one that tells it stays.
std::string with_delay(std::string message, std::optional<milliseconds> retry_after);

/// An event that keeps a silent stream alive and means nothing.
std::string_view ping_event(dialect d);

} // namespace axonhub::llm
