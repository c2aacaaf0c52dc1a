#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace axonhub::net {

/// Takes a chunked body apart, in pieces of any size. Strict: what two parsers could read in two
/// ways is an error. Trailers are checked and dropped. Use one for each body.
class chunk_decoder {
public:
  static constexpr std::size_t max_extension_bytes = 4 * 1024; // over the whole body
  static constexpr std::size_t max_trailer_bytes = 8 * 1024;

  /// Takes bytes from the front of `in` up to the end of the next piece of data, and returns that
  /// piece, a view into `in`. Empty when `in` is used up, the body is complete or an error is met.
  std::string_view take(std::string_view& in);

  /// Gives each piece of data in `in` to `sink`. Returns how many bytes belonged to the body: all
  /// of them, unless the body is complete or broken.
  template <class Sink>
  std::size_t feed(std::string_view in, Sink&& sink) {
    const auto size = in.size();
    while (!in.empty() && !done() && error().empty()) {
      if (const auto piece = take(in); !piece.empty())
        sink(piece);
    }
    return size - in.size();
  }

  /// Appends the data in `in` to `out`; otherwise as feed().
  std::size_t append_to(std::string& out, std::string_view in) {
    return feed(in, [&](std::string_view piece) { out.append(piece); });
  }

  /// The last chunk and the trailers have been read to their end. A connection that closes
  /// before was cut.
  bool done() const { return state_ == state::done; }

  /// Why the body is refused, static text for humans; empty while all is well.
  std::string_view error() const { return error_; }

private:
  enum class state : std::uint8_t {
    size_start,
    size,
    extension_name_start,
    extension_name,
    extension_value_start,
    extension_value,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
    failed,
  };

  bool take_size_line(std::string_view& in);
  void step(char c);
  void step_size(char c);
  void step_extension(char c);
  void step_trailer(char c);
  void expect(char c, char wanted, state next, std::string_view otherwise);
  void fail(std::string_view reason);

  state state_ = state::size_start;
  std::uint8_t digits_ = 0;
  std::uint64_t left_ = 0; // of the current chunk's data
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string_view error_;
};

/// What ends the data of each chunk.
constexpr std::string_view chunk_end = "\r\n";

/// What ends a chunked body.
constexpr std::string_view last_chunk = "0\r\n\r\n";

/// Appends the line before a chunk of `size` bytes. Nothing for 0, which would end the body.
void append_chunk_header(std::string& out, std::uint64_t size);

/// Appends `data` as one chunk; nothing when it is empty.
void append_chunk(std::string& out, std::string_view data);

} // namespace axonhub::net
