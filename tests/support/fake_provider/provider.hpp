#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "tests/support/fake_provider/answer.hpp"
#include "tests/support/fake_provider/book.hpp"
#include "tests/support/fake_provider/call.hpp"
#include "tests/support/fake_provider/fault.hpp"

namespace axonhub::fake {

/// One complete request and where it came from.
struct request {
  const request_head& head;
  std::string_view body;
  std::size_t capacity = 0; ///< Bytes that may be read from the body's start on.
  std::uint64_t connection = 0;
  std::uint64_t number = 1; ///< Counts the requests of the connection.
};

/// What tests change while the provider runs.
struct settings {
  std::optional<fault> wrong; ///< Meets every request, whatever its model and key.
  std::uint64_t left = 0;     ///< How many requests it still meets; 0 stands for every one.
  std::string path;           ///< Only requests whose path holds this text.
  answer_shape shape;
  milliseconds interval{0};
  milliseconds delay{0};
  std::string tool;                     ///< Which tool is called; empty leaves it to the request.
  std::vector<std::string> tool_inputs; ///< Two JSON texts for it.
  std::string extra_headers;            ///< Complete lines, in each good answer.
  std::string oauth_usage;              ///< A JSON text; empty answers 404.
};

/// A provider's mind: it decides every answer and remembers what it saw.
class provider {
public:
  provider(std::string name, bool keeps_requests) : seen(keeps_requests), name_(std::move(name)) {}

  book seen;

  /// The answer to a request; it counts as running until `seen.end`.
  answer respond(const request& r);

  /// A reset or close that meets this head before its body is read; nothing for any other.
  std::optional<answer> refuse_at_head(const request_head& head, std::uint64_t connection);

  /// The answer to a request under /__fake/, which is not counted.
  std::string control(const request_head& head, std::string_view body);

  /// True for a request under /__fake/.
  static bool is_control(const request_head& head);

private:
  std::optional<fault> standing_fault(const request_head& head) const;
  fault choose_fault(const request_head& head, std::string_view model);
  usage count_tokens(const call& c);
  std::string configure(std::string_view body);

  std::string name_;
  settings set_;
  std::unordered_map<std::string, std::uint64_t>
      met_; ///< By the model or key that names a limited fault.
  std::unordered_map<std::string, std::size_t> cached_; ///< Tokens by conversation.
};

} // namespace axonhub::fake
