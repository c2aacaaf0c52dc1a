#pragma once

#include "llm/json_raw.hpp"
#include "llm/json_writer.hpp"
#include "llm/neutral_request.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the three writers have in common.
namespace axonhub::llm {

/// Writes one JSON string from insides and from texts that are escaped on the way, none of them
/// copied more than once.
class string_writer {
public:
  string_writer(json_writer& writer, std::string& out) : out_(out) { writer.raw("\""); }
  string_writer(const string_writer&) = delete;
  string_writer& operator=(const string_writer&) = delete;
  ~string_writer() { out_ += '"'; }

  /// Half a surrogate pair becomes U+FFFD.
  string_writer& inside(std::string_view inside) {
    const auto at = out_.size();
    out_ += inside;
    if (may_hold_surrogates(inside))
      mend_surrogates(out_.data() + at, inside.size());
    return *this;
  }

  /// The same for what has no escapes but of slashes.
  string_writer& base64(std::string_view inside) {
    out_ += inside;
    return *this;
  }

private:
  std::string& out_;
};

/// A json_writer over a string, and how requests use it.
class request_writer : public json_writer {
public:
  explicit request_writer(std::string& out) : json_writer(out), out_(out) {}

  /// A JSON string of what stood inside one.
  request_writer& inside(std::string_view inside) {
    string_writer{*this, out_}.inside(inside);
    return *this;
  }
  request_writer& inside(std::string_view name, std::string_view inside) {
    key(name);
    return this->inside(inside);
  }
  request_writer& base64(std::string_view name, std::string_view inside) {
    key(name);
    string_writer{*this, out_}.base64(inside);
    return *this;
  }

  /// The texts among the parts as one JSON string. What was a message of its own stands apart from
  /// its neighbours by an empty line.
  request_writer& joined(const std::vector<part>& parts, std::string_view separator);

  /// The arguments of a call as a JSON object: text that holds none becomes {"_raw": text}.
  request_writer& arguments_object(const part& call);
  /// The same as a JSON string.
  request_writer& arguments_text(const part& call);

  /// A tool's schema without "$schema", with the "type" and "properties" that OpenAI wants.
  request_writer& tool_schema(const tool& t);
  /// The schema of an answer's format, without "$schema".
  request_writer& format_schema(json_ref schema);

  /// "data:TYPE;base64,DATA", or the address, as a JSON string.
  request_writer& data_url(const part& p);

private:
  request_writer& object_without_dialect(json_ref object, bool for_tool);

  std::string& out_;
};

/// "low", "medium", ...
std::string_view to_text(effort_level effort);

/// The client's limit, or none; never more than the upstream takes.
std::optional<std::uint64_t> output_limit(const neutral_request& r, const upstream_traits& to);

/// Notes what became of the client's effort, if it is another than it asked for.
void note_effort(neutral_request& r, effort_level given);

/// Whether there is one that OpenAI's model takes; the older ones know a middle one alone.
bool takes_verbosity(const neutral_request& r, const upstream_traits& to);

/// Notes that a tool's demand for exact arguments is not passed on.
void note_strict(neutral_request& r);

/// What a document is called where names tell what files are: "document.pdf", "title.pdf".
std::string_view file_name(neutral_request& r, const part& document);

/// Where the upstream knows no formats, the system prompt asks for them.
void put_format_in_words(neutral_request& r);

/// Where the upstream cannot be made to call a tool, the user's last words ask for the call. Noted
/// as dropped: the model may disregard it.
void put_choice_in_words(neutral_request& r);

} // namespace axonhub::llm
