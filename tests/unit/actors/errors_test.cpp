#include "actors/errors.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "tests/support/actor_fixture.hpp"

namespace axonhub::actors {
namespace {

TEST(actor_errors, keep_our_codes_both_ways) {
  for (auto i = 1; i <= static_cast<int>(errc::overloaded); ++i) {
    const auto code = error_code{static_cast<errc>(i)};
    EXPECT_EQ(to_error_code(to_caf(code)), code);
  }
}

TEST(actor_errors, keep_success) {
  EXPECT_FALSE(to_caf(error_code{}));
  EXPECT_FALSE(to_error_code(caf::none).failed());
}

TEST(actor_errors, carry_the_text_of_a_foreign_error) {
  const auto sent = to_caf(boost::asio::error::connection_refused);
  EXPECT_EQ(to_error_code(sent), errc::unknown_failure);
  EXPECT_EQ(sent.context().get_as<std::string>(0),
            error_code{boost::asio::error::connection_refused}.message());
}

TEST(actor_errors, say_that_an_actor_is_gone) {
  struct {
    std::string_view name;
    caf::error given;
    errc expected;
  } cases[] = {
      {"ended before it answered", caf::sec::request_receiver_down, errc::actor_gone},
      {"threw", caf::sec::runtime_error, errc::actor_gone},
      {"was killed", caf::exit_reason::kill, errc::actor_gone},
      {"is out of reach", caf::exit_reason::remote_link_unreachable, errc::actor_gone},
      {"timed out", caf::sec::request_timeout, errc::ask_timeout},
      {"was misunderstood", caf::sec::unexpected_message, errc::unknown_failure},
      {"has an error of its own", caf::error{7, caf::atom("other")}, errc::unknown_failure},
  };
  for (const auto& [name, given, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(to_error_code(given), expected);
  }
}

using shop_actor = caf::typed_actor<caf::replies_to<int>::with<int>,
                                    caf::replies_to<caf::put_atom, int>::with<void>>;

class shop : public shop_actor::base {
public:
  explicit shop(caf::actor_config& config) : shop_actor::base(config) {}

  behavior_type make_behavior() override {
    return {
        [](int article) { return to_caf(price_of(article)); },
        [](caf::put_atom, int article) { return to_caf(put(article)); },
    };
  }

private:
  static result<int> price_of(int article) {
    if (article < 0)
      return errc::invalid_argument;
    return article * 10;
  }

  static result<void> put(int article) {
    if (article < 0)
      return errc::already_exists;
    return {};
  }
};

using actor_errors_test = tests::actor_fixture;

TEST_F(actor_errors_test, are_the_answers_of_handlers) {
  const auto shop = spawn_class<actors::shop>();
  EXPECT_EQ(ask<int>(shop, 4), 40);
  EXPECT_EQ(try_ask<int>(shop, -4).error(), errc::invalid_argument);
  EXPECT_TRUE(try_ask<void>(shop, caf::put_atom::value, 4).has_value());
  EXPECT_EQ(try_ask<void>(shop, caf::put_atom::value, -4).error(), errc::already_exists);
}

TEST_F(actor_errors_test, have_a_text) {
  EXPECT_EQ(system().render(to_caf(errc::not_found)), error_code{errc::not_found}.message());
  EXPECT_EQ(system().render(to_caf(boost::asio::error::eof)),
            error_code{errc::unknown_failure}.message() + ": " +
                error_code{boost::asio::error::eof}.message());
}

TEST_F(actor_errors_test, tell_that_the_actor_was_killed) {
  const auto shop = spawn_class<actors::shop>();
  kill(shop);
  EXPECT_EQ(try_ask<int>(shop, 4).error(), errc::actor_gone);
}

} // namespace
} // namespace axonhub::actors
