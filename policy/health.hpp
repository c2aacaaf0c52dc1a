#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/breaker.hpp"
#include "policy/cooldown.hpp"
#include "policy/health_view.hpp"
#include "policy/route.hpp"

/// Who may try a channel now, and what its outcomes teach.
namespace axonhub::policy {

/// The constants of health, together.
struct health_rules {
  cooldown_rule rate_limit{std::chrono::seconds{10}, std::chrono::minutes{2}};
  cooldown_rule server_error{std::chrono::seconds{1}, std::chrono::minutes{2}};
  breaker_rule breaker;
  milliseconds model_absent = std::chrono::minutes{10};
  std::size_t errors_kept = 8;
  milliseconds troubled = std::chrono::seconds{10};   ///< So long after a failure.
  milliseconds longest_lease = std::chrono::hours{1}; ///< One not heard of for longer is lost.
};

/// What the configuration says about a credential.
struct credential_facts {
  credential_id id{};
  bool enabled = true;
  std::string invalid_reason{}; ///< Not empty: benched durably, until the operator acts.
  std::optional<wall_time> expires_at{};
  std::uint64_t revision = 0; ///< Another one has not been refused yet.
};

/// What a release changed, for those who must hear of it.
struct release_effect {
  bool changed = false; ///< The channel's state is another than before.
  std::optional<credential_id> benched;
  std::string bench_reason;         ///< With `benched`: the upstream's words or ours.
  std::uint64_t bench_revision = 0; ///< With `benched`: of the credential that was refused.
};

/// The health of one channel: a breaker and a cooldown for each upstream model, a cooldown and a
/// bench for each credential, and the leases that are out. Pure: time and chance are arguments.
class channel_health {
public:
  explicit channel_health(channel_id id, health_rules rules = {});

  /// A lease on the credential that suits best, or the reason why there is none. Health alone (a
  /// cooldown, an open breaker, an absent model) does not refuse a last resort; what the upstream
  /// said of every credential does.
  acquire_answer acquire(const acquire_request& wanted,
                         const std::vector<credential_facts>& credentials, instant now);

  /// What acquire() would refuse with now; changes nothing.
  std::optional<refusal> would_refuse(const acquire_request& wanted,
                                      const std::vector<credential_facts>& credentials,
                                      instant now) const;

  /// Takes a lease back and learns from its outcome; a lease that is not out changes nothing.
  /// `jitter` is a random number in [0, 1).
  release_effect release(const attempt_outcome& outcome,
                         const std::vector<credential_facts>& credentials, instant now,
                         double jitter);

  /// The attempt of a lease that is out has begun to answer well: who stayed away may come.
  void alive(const lease& used, const std::vector<credential_facts>& credentials);

  /// The operator acted: the credential is as new.
  void restore(const credential_id& id, steady_time now);

  /// The operator repaired the channel: what was learnt of it and of its credentials' rests is
  /// forgotten, and attempts that began before say nothing any more.
  void restore(steady_time now);

  /// No more leases; those that are out may end.
  void stop() { stopping_ = true; }

  std::size_t in_flight() const { return leases_.size(); }

  /// Whoever has it still uses it.
  void renew(const lease& used, steady_time now);

  /// Takes a lease back that nobody has been heard of for so long that whoever had it must be gone;
  /// nullopt: there is none. What comes of it after all says nothing.
  std::optional<std::uint64_t> take_lost(steady_time now);

  health_view view(const std::vector<credential_facts>& credentials, instant now) const;

private:
  struct model_health {
    explicit model_health(const breaker_rule& rule) : breaker(rule) {}
    policy::breaker breaker;
    cooldown resting;
    steady_time absent_until;
    steady_time absent_since;             ///< Start of the newest attempt that did not find it,
    steady_time good_since;               ///< and of the newest that went well.
    std::optional<steady_time> failed_at; ///< Last, in a way that is the channel's; or it dripped.
  };
  struct credential_health {
    cooldown resting{};
    std::string bench_reason{}; ///< Not empty: this revision is benched.
    std::uint64_t bench_revision = 0;
    steady_time restored_at;
  };
  struct open_lease {
    steady_time granted_at;
    steady_time heard_at;
    std::uint64_t credential_revision = 0;
    bool counts_tokens = false;
    bool was_alive = false;
  };

  struct credential_choice {
    const credential_facts* found = nullptr;
    refusal refused;
  };
  milliseconds time_away(const credential_id& wished,
                         const std::vector<credential_facts>& credentials, instant now) const;
  credential_choice choose_credential(const acquire_request& wanted,
                                      const std::vector<credential_facts>& credentials,
                                      instant now) const;
  bool is_troubled(const shared_text& model, steady_time now) const;
  std::optional<refusal> health_refusal(const shared_text& model, steady_time now) const;
  refusal refuse(reason why, milliseconds wait = {}, bool by_health = false) const;
  bool is_invalid(const credential_facts& c, wall_time now) const;
  bool is_benched(const credential_facts& c) const;
  milliseconds rest_left(const credential_id& id, steady_time now) const;

  bool has_todays_value(const lease& used, const open_lease& begun,
                        const std::vector<credential_facts>& credentials) const;
  void learn_success(const lease& used, const open_lease& begun,
                     const std::vector<credential_facts>& credentials);
  void learn_failure(const attempt_outcome& outcome, const open_lease& begun, bool todays_value,
                     steady_time now, double jitter, release_effect& effect);
  void bench(const credential_id& id, const attempt_failure& failed, const open_lease& begun,
             release_effect& effect);
  void remember_error(const attempt_outcome& outcome, wall_time now);

  void view_models(health_view& seen, instant now) const;
  void view_credentials(health_view& seen, const std::vector<credential_facts>& credentials,
                        instant now) const;

  channel_id id_;
  health_rules rules_;
  bool stopping_ = false;
  std::optional<steady_time> restored_at_;
  std::uint64_t last_lease_ = 0;
  std::map<std::uint64_t, open_lease> leases_;
  std::map<shared_text, model_health> models_;
  std::map<credential_id, credential_health> credentials_;
  std::deque<seen_error> errors_; ///< The newest first.
};

} // namespace axonhub::policy
