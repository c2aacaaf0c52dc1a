#include "net/http_head.hpp"

#include <algorithm>

namespace axonhub::net {

namespace {

using outcome = std::optional<head_error>;

outcome too_long(std::size_t lines) {
  if (lines == 0)
    return head_error{414, "the first line is too long"};
  return head_error{431, "a header field is too large"};
}

} // namespace

std::optional<head_error> find_head(std::string_view bytes, const head_limits& limits,
                                    head_progress& progress) {
  if (progress.size != 0 || bytes.empty())
    return {};
  if (bytes[0] < 'A' || bytes[0] > 'Z')
    return head_error{400, "a head starts with a capital letter"};
  const auto window = bytes.substr(0, limits.total_bytes);
  while (true) {
    const auto cr = window.find('\r', progress.checked);
    const auto line_bytes = std::min(cr, window.size()) - progress.line_start;
    const auto unseen = window.substr(progress.checked, cr - progress.checked);
    if (unseen.find('\n') != std::string_view::npos)
      return head_error{400, "a line feed without a carriage return"};
    if (line_bytes > limits.field_bytes)
      return too_long(progress.lines);
    if (cr == std::string_view::npos || cr + 1 == window.size()) {
      progress.checked = std::min(cr, window.size());
      break;
    }
    if (window[cr + 1] != '\n')
      return head_error{400, "a carriage return without a line feed"};
    progress.checked = cr + 2;
    if (cr == progress.line_start) {
      progress.size = cr + 2;
      return {};
    }
    progress.line_start = cr + 2;
    if (++progress.lines > limits.fields + 1)
      return head_error{431, "too many header fields"};
  }
  if (bytes.size() >= limits.total_bytes)
    return head_error{431, "the head is too large"};
  return {};
}

} // namespace axonhub::net
