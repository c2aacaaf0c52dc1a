#include "net/stream_translation.hpp"

#include <utility>

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
  events_ += kind == event_kind::ping || kind == event_kind::other ? 0 : 1;
  const auto named = client_model_.empty() ? std::nullopt : meter.model_value();
  if (!named)
    return {kind, event};
  const auto renamed = llm::splice_name(event, *named, client_model_);
  written_.append(renamed.before).append(renamed.replacement).append(renamed.after);
  return {kind, written_};
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
    return llm::error_event(dialect_, e, message, request_id, events_, retry_after);
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
