#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "actors/protocol.hpp"
#include "llm/clean_request.hpp"
#include "llm/conversion.hpp"
#include "llm/sse.hpp"
#include "net/client_request.hpp"
#include "net/dial.hpp"
#include "net/event_batch.hpp"
#include "net/outgoing_body.hpp"
#include "net/stream_translation.hpp"
#include "net/upstream_reader.hpp"
#include "policy/exchange.hpp"

namespace axonhub::net {

/// A lease in hand; it goes back to its channel, with its outcome or without.
class held_lease {
public:
  held_lease() = default;
  ~held_lease() { give_back(); }
  held_lease(const held_lease&) = delete;
  held_lease& operator=(const held_lease&) = delete;

  void take(policy::lease what, actors::channel_actor from);
  /// Something was sent under it, or soon will be.
  void use() { unused_ = false; }
  /// It is still in use: says so now and then.
  void keep(steady_time now);
  steady_time keep_at() const { return keep_at_; }
  /// The attempt answers well: tells who waits for that.
  void is_alive();
  /// As it came: nothing was learnt.
  void give_back() { give_back({}, true, 0); }
  void give_back(std::optional<policy::attempt_failure> failed, bool neutral,
                 std::optional<std::uint64_t> tokens, bool slow = false);
  const policy::lease& what() const { return *lease_; }
  bool is_held() const { return lease_.has_value(); }

private:
  std::optional<policy::lease> lease_;
  actors::channel_actor owner_;
  steady_time keep_at_ = steady_time::max();
  bool unused_ = true;
};

/// One request's way over its attempts. Lives in the frame of forward(), so it can rely on its
/// address.
class forwarding {
public:
  explicit forwarding(client_request& r);
  ~forwarding();
  forwarding(const forwarding&) = delete;
  forwarding& operator=(const forwarding&) = delete;

  task<void> run();

private:
  using step = policy::step;

  /// An upstream's answer that is no success, for when the client should read it.
  struct kept_error {
    llm::dialect dialect = llm::dialect::anthropic;
    std::uint16_t status = 0;
    bool has_retry_after = false;
    std::string content_type;
    std::string fields;
    std::string body;
  };

  /// Another text of the same request.
  struct peeked_text {
    std::string text;
    llm::request_peek peek;
  };

  /// What the relay's last look at the stream led to.
  enum class flow : std::uint8_t { on, finished, failed, gone };

  // Routing.
  task<step> route();
  actors::route_request next_question(const ready_plan& plan, std::vector<policy::refusal>& unfit);
  task<void> find_needs(const ready_plan& plan);
  task<result<actors::trace_actor>> find_trace(bool may_be_old);
  step take_lease(actors::route_answer& said);
  std::optional<policy::decimal> leaving_cost(const policy::decision& made) const;
  step spend_retry(const policy::lease& granted, bool may_drop_thinking);
  std::optional<std::uint64_t> used_tokens(
      const std::optional<policy::attempt_failure>& failed = std::nullopt) const;
  task<step> attempt(step how);

