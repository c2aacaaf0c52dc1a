#pragma once

#include <string>
#include <string_view>

#include "llm/dialect.hpp"
#include "llm/error_body.hpp"
#include "net/http_write.hpp"

namespace axonhub::net {

/// A whole answer to a client.
struct answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string fields{}; ///< More field lines, each with its line end.
  std::string body{};
  bool close = false; ///< The connection ends after it.
};

/// Where the SDKs of a dialect look for the request's id.
std::string_view request_id_field(llm::dialect d);

/// An error of ours in the client's dialect, with the request's id, if there is one, as every
/// answer has it. Our own 4xx tell the client not to retry.
answer error_answer(llm::dialect d, llm::client_error e, std::string_view message,
                    std::string_view request_id);

/// An error of the admin API: RFC 9457.
answer problem_answer(int status, std::string_view detail);

} // namespace axonhub::net
