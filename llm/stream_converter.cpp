#include "llm/stream_converter.hpp"

#include "llm/anthropic_writer.hpp"
#include "llm/chat_writer.hpp"
#include "llm/client_tool.hpp"
#include "llm/responses_writer.hpp"

namespace axonhub::llm {
namespace {

std::unique_ptr<stream_writer> make_writer(const conversion_memory& memory) {
  switch (memory.client) {
    case dialect::openai_chat:
      return std::make_unique<chat_writer>(memory);
    case dialect::openai_responses:
      return std::make_unique<responses_writer>(memory);
    case dialect::anthropic:
      break;
  }
  return std::make_unique<anthropic_writer>(memory);
}

} // namespace

stream_converter::stream_converter(conversion_memory memory)
    : memory_(std::move(memory)),
      reader_(make_answer_reader(memory_.upstream, id_stem(memory_.answer_id))),
      writer_(make_writer(memory_)),
      pairs_(*writer_) {}

stream_converter::~stream_converter() = default;

event_kind stream_converter::convert(std::string_view event, std::string& out) {
  if (is_over_)
    return event_kind::other;
  writer_->write_to(out);
  return settle(reader_->read(event, pairs_));
}

event_kind stream_converter::finish(std::string& out) {
  if (is_over_)
    return event_kind::other;
  writer_->write_to(out);
  return settle(reader_->read_end(pairs_));
}

void stream_converter::fail(client_error e, std::string_view message, std::string& out,
                            std::optional<milliseconds> retry_after) {
  is_over_ = true;
  writer_->write_to(out);
  writer_->fail(judge_error(e, message, retry_after));
}

mended_text stream_converter::mended() const {
  auto all = reader_->facts().mended;
  all.surrogates += pairs_.replaced();
  return all;
}

event_kind stream_converter::settle(event_kind kind) {
  const auto breach = writer_->breach();
  if (kind == event_kind::malformed || !breach.empty()) {
    problem_ = breach.empty() ? reader_->problem() : breach;
    is_over_ = true;
    return event_kind::malformed;
  }
  if (kind == event_kind::error)
    writer_->fail(judge_error(0, reader_->error()));
  is_over_ = kind == event_kind::error || kind == event_kind::terminal;
  return kind;
}

} // namespace axonhub::llm
