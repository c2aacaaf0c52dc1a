#include "config/notice.hpp"

namespace axonhub::config {

std::string to_string(const notice& n) {
  auto out = n.source;
  if (n.line > 0)
    out.append(":").append(std::to_string(n.line));
  for (const auto& part : {n.key, n.text})
    if (!part.empty())
      out.append(out.empty() ? "" : ": ").append(part);
  return out;
}

} // namespace axonhub::config
