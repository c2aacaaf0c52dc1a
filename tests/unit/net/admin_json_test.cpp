#include <gtest/gtest.h>

#include "net/admin/change.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/page.hpp"
#include "net/admin/patch.hpp"

namespace axonhub::net {
namespace {

/// The pointers of the fields that a call is refused for; "none" when it is not.
template <class Read>
std::string refused_fields(Read read) {
  try {
    read();
  } catch (const problem& p) {
    auto out = std::string{};
    for (const auto& e : p.errors)
      out += (out.empty() ? "" : " ") + e.pointer;
    return out.empty() ? p.detail : out;
  }
  return "none";
}

TEST(parse_object, takes_one_object_alone) {
  struct {
    std::string_view body;
    bool good;
  } cases[] = {
      {"{}", true},
      {"", true},
      {R"({"a":{"b":1},"c":{"b":2}})", true},
      {"[]", false},
      {"null", false},
      {"{", false},
      {"{} {}", false},
      {"\xff", false},
      {R"({"a":1,"a":2})", false},
      {R"({"a":"\xff"})", false},
      {R"({"a":[{"b":1,"b":1}]})", false},
      {"1", false},
  };
  for (const auto& [body, good] : cases)
    EXPECT_EQ(refused_fields([&, b = body] { parse_object(b); }) == "none", good) << body;
  auto deep = std::string{R"({"a":)"} + std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_NE(refused_fields([&] { parse_object(deep); }), "none");
}

TEST(field_reader, refuses_what_has_the_wrong_type_by_its_pointer) {
  struct {
    std::string_view body;
    std::string_view expected;
  } cases[] = {
      {R"({"text":"a","flag":true,"number":5,"list":["x"],"at":"2026-11-22T10:36:00Z"})", "none"},
      {R"({"text":null,"flag":null,"number":null})", "none"},
      {R"({"text":5})", "/text"},
      {R"({"flag":"yes"})", "/flag"},
      {R"({"number":"5"})", "/number"},
      {R"({"number":5.5})", "/number"},
      {R"({"number":0})", "/number"},
      {R"({"number":-3})", "/number"},
      {R"({"number":18446744073709551615})", "/number"},
      {R"({"list":"x"})", "/list"},
      {R"({"list":["x",1]})", "/list/1"},
      {R"({"at":"yesterday"})", "/at"},
      {R"({"texts":"a"})", "/texts"},
  };
  for (const auto& [body, expected] : cases) {
    const auto object = parse_object(body);
    EXPECT_EQ(refused_fields([&] {
                auto fields = field_reader{object};
                auto text = std::string{};
                auto flag = false;
                auto number = 0;
                auto list = std::vector<std::string>{};
                auto at = std::optional<wall_time>{};
                fields.read("text", text);
                fields.read("flag", flag);
                fields.read("number", number, 1, 10);
                fields.read("list", list);
                fields.read("at", at);
                fields.finish();
              }),
              expected)
        << body;
  }
}

TEST(field_reader, takes_only_the_usual_value_of_what_nothing_acts_on) {
  struct {
    std::string_view body;
    std::string_view expected;
  } cases[] = {
      {R"({})", "none"},
      {R"({"limits":{},"mode":"off","list":[]})", "none"},
      {R"({"limits":null})", "none"},
      {R"({"limits":{"rpm":5}})", "/limits"},
      {R"({"limits":[]})", "/limits"},
      {R"({"mode":"all"})", "/mode"},
      {R"({"list":["10.0.0.0/8"]})", "/list"},
  };
  for (const auto& [body, expected] : cases) {
    const auto object = parse_object(body);
    EXPECT_EQ(refused_fields([&] {
                auto fields = field_reader{object};
                fields.only("limits", json::object());
                fields.only("mode", "off");
                fields.only("list", json::array());
                fields.finish();
              }),
              expected)
        << body;
  }
}

TEST(field_reader, guesses_what_was_meant) {
  const auto object = parse_object(R"({"enbled":true})");
  auto fields = field_reader{object};
  auto enabled = false;
  fields.read("enabled", enabled);
  try {
    fields.finish();
    FAIL();
  } catch (const problem& p) {
    EXPECT_NE(p.detail.find("enabled"), std::string::npos);
  }
}

TEST(parse_rfc3339, reads_times_in_any_zone) {
  struct {
    std::string_view text;
    std::string_view expected; ///< Empty: refused.
  } cases[] = {
      {"2026-11-22T10:36:00Z", "2026-11-22T10:36:00.000Z"},
      {"2026-11-22T10:36:00.5Z", "2026-11-22T10:36:00.500Z"},
      {"2026-11-22T10:36:00.123456Z", "2026-11-22T10:36:00.123Z"},
      {"2026-11-22T10:36:00+02:00", "2026-11-22T08:36:00.000Z"},
      {"2026-11-22T10:36:00-00:30", "2026-11-22T11:06:00.000Z"},
      {"2026-02-30T10:36:00Z", ""},
      {"2026-11-22T25:36:00Z", ""},
      {"2026-11-22T10:36:00", ""},
      {"2026-11-22", ""},
      {"2026-11-22T10:36:00Zx", ""},
      {"", ""},
  };
  for (const auto& [text, expected] : cases) {
    const auto time = parse_rfc3339(text);
    EXPECT_EQ(time ? to_rfc3339(*time) : std::string{}, expected) << text;
  }
}

TEST(cursor, comes_back_as_it_went) {
  for (const auto* position : {"a", "000001764000000/ch_abc", "\x01\xff"})
    EXPECT_EQ(from_cursor(to_cursor(position)), position);
  for (const auto* wrong : {"nonsense", "", "p1:", "eyJhIjoxfQ", "????"})
    EXPECT_THROW(from_cursor(wrong), problem) << wrong;
}

TEST(position_of, sorts_as_the_times_do) {
  const auto early = from_unix_ms(999), late = from_unix_ms(1000);
  EXPECT_LT(position_of(early, "z"), position_of(late, "a"));
  EXPECT_LT(position_of(late, "a"), position_of(late, "b"));
}

TEST(patched, merges_and_refuses_unknown_fields) {
  const auto shown = parse_object(R"({"name":"a","labels":{"x":"1","y":"2"},"tags":["t"]})");
  EXPECT_EQ(patched(shown, parse_object(R"({"labels":{"x":null,"z":"3"}})")),
            parse_object(R"({"name":"a","labels":{"y":"2","z":"3"},"tags":["t"]})"));
  EXPECT_EQ(patched(shown, parse_object(R"({"tags":null})")),
            parse_object(R"({"name":"a","labels":{"x":"1","y":"2"}})"));
  EXPECT_EQ(refused_fields([&] { patched(shown, parse_object(R"({"colour":null})")); }), "/colour");
}

TEST(difference, names_what_changed) {
  const auto before = parse_object(R"({"a":1,"b":2})");
  const auto after = parse_object(R"({"a":1,"b":3,"c":4})");
  EXPECT_EQ(difference(before, after),
            parse_object(R"({"b":{"from":2,"to":3},"c":{"from":null,"to":4}})"));
}

} // namespace
} // namespace axonhub::net
