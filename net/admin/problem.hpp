#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/answer.hpp"

namespace axonhub::net {

/// Why a call of the admin API is refused. Readers of a body nest deeply and a refusal ends the
/// call from wherever it is found: so it is thrown, and serve_admin() answers it.
struct problem {
  struct error {
    std::string pointer; ///< JSON pointer into the request's body: "/weight"
    std::string detail;
  };

  int status = 400;
  std::string detail{};
  std::vector<error> errors{};
};

[[noreturn]] void refuse(int status, std::string detail);

/// 400 for one field of the body.
[[noreturn]] void refuse_field(std::string_view pointer, std::string detail);

/// RFC 9457, with the fields that are wrong.
answer to_answer(const problem& p);

} // namespace axonhub::net
