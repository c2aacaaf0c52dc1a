#include "tests/support/fake_provider/fault.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace axonhub::fake {

namespace {

struct named_fault {
  std::string_view name;
  fault_kind kind;
  std::uint64_t number = 0; ///< Where none is given.
  std::uint32_t status = 0;
};

/// A name that begins with another one stands before it.
constexpr named_fault known[] = {
    {"reset", fault_kind::reset},
    {"close", fault_kind::close},
    {"stale", fault_kind::stale},
    {"hang-head", fault_kind::hang_head},
    {"hang", fault_kind::hang},
    {"drip", fault_kind::drip, 20},
    {"cut-bytes", fault_kind::cut_bytes},
    {"cut", fault_kind::cut},
    {"error-event", fault_kind::error_event},
    {"error-after", fault_kind::error_after},
    {"status", fault_kind::status, 500},
    {"429", fault_kind::retry_after, 1, 429},
    {"503", fault_kind::retry_after, 1, 503},
    {"529", fault_kind::retry_after, 1, 529},
    {"retry-date", fault_kind::retry_date, 30},
    {"garbage", fault_kind::garbage},
    {"html", fault_kind::html},
    {"badjson", fault_kind::badjson},
    {"badlength", fault_kind::badlength},
    {"both-lengths", fault_kind::both_lengths},
    {"bigheader", fault_kind::bigheader},
    {"flood-1xx", fault_kind::flood_1xx},
    {"redirect", fault_kind::redirect, 307},
    {"notfound-model", fault_kind::notfound_model},
    {"signature", fault_kind::signature},
    {"slow-first", fault_kind::slow_first, 100},
    {"paced", fault_kind::paced, 20},
    {"no-stop", fault_kind::no_stop},
    {"sse-crlf", fault_kind::sse_crlf},
    {"gzip", fault_kind::gzip},
};

/// Takes "-123" from the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view mark) {
  if (!text.starts_with(mark))
    return std::nullopt;
  const auto digits = text.substr(mark.size());
  const auto end = std::min(digits.find_first_not_of("0123456789"), digits.size());
  const auto number = parse_decimal<std::uint64_t>(digits.substr(0, end));
  if (number)
    text.remove_prefix(mark.size() + end);
  return number;
}

} // namespace

std::optional<fault> parse_fault(std::string_view text) {
  const auto* found = std::ranges::find_if(
      known, [text](const named_fault& k) { return text.starts_with(k.name); });
  if (found == std::end(known))
    return std::nullopt;
  auto rest = text.substr(found->name.size());
  auto parsed = fault{.kind = found->kind, .number = found->number, .status = found->status};
  if (const auto number = take_number(rest, "-"))
    parsed.number = *number;
  if (const auto times = take_number(rest, "-x"))
    parsed.times = *times;
  if (parsed.kind == fault_kind::status)
    parsed.status = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(parsed.number, 200, 999));
  return parsed;
}

std::optional<fault> find_fault(std::string_view text) {
  constexpr auto word = std::string_view{"fault-"};
  const auto at = text.find(word);
  if (at == std::string_view::npos)
    return std::nullopt;
  return parse_fault(text.substr(at + word.size()));
}

} // namespace axonhub::fake
