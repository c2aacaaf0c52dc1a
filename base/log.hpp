#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace axonhub::log {

enum class level : std::uint8_t { debug, info, warn, error };

/// One name and its value in a log line. Secrets do not convert to one.
struct field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  field(std::string_view n, std::string_view v) : name(n), value(v) {}
  field(std::string_view n, const char* v) : name(n), value(std::string_view{v}) {}
  field(std::string_view n, bool v) : name(n), value(v) {}
  field(std::string_view n, double v) : name(n), value(v) {}
  template <class Integer>
  requires std::is_integral_v<Integer> field(std::string_view n, Integer v)
      : name(n), value(static_cast<std::int64_t>(v)) {}
};

using fields = std::initializer_list<field>;

/// Starts the writer: one JSON line per event on standard output, through a bounded queue with its
/// own thread that drops the oldest lines, and counts them, when the output blocks.
void start(level least);

/// Writes what is queued, for at most a second, and ends the writer.
void stop();

void set_level(level least);

/// Lines lost to a blocked output since the start.
std::uint64_t dropped();

void write(level l, std::string_view event, fields f = {});

inline void debug(std::string_view event, fields f = {}) { write(level::debug, event, f); }
inline void info(std::string_view event, fields f = {}) { write(level::info, event, f); }
inline void warn(std::string_view event, fields f = {}) { write(level::warn, event, f); }
inline void error(std::string_view event, fields f = {}) { write(level::error, event, f); }

/// The line that write() queues, without its line feed: for tests and for the start-up errors.
std::string to_line(level l, std::string_view event, fields f);

} // namespace axonhub::log
