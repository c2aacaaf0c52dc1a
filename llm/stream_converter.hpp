#pragma once

#include "llm/answer_reader.hpp"
#include "llm/conversion.hpp"
#include "llm/pair_joiner.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// Converts one stream from the upstream's dialect to the client's, event by event. What it writes
/// is whole events and keeps to the grammar of the client's dialect: a guard watches every step.
/// Texts, arguments and numbers are copied as they came, never decoded.
class stream_converter {
public:
  explicit stream_converter(conversion_memory memory);
  stream_converter(const stream_converter&) = delete;
  stream_converter& operator=(const stream_converter&) = delete;
  ~stream_converter();

  /// Takes one whole event of the upstream, as event_splitter reports it, appends what the client
  /// gets for it (often several events, sometimes none) to `out`, and says what it means:
  ///   start, content, closing, terminal, ping, other: as the meters say it;
  ///   error: the upstream gave up; error() says why, and `out` ends with the client's error event;
  ///   malformed: no going on, problem() says why, and fail() is due; what `out` got is well.
  /// After terminal, error and malformed everything is `other`.
  event_kind convert(std::string_view event, std::string& out);

  /// The upstream's stream ended. Terminal when that completes the answer (Chat without [DONE]);
  /// malformed when it is cut; other when it was over before.
  event_kind finish(std::string& out);

  /// Ends the client's stream with an error of ours, unless it has ended already.
  void fail(client_error e, std::string_view message, std::string& out,
            std::optional<milliseconds> retry_after = {});

  /// The upstream's numbers so far.
  const usage& seen() const { return reader_->facts().tokens; }
  const upstream_error& error() const { return reader_->error(); }
  std::string_view problem() const { return problem_; }
  /// What was replaced in the upstream's text.
  mended_text mended() const;

  /// The rule that the client's stream would have broken, and the steps up to it (stream_trail):
  /// empty unless that is why it was malformed. No content of the answer is in either.
  std::string_view breach() const { return writer_->breach(); }
  std::string_view trail() const { return writer_->evidence(); }

  /// The upstream's, in its own words.
  std::string_view message_id() const { return reader_->facts().id; }
  std::string_view model() const { return reader_->facts().model; }
  std::string_view stop_reason() const { return reader_->facts().stop_reason; }

private:
  event_kind settle(event_kind kind);

  conversion_memory memory_;
  std::unique_ptr<answer_reader> reader_;
  std::unique_ptr<stream_writer> writer_;
  pair_joiner pairs_; // before the writer
  std::string problem_;
  bool is_over_ = false;
};

} // namespace axonhub::llm
