#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "tests/support/fake_provider/http_request.hpp"

namespace axonhub::fake {

/// What the provider saw: counters, and the last thousand requests unless `keeps_requests` is off.
class book {
public:
  explicit book(bool keeps_requests) : keeps_requests_(keeps_requests) {}

  std::uint64_t accepted = 0;  ///< Connections.
  std::uint64_t open = 0;      ///< Connections without those that only asked /__fake/.
  std::uint64_t completed = 0; ///< Answers sent to their end.
  std::uint64_t aborted = 0;   ///< Answers whose client went away before their end.
  std::uint64_t malformed = 0; ///< Requests that broke HTTP's rules.

  /// A request arrived on connection `connection` and begins to be answered.
  void add(const request_head& head, std::string_view body, std::string_view model,
           std::uint64_t connection);

  /// The answer of one added request ended.
  void end(bool whole);

  /// Forgets everything but what is open now.
  void clear();

  nlohmann::json stats() const;
  nlohmann::json requests() const;
  const std::string& last_body() const { return last_body_; }

private:
  struct seen {
    std::int64_t at_ms;
    std::uint64_t connection;
    std::string method, target, model, body_sha256;
    std::size_t body_length;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  using counts = std::map<std::string, std::uint64_t, std::less<>>;

  static nlohmann::json to_json(const seen& s);
  static void count(counts& of, std::string_view name);

  bool keeps_requests_;
  std::uint64_t requests_ = 0;
  std::uint64_t running_ = 0;
  std::uint64_t most_running_ = 0;
  counts by_path_;
  counts by_model_;
  counts by_key_;
  std::deque<seen> log_;
  std::string last_body_;
};

} // namespace axonhub::fake
