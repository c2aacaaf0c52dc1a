#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/scenario.hpp"
#include "tests/simulation/upstream.hpp"
#include "tests/simulation/virtual_clock.hpp"

namespace axonhub::simulation {

/// What one request looks like from outside.
struct request_seen {
  std::size_t number = 0;
  std::size_t session = 0;
  milliseconds began{0};
  std::uint32_t attempts = 0;
  std::uint32_t routes = 0;
  std::set<std::pair<std::size_t, credential_id>> tried{}; ///< Channels with their credentials.
  std::uint32_t writer = 0; ///< The attempt whose content the client reads.
  bool granted = false;     ///< Some channel gave a lease.
  bool extra = false;       ///< The attempt under way adds load to what is in trouble.
  bool had_last_resort = false;
  bool ended = false;
  policy::request_outcome outcome{};
  std::vector<policy::refusal> refusals{}; ///< Of the last route.
};

/// How a request ended for its client.
enum class ending : std::uint8_t { answered, refused, broken, left };

/// Per weight: sessions that chose such a channel first, and how many should have.
struct spread {
  double chosen = 0;
  double expected = 0;
};

struct totals {
  std::size_t requests = 0;
  std::size_t attempts = 0;
  std::size_t answered = 0;
  std::size_t refused = 0;
  std::size_t broken = 0;
  std::size_t untried = 0; ///< Refused without any attempt.
  std::map<std::uint32_t, spread> by_weight;

  void add(const totals& other);
};

/// Hears of everything that happens in a run and knows the laws. It takes what it needs to know
/// from the script, not from the code under test.
class judge {
public:
  judge(const scenario& s, const virtual_clock& clock);

  void begins(const request_seen& r);
  void refused(std::size_t channel, const policy::refusal& why, bool last_resort);
  void leased(request_seen& r, std::size_t channel, const policy::lease& given);
  void attempts(request_seen& r, std::size_t channel, const policy::lease& used, bool again);
  void extra_ended(request_seen& r);
  void failed(std::size_t channel, const policy::lease& used, const policy::attempt_failure& why);
  void released(std::size_t channel) { --channels_[channel].under_way; }
  void writes(request_seen& r);
  void ends(request_seen& r, ending how, std::optional<milliseconds> retry_after);
  void run_is_over(bool everything_idle);

  const totals& sums() const { return sums_; }
  const std::vector<std::string>& breaches() const { return breaches_; }
  void breach(const request_seen* r, std::string what);

private:
  /// Where a session's cache is, as the answers tell.
  struct home {
    std::size_t channel = 0;
    credential_id credential;
    milliseconds last_used{0};
    milliseconds warm_until{0};
  };
  struct channel_seen {
    std::uint32_t under_way = 0;                     ///< Leases out.
    std::optional<milliseconds> failed_at;           ///< Last, in a way that is the channel's.
    std::optional<milliseconds> answered_at;         ///< Last.
    std::map<credential_id, milliseconds> refused{}; ///< 401 seen.
    std::map<credential_id, milliseconds> rests_until{};
  };
  struct key_seen {
    double asked = 0;
    double answered = 0;
  };

  std::size_t index_of(const channel_id& id) const;
  void is_answered(const request_seen& r);
  void is_refused(const request_seen& r, std::optional<milliseconds> retry_after);
  void check_home(const request_seen& r, std::size_t channel, const policy::lease& given);
  void count_spread(const request_seen& r, std::size_t channel);
  void remember_home(const request_seen& r);
  void check_fairness();
  void check_storm();
  milliseconds heals_within(const channel_script& c) const;
  bool is_down(milliseconds t) const { return t >= s_.down_from && t < s_.down_until; }

  const scenario& s_;
  const virtual_clock& clock_;
  std::vector<channel_seen> channels_;
  std::vector<std::optional<home>> homes_;
  std::vector<bool> counted_; ///< Sessions whose first choice is known.
  std::map<key_id, key_seen> keys_;
  std::size_t active_ = 0;
  std::size_t extra_ = 0;
  std::size_t down_requests_ = 0;
  std::size_t down_attempts_ = 0;
  std::size_t down_quick_ = 0;
  std::size_t down_ended_ = 0;
  totals sums_;
  std::vector<std::string> breaches_;
};

} // namespace axonhub::simulation
