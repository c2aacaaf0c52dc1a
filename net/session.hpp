#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "net/answer.hpp"
#include "net/connection.hpp"
#include "net/http_head.hpp"
#include "net/known_caller.hpp"
#include "net/task.hpp"
#include "net/worker.hpp"
#include "policy/record.hpp"

namespace axonhub::net {

class body_pace;
class body_ticket;

/// What a client reads whose body finds no memory.
constexpr std::string_view no_memory_text =
    "Too many large requests are in flight: try again in a second";

/// One client connection: reads requests one after the other, lets their routes answer, and keeps
/// HTTP's rules on the client's side.
class session {
public:
  session(worker& owner, connection_ptr client, bool metrics_only);

  /// Serves until the connection ends.
  task<void> run();

  worker& owner() const { return owner_; }
  connection& client() { return *client_; }
  const request_head& head() const { return head_; }
  const request_id& id() const { return id_; }
  std::string_view client_address() const { return address_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }

  /// What the metrics will say of the request in hand; the channel's name is a copy.
  struct ending {
    std::string channel{};
    std::uint16_t http_status = 0;                   ///< Filled in by what is sent.
    std::optional<policy::request_status> outcome{}; ///< Unset: what the status says.
    std::chrono::steady_clock::duration added{0};
    std::optional<std::chrono::steady_clock::duration> first_byte{};
    llm::usage tokens{};
  };
  ending& ended() { return ended_; }

  net::known_caller& known_caller() { return known_caller_; }

  /// True on the listener that has /metrics and nothing of clients.
  bool is_for_metrics() const { return metrics_only_; }

  /// Reads the request's body into `body`, with llm::body_padding free bytes behind it. Where its
  /// length is not known before, its `memory` is taken as it comes. On an error the client has its
  /// answer already.
  task<bool> read_body(std::string& body, body_ticket* memory = nullptr);

  /// Sends a whole answer. False when the client did not get it all.
  task<bool> send(const answer& a);
  /// The same with the body in parts, which replace the answer's own.
  task<bool> send(const answer& a, std::span<const std::string_view> body);

  /// Sends the head of an answer whose end nobody knows yet. `fields` are whole field lines.
  void begin_stream(int status, std::string_view content_type, std::string_view fields);
  bool stream_begun() const { return stream_begun_; }
  /// Sends a piece of that answer, at once; with `last`, its proper end too. The bytes may lie in
  /// the thread's scratch buffer.
  task<bool> write_stream(std::span<const std::string_view> bytes, bool last);
  /// Ends the connection so that nobody takes the answer so far for whole.
  void break_off();

private:
  enum class next : std::uint8_t { request, end };

  task<next> read_head();
  task<void> refuse_head(const head_error& error);
  task<bool> read_sized_body(std::string& body);
  task<bool> read_chunked_body(std::string& body, body_ticket* memory);
  task<bool> more_body(char* to, std::size_t room, std::size_t& size, body_pace& pace,
                       std::size_t so_far);
  task<bool> fail_body(llm::client_error e, std::string_view message);
  task<void> skip_body();
  void drop_buffers();
  task<void> linger();
  answer refusal(llm::client_error e, int status, std::string_view message) const;

  worker& owner_;
  connection_ptr client_;
  std::string address_;
  request_head head_;
  request_id id_;
  std::string head_bytes_; ///< What head_ looks into.
  std::string ahead_;      ///< Read and not yet used: the body's start, a pipelined request.
  bool body_read_ = false;
  bool keep_alive_ = false;
  bool metrics_only_ = false;
  bool answered_ = false;
  bool stream_begun_ = false;
  bool stream_chunked_ = false;
  std::string stream_head_; ///< Waits for the first bytes of the stream.
  std::uint64_t sent_bytes_ = 0;
  ending ended_;
  net::known_caller known_caller_;
};

} // namespace axonhub::net
