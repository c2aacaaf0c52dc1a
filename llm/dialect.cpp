#include "llm/dialect.hpp"

namespace axonhub::llm {

std::string_view to_text(dialect d) {
  switch (d) {
    case dialect::anthropic:
      return "anthropic";
    case dialect::openai_chat:
      return "openai_chat";
    case dialect::openai_responses:
      return "openai_responses";
  }
  return "unknown";
}

} // namespace axonhub::llm
