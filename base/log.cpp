#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "base/json_text.hpp"
#include "base/time.hpp"

namespace axonhub::log {
namespace {

constexpr std::size_t queued_lines = 8192;

std::shared_ptr<spdlog::details::thread_pool> pool;
std::shared_ptr<spdlog::logger> logger;
std::atomic<level> least_level{level::info};

std::string_view name_of(level l) {
  switch (l) {
    case level::debug:
      return "debug";
    case level::info:
      return "info";
    case level::warn:
      return "warn";
    case level::error:
      return "error";
  }
  return "info";
}

void append_value(std::string& line, const field& f) {
  if (const auto* text = std::get_if<std::string_view>(&f.value))
    append_json_string(line, *text);
  else if (const auto* integer = std::get_if<std::int64_t>(&f.value))
    line += std::to_string(*integer);
  else if (const auto* flag = std::get_if<bool>(&f.value))
    line += *flag ? "true" : "false";
  else
    line += fmt::format("{}", std::get<double>(f.value));
}

} // namespace

std::string to_line(level l, std::string_view event, fields f) {
  auto line = std::string{};
  line.reserve(192);
  line += "{\"at\":\"";
  line += to_rfc3339(wall_now());
  line += "\",\"level\":\"";
  line += name_of(l);
  line += "\",\"event\":";
  append_json_string(line, event);
  for (const auto& one : f) {
    line += ',';
    append_json_string(line, one.name);
    line += ':';
    append_value(line, one);
  }
  line += '}';
  return line;
}

void start(level least) {
  least_level = least;
  pool = std::make_shared<spdlog::details::thread_pool>(queued_lines, 1);
  logger = std::make_shared<spdlog::async_logger>(
      "axonhub", std::make_shared<spdlog::sinks::stdout_sink_mt>(), pool,
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
}

void stop() {
  logger.reset();
  pool.reset();
}

void set_level(level least) { least_level = least; }

std::uint64_t dropped() { return pool ? pool->overrun_counter() : 0; }

void write(level l, std::string_view event, fields f) {
  if (!logger || l < least_level.load(std::memory_order_relaxed))
    return;
  logger->log(spdlog::level::info, spdlog::string_view_t{to_line(l, event, f)});
}

} // namespace axonhub::log
