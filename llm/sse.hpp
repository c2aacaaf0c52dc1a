#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace axonhub::llm {

/// Finds the borders of server-sent events in a byte stream. Lines end in LF, CRLF or CR; a blank
/// line ends an event. What it reports is the stream's own bytes, none left out: comments, a BOM
/// and superfluous blank lines come as events without fields.
class event_splitter {
public:
  /// `bytes` starts with what the previous call left over. Calls on_event(std::string_view) for
  /// each complete event, its blank line included, and returns how many bytes these were. Each byte
  /// is looked at once, however the stream is cut. Where a cut falls between the CR and the LF of
  /// the blank line, the event ends at the CR and the LF is reported as an event of its own.
  template <class F>
  std::size_t feed(std::string_view bytes, F&& on_event) {
    auto event_start = std::size_t{0};
    auto at = scanned_;
    auto ends = line_ends{bytes, at};
    while (at < bytes.size()) {
      if (std::exchange(after_cr_, false) && bytes[at] == '\n') {
        ++at; // the cut fell inside the CRLF of a line with text
        continue;
      }
      const auto end = ends.next(at);
      line_empty_ = line_empty_ && end == at;
      at = end;
      if (end == bytes.size())
        break;
      at += bytes.substr(end).starts_with("\r\n") ? 2 : 1;
      if (!std::exchange(line_empty_, true)) {
        after_cr_ = at == bytes.size() && bytes[at - 1] == '\r';
        continue;
      }
      on_event(bytes.substr(event_start, at - event_start));
      event_start = at;
    }
    scanned_ = bytes.size() - event_start;
    return event_start;
  }

private:
  /// The next CR or LF, remembering the one that was not nearest.
  struct line_ends {
    std::string_view bytes;
    std::size_t lf, cr;

    line_ends(std::string_view b, std::size_t from)
        : bytes(b), lf(find('\n', from)), cr(find('\r', from)) {}
    std::size_t find(char c, std::size_t from) const {
      return std::min(bytes.find(c, from), bytes.size());
    }
    std::size_t next(std::size_t from) {
      if (lf < from)
        lf = find('\n', from);
      if (cr < from)
        cr = find('\r', from);
      return std::min(lf, cr);
    }
  };

  std::size_t scanned_ = 0; // of the bytes left over
  bool line_empty_ = true;  // nothing on the current line yet
  bool after_cr_ = false;   // the last byte is a CR that ended a line with text
};

/// What an event says. `event` is its first event line's value.
struct event_fields {
  std::string_view event;
  std::string_view data;
  bool has_data = false;
};

/// The value of the event's first `event` line, or empty. Reads no further than that.
std::string_view event_name(std::string_view event);

/// OpenAI's last line. Some send blanks behind it.
constexpr bool is_done_mark(std::string_view data) {
  return data.starts_with("[DONE]") && data.find_first_not_of(" \t", 6) == std::string_view::npos;
}

/// Reads an event as event_splitter reports it. Several data lines are joined by LF in `joined`;
/// otherwise `data` looks into `event`.
event_fields read_event(std::string_view event, std::string& joined);

/// Where the byte at `offset` of read_event's data lies inside the event.
std::size_t to_event_offset(std::string_view event, std::size_t offset);

} // namespace axonhub::llm
