#include "net/stream_translation.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "llm/splice.hpp"

namespace axonhub::net {

using llm::event_kind;

stream_translation::stream_translation(llm::conversion_memory memory)
    : dialect_(memory.client), how_(std::make_unique<llm::stream_converter>(std::move(memory))) {}

stream_translation::taken stream_translation::take(std::string_view event) {
  written_.clear();
  if (auto* made = std::get_if<converter>(&how_)) {
    const auto kind = (*made)->convert(event, written_);
    return {kind, written_};
  }
  auto& meter = std::get<llm::stream_meter>(how_);
  const auto kind = meter.observe(event);
  if (dialect_ == llm::dialect::openai_responses)
    next_number_ = number_behind(event, kind);
  const auto named = client_model_.empty() ? std::nullopt : meter.model_value();
  if (!named)
    return {kind, event};
  const auto renamed = llm::splice_name(event, *named, client_model_);
  written_.append(renamed.before).append(renamed.replacement).append(renamed.after);
  return {kind, written_};
}

/// Some upstreams number their keep-alives, too, some begin with 1, and some do not number at all.
std::uint64_t stream_translation::number_behind(std::string_view event, event_kind kind) const {
  constexpr std::string_view key = "\"sequence_number\":"; // inside a text its quotes are escaped
  const auto at = event.find(key);
  if (at == std::string_view::npos)
    return next_number_ + (kind == event_kind::ping || kind == event_kind::other ? 0 : 1);
  const auto value = event.substr(at + key.size());
  const auto digits = value.substr(std::min(value.find_first_not_of(' '), value.size()));
  const auto told =
      parse_decimal<std::uint64_t>(digits.substr(0, digits.find_first_not_of("0123456789")));
  return std::max(next_number_, told.value_or(next_number_)) + 1;
}

stream_translation::taken stream_translation::end() {
  written_.clear();
  if (auto* made = std::get_if<converter>(&how_)) {
    const auto kind = (*made)->finish(written_);
    return {kind, written_};
  }
  const auto complete = std::get<llm::stream_meter>(how_).may_end();
  return {complete ? event_kind::terminal : event_kind::malformed, {}};
}

std::string stream_translation::fail(llm::client_error e, std::string_view message,
                                     std::string_view request_id,
                                     std::optional<milliseconds> retry_after) {
  auto* made = std::get_if<converter>(&how_);
  if (made == nullptr)
    return llm::error_event(dialect_, e, message, request_id, next_number_, retry_after);
  auto out = std::string{};
  (*made)->fail(e, message, out, retry_after);
  return out;
}

bool stream_translation::may_fail_yet() const {
  const auto* meter = std::get_if<llm::stream_meter>(&how_);
  return meter != nullptr && meter->may_fail_yet();
}

const llm::usage& stream_translation::seen() const {
  const auto* made = std::get_if<converter>(&how_);
  return made != nullptr ? (*made)->seen() : std::get<llm::stream_meter>(how_).seen();
}

const llm::upstream_error& stream_translation::error() const {
  const auto* made = std::get_if<converter>(&how_);
  return made != nullptr ? (*made)->error() : std::get<llm::stream_meter>(how_).error();
}

llm::mended_text stream_translation::mended() const {
  const auto* made = std::get_if<converter>(&how_);
  return made != nullptr ? (*made)->mended() : llm::mended_text{};
}

std::string_view stream_translation::problem() const {
  const auto* made = std::get_if<converter>(&how_);
  return made != nullptr ? (*made)->problem()
                         : std::string_view{"An event of the stream is no JSON"};
}

std::string_view stream_translation::breach() const {
  const auto* made = std::get_if<converter>(&how_);
  return made != nullptr ? (*made)->breach() : std::string_view{};
}

std::string_view stream_translation::trail() const {
  const auto* made = std::get_if<converter>(&how_);
  return made != nullptr ? (*made)->trail() : std::string_view{};
}

} // namespace axonhub::net