  // One attempt.
  task<std::optional<policy::attempt_failure>> try_upstream(bool fresh);
  task<std::optional<policy::attempt_failure>> prepare_request();
  task<std::optional<policy::attempt_failure>> convert_request(const llm::upstream_traits& to);
  task<void> cut_foreign_thoughts();
  bool may_hold_foreign_thoughts() const;
  std::optional<peeked_text> without_thoughts(llm::foreign_thoughts which) const;
  task<bool> drop_thoughts();
  void fit_answer(llm::upstream_traits& traits) const;
  task<std::optional<policy::attempt_failure>> answer_estimate();
  task<std::optional<policy::attempt_failure>> connect(bool fresh);
  task<std::optional<policy::attempt_failure>> send_request();
  task<std::optional<policy::attempt_failure>> read_head();
  task<std::optional<policy::attempt_failure>> read_refusal();
  task<std::optional<policy::attempt_failure>> take_answer();
  task<std::optional<policy::attempt_failure>> relay_stream();
  task<flow> take_events(std::string_view fresh, std::optional<policy::attempt_failure>& failed);
  task<std::size_t> take_large(event_batch& batch, flow& state,
                               std::optional<policy::attempt_failure>& failed);
  flow take_event(std::string_view event, stream_translation::taken what, std::size_t offset,
                  event_batch& batch, std::optional<policy::attempt_failure>& failed);
  task<bool> end_stream();
  void client_left();
  bool is_draining() const { return drain_until_ != steady_time::max(); }
  task<bool> show(std::span<const std::string_view> bytes, bool last);
  void tell_breach() const;
  void begin_answer(event_batch& batch);
  task<error_code> wait_upstream(steady_time limit);
  task<bool> keep_client_alive();
  const policy::credential* credential() const; // of the lease in hand; nullptr: removed
  bool shows_credential(std::string_view text) const;
  void hide_credential(std::string& text) const;
  policy::attempt_failure told_failure(const llm::upstream_error& said) const;
  policy::attempt_failure unreadable(std::string why) const;
  policy::attempt_failure broken_upstream(upstream_reader::state how) const;
  policy::attempt_failure timed_out(policy::failure_kind kind);
  steady_time last_moment() const;
  bool is_converted() const { return spoken_ != r_.record.dialect; }
  void commit();
  void append_decision(std::string& out) const;
  std::string head_fields(bool with_upstream) const;
  void release_connection();

  // Endings.
  task<void> answer_error(step how);
  void finish();
  bool is_visiting() const;
  void count_mended(const llm::mended_text& mended) const;
  bool home_is_gone() const;
  void end_attempt(const std::optional<policy::attempt_failure>& failed);
  void record_use();
  void give_lease_back(std::optional<policy::attempt_failure> failed);
  void publish(std::string_view type) const;

  client_request& r_;
  session& client_;
  worker& here_;
  policy::exchange exchange_;
  actors::trace_actor trace_;
  policy::retry_budget::active_request active_;
  policy::retry_budget::share extra_; // until the attempt under way is answered, where it needs one
  held_lease lease_;
  const policy::channel* channel_ = nullptr; // in world_
  actors::world_ptr world_;
  upstream_target_ptr target_;
  connection_ptr upstream_;
  bool reused_ = false;
  llm::dialect spoken_ = llm::dialect::anthropic; // by the channel of the attempt under way
  body_ticket converted_memory_;
  body_ticket held_memory_; // of what the client must not see yet, where that is much
  std::string converted_;   // what it is sent, where that is not r_.body
  std::unique_ptr<llm::request_peek> cut_peek_;  // of what is sent, where thoughts were cut
  std::optional<llm::conversion_memory> memory_; // of a request that was converted
  bool converted_thoughts_ = false;              // such a request holds thoughts of the history
  bool without_thoughts_ = false;                // conversions leave those out from now on
  outgoing_body sending_;
  bool sent_ = false;                           // the whole request
  actors::candidate_set asked_;                 // while one of them is sought, or waited for
  std::vector<actors::failed_attempt> avoided_; // in trouble, and no leave to try them
  cancel_scope cancel_;
  upstream_reader reader_;
  llm::event_splitter splitter_;
  std::optional<stream_translation> stream_; // of the attempt under way, or the last one
  std::string tail_;                         // an event that is not complete yet
  steady_time tail_since_;                   // when its first bytes came
  kept_error refusal_;
  steady_time give_up_at_; // the request as a whole, until its stream begins
  steady_time ping_at_;    // of a stream that is silent
  steady_time last_bytes_;
  steady_time last_progress_; // other events than pings
  steady_time attempt_began_;
  std::chrono::steady_clock::duration waited_{0};
  bool gone_ = false;                            // the client
  steady_time drain_until_ = steady_time::max(); // where its usage is worth that
  bool upstream_spoke_last_ = false;             // its own error event has ended the stream
  bool counted_as_stream_ = false;
  bool has_counted_ = false; // the tokens of the request, not only guessed
  std::optional<live_requests::entry> live_;
};

} // namespace axonhub::net
