// The borders of server-sent events, and the meters that watch them: the same however they are cut.

#include "llm/sse.hpp"
#include "llm/stream_meter.hpp"
#include "tests/fuzz/input.hpp"

#include <vector>

using namespace axonhub;
using namespace axonhub::fuzz;

namespace {

/// The borders reported must hold the stream's own bytes, none left out.
std::string split(const input& in, unsigned char cuts, std::vector<std::string>& events) {
  auto told = std::string{};
  auto splitter = llm::event_splitter{};
  const auto left = feed_in_pieces(in.text, cuts, [&](std::string_view pending) {
    auto size = std::size_t{0};
    const auto done = splitter.feed(pending, [&](std::string_view event) {
      size += event.size();
      told += event;
      auto joined = std::string{};
      const auto fields = llm::read_event(event, joined);
      demand(fields.event == llm::event_name(event), "event_name() is read_event()'s");
      if (fields.has_data || !fields.event.empty())
        events.push_back(std::string{fields.event} + '\n' + std::string{fields.data});
    });
    demand(done == size, "feed() returns the size of what it reported");
    return done;
  });
  demand(told + left == in.text, "no byte is lost or told twice");
  return left;
}

void check_offsets(std::string_view event) {
  auto joined = std::string{};
  const auto fields = llm::read_event(event, joined);
  const auto step = 1 + fields.data.size() / 64;
  for (auto i = std::size_t{0}; i < fields.data.size(); i += step) {
    const auto at = llm::to_event_offset(event, i);
    // Lines are joined by LF, whichever line end stands in the event.
    demand(at < event.size() && (event[at] == fields.data[i] || fields.data[i] == '\n'),
           "to_event_offset() finds the byte", event);
  }
}

struct reading {
  std::vector<llm::event_kind> kinds;
  std::string texts;
  llm::usage tokens;
  bool may_end = false;

  friend bool operator==(const reading&, const reading&) = default;
};

reading watch(const input& in, llm::dialect d, unsigned char cuts) {
  auto meter = llm::stream_meter{d};
  auto splitter = llm::event_splitter{};
  auto result = reading{};
  feed_in_pieces(in.text, cuts, [&](std::string_view pending) {
    return splitter.feed(pending, [&](std::string_view event) {
      if (const auto kind = meter.observe(event); kind != llm::event_kind::other)
        result.kinds.push_back(kind);
      if (const auto model = meter.model_value())
        demand(model->size >= 2 && model->offset + model->size <= event.size() &&
                   event[model->offset] == '"' && event[model->offset + model->size - 1] == '"',
               "the model stands in quotes", event);
    });
  });
  result.tokens = meter.seen();
  result.may_end = meter.may_end();
  for (const auto text : {meter.message_id(), meter.model(), meter.stop_reason(),
                          std::string_view{meter.error().message}})
    result.texts.append(text) += '\n';
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = input{data, size};
  if (const auto d = in.choice % 4; d < 3) {
    const auto whole = watch(in, static_cast<llm::dialect>(d), 0);
    demand(watch(in, static_cast<llm::dialect>(d), in.cuts) == whole, "a meter sees no cuts");
    return 0;
  }
  auto whole = std::vector<std::string>{}, cut = std::vector<std::string>{};
  const auto left = split(in, 0, whole);
  demand(split(in, in.cuts, cut) == left, "the same is left over");
  demand(whole == cut, "the same events");
  llm::event_splitter{}.feed(in.text, check_offsets);
  return 0;
}
