#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace axonhub::fake {

/// The head of one request. The views point into the bytes that were parsed.
struct request_head {
  std::string_view method;
  std::string_view target; ///< With its query.
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::size_t size = 0; ///< Bytes of the head with its empty line.
  std::size_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;

  /// The target without its query.
  std::string_view path() const { return target.substr(0, target.find('?')); }

  /// The first value of that name, ignoring case; empty when there is none.
  std::string_view header(std::string_view name) const;

  /// What authenticates: the x-api-key, else the bearer token; empty when there is none.
  std::string_view credential() const;
};

enum class progress { incomplete, complete, malformed };

/// Reads a head from the start of `bytes`. It is as strict as a provider's edge is: line feeds
/// alone, two lengths, folded lines and blanks before a colon are malformed.
progress parse_head(std::string_view bytes, request_head& head);

/// Joins the chunks at the start of `bytes`; `used` tells how many bytes they took.
progress join_chunks(std::string_view bytes, std::string& body, std::size_t& used);

} // namespace axonhub::fake
