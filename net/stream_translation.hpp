#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "llm/conversion.hpp"
#include "llm/stream_converter.hpp"
#include "llm/stream_meter.hpp"

namespace axonhub::net {

/// One upstream stream on its way to the client: the very bytes where both speak the same dialect,
/// but for the model's name; converted events otherwise.
class stream_translation {
public:
  /// Same dialect. `client_model` replaces the upstream's name; empty: it stays.
  stream_translation(llm::dialect d, std::string client_model)
      : dialect_(d), client_model_(std::move(client_model)), how_(llm::stream_meter{d}) {}

  explicit stream_translation(llm::conversion_memory memory);

  struct taken {
    llm::event_kind kind = llm::event_kind::other;
    std::string_view shown; ///< What the client gets: the event itself, or a text of ours, which
                            ///< lasts until the next event.
  };

  /// One whole event of the upstream, as event_splitter reports it.
  taken take(std::string_view event);

  /// The upstream ended its stream: terminal where that completes the answer, else malformed.
  taken end();

  /// The client's last event when the answer cannot be completed.
  std::string fail(llm::client_error e, std::string_view message, std::string_view request_id,
                   std::optional<milliseconds> retry_after = {});

  /// Behind an error: whether an event should follow before the client knows that it is the end.
  bool may_fail_yet() const;
  /// The number of an event of ours behind the upstream's.
  std::uint64_t next_number() const { return next_number_; }

  const llm::usage& seen() const;
  const llm::upstream_error& error() const;
  /// What was replaced in the upstream's text, where it is converted.
  llm::mended_text mended() const;
  /// Why something was malformed, for people.
  std::string_view problem() const;
  /// As the converter says it; empty where nothing is converted.
  std::string_view breach() const;
  std::string_view trail() const;

private:
  using converter = std::unique_ptr<llm::stream_converter>;

  std::uint64_t number_behind(std::string_view event, llm::event_kind kind) const;

  llm::dialect dialect_; // the client's
  std::string client_model_;
  std::variant<llm::stream_meter, converter> how_;
  std::string written_;
  std::uint64_t next_number_ = 0; // behind those of the upstream
};

} // namespace axonhub::net
