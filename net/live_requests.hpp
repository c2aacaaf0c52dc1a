#pragma once

#include <boost/intrusive/list.hpp>

#include "actors/protocol.hpp"
#include "policy/record.hpp"

namespace axonhub::net {

/// The requests that one I/O thread has under way: what the journal will know when they end.
class live_requests {
public:
  /// In the list as long as it exists, as is its record.
  class entry : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  public:
    entry(live_requests& in, const policy::request_record& record) : record_(record) {
      in.all_.push_back(*this);
    }

  private:
    friend class live_requests;

    const policy::request_record& record_;
  };

  /// Copies of those that a query asks for.
  actors::record_list find(const actors::journal_query& query) const;

private:
  boost::intrusive::list<entry, boost::intrusive::constant_time_size<false>> all_;
};

} // namespace axonhub::net
