#pragma once

#include "llm/neutral_request.hpp"

/// What the three readers have in common.
namespace axonhub::llm {

/// The text of a JSON string, plain; a malformed one, or what is no string, is empty.
std::string_view plain_text(neutral_request& r, json_ref value);

/// The same from the inside of a string.
std::string_view plain_text(neutral_request& r, std::string_view inside);

/// An id of a tool call as the upstream takes it; a fit one stays, another one always comes out
/// alike.
std::string fit_call_id(std::string_view id, const upstream_traits& to);

/// The same for an id of the body.
std::string_view call_id(neutral_request& r, const upstream_traits& to, json_ref value);

part text_part(std::string_view inside);

/// An image from a URL, which may hold its data ("data:image/png;base64,...").
part image_part(std::string_view url_inside);

/// The media type that a base64 text begins like; empty if it is none we know.
std::string_view sniffed_media_type(std::string_view base64);

/// Whether the inside of a text says "application/pdf", however it is spelt.
bool is_pdf(std::string_view media_type);

/// Splits "data:TYPE;base64,DATA"; false if it is something else.
bool split_data_url(std::string_view url_inside, std::string_view& media_type,
                    std::string_view& data);

/// The last message if it is the assistant's, else a new one: what an assistant says and calls in
/// a row is one message.
message& assistant_message(neutral_request& r);

/// "low" and its like; unset for anything else.
effort_level effort_from(json_ref value);

void read_limit(neutral_request& r, json_ref value);
void read_stop(neutral_request& r, json_ref value);

/// A raw number, or nothing.
std::string_view raw_number(json_ref value);

/// Takes the fields name, schema, description and strict of a json_schema format.
void read_schema_format(neutral_request& r, json_ref format);

/// "none", "auto" or "required".
choice_kind choice_from(json_ref value);

/// Leaves only the tools of these names.
void keep_only(neutral_request& r, const std::vector<std::string_view>& allowed);

/// Adds a tool, unless one of its name is there: what was loaded twice is offered once.
void add_tool(neutral_request& r, const tool& t);

/// Adds a tool that takes free text, perhaps by a grammar, as a function with one string `input`.
void add_custom_tool(neutral_request& r, json_ref custom, std::string_view name);

/// Refuses what an upstream of another dialect cannot run, unless other tools were offered: then
/// each is noted as dropped. Refuses a choice of what is not offered, too.
class foreign_tools {
public:
  /// `type` is the provider's ("web_search_20250305"), `name` what tool_choice would call it.
  void add(neutral_request& r, json_ref type, std::string_view name);
  /// To be called when all tools and the choice are known.
  void judge(neutral_request& r) const;

private:
  struct foreign {
    std::string type, name;
  };
  std::vector<foreign> seen_;
};

} // namespace axonhub::llm
