#include "actors/journal.hpp"

#include <gtest/gtest.h>

#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

policy::request_record_ptr record(std::string id, std::string trace = "") {
  auto r = std::make_shared<policy::request_record>();
  r->id = {std::move(id)};
  r->trace = {std::move(trace)};
  return r;
}

std::string ids_of(const record_list& records) {
  auto ids = std::string{};
  for (const auto& r : records)
    ids += r->id.text;
  return ids;
}

TEST(record_ring, lists_newest_first_and_forgets_the_oldest) {
  auto ring = record_ring{3};
  for (const auto* id : {"a", "b", "c", "d"})
    ring.put(record(id));
  EXPECT_EQ(ids_of(ring.find({})), "dcb");
  EXPECT_TRUE(ring.find({.id = request_id{"a"}, .trace = {}}).empty());
}

TEST(record_ring, finds_the_requests_of_a_trace) {
  auto ring = record_ring{9};
  ring.put(record("a", "t"));
  ring.put(record("b", "u"));
  ring.put(record("c", "t"));
  EXPECT_EQ(ids_of(ring.find({.id = {}, .trace = {"t"}})), "ca");
}

TEST(record_ring, stays_bounded_over_many_rounds) {
  auto ring = record_ring{10};
  for (auto i = 0; i < 1000; ++i)
    ring.put(record(std::to_string(i)));
  EXPECT_EQ(ring.size(), 10u);
  EXPECT_EQ(ring.find({.id = request_id{"995"}, .trace = {}}).size(), 1u);
}

class journal_test : public tests::floor_fixture {};

TEST_F(journal_test, keeps_what_it_is_told) {
  const auto journal = spawn(axonhub::actors::journal, std::size_t{10});
  tell(journal, atom::record_v, record("a"));
  EXPECT_EQ(ids_of(ask<record_list>(journal, atom::list_v, journal_query{})), "a");
}

} // namespace
} // namespace axonhub::actors
