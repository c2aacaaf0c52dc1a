#include "llm/answer_reader.hpp"

#include "llm/anthropic_reader.hpp"
#include "llm/chat_reader.hpp"
#include "llm/responses_reader.hpp"

namespace axonhub::llm {

std::unique_ptr<answer_reader> make_answer_reader(dialect d, std::string_view id_stem) {
  switch (d) {
    case dialect::openai_chat:
      return std::make_unique<chat_reader>(id_stem);
    case dialect::openai_responses:
      return std::make_unique<responses_reader>();
    case dialect::anthropic:
      break;
  }
  return std::make_unique<anthropic_reader>();
}

} // namespace axonhub::llm
