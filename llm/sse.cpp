#include "llm/sse.hpp"

#include <utility>

namespace axonhub::llm {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct field {
  std::string_view name, value;
};

/// The lines of one event, one after the other.
class line_reader {
public:
  explicit line_reader(std::string_view event) : rest_(event) {
    if (rest_.starts_with(byte_order_mark))
      rest_.remove_prefix(byte_order_mark.size());
  }

  bool next(field& f) {
    if (rest_.empty())
      return false;
    const auto is_end = [](char c) { return c == '\n' || c == '\r'; };
    const auto end =
        static_cast<std::size_t>(std::find_if(rest_.begin(), rest_.end(), is_end) - rest_.begin());
    const auto line = rest_.substr(0, end);
    const auto crlf = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(rest_.size(), end + (crlf ? 2 : 1)));
    const auto colon = std::min(line.find(':'), line.size());
    f = {line.substr(0, colon), line.substr(std::min(line.size(), colon + 1))};
    if (f.value.starts_with(' '))
      f.value.remove_prefix(1);
    return true;
  }

private:
  std::string_view rest_;
};

} // namespace

std::string_view event_name(std::string_view event) {
  auto lines = line_reader{event};
  for (auto f = field{}; lines.next(f);)
    if (f.name == "event")
      return f.value;
  return {};
}

event_fields read_event(std::string_view event, std::string& joined) {
  auto fields = event_fields{};
  auto data_lines = 0;
  auto has_name = false;
  auto lines = line_reader{event};
  for (auto f = field{}; lines.next(f);) {
    if (f.name == "event" && !std::exchange(has_name, true))
      fields.event = f.value;
    if (f.name != "data")
      continue;
    if (++data_lines == 1) {
      fields.data = f.value;
      continue;
    }
    if (data_lines == 2)
      joined = fields.data;
    joined += '\n';
    joined += f.value;
    fields.data = joined;
  }
  fields.has_data = data_lines > 0;
  return fields;
}

std::size_t to_event_offset(std::string_view event, std::size_t offset) {
  auto lines = line_reader{event};
  for (auto f = field{}; lines.next(f);) {
    if (f.name != "data")
      continue;
    if (offset <= f.value.size())
      return static_cast<std::size_t>(f.value.data() - event.data()) + offset;
    offset -= f.value.size() + 1; // the LF between two lines
  }
  return event.size();
}

} // namespace axonhub::llm
