#pragma once

#include <string_view>

#include "base/error.hpp"

namespace axonhub::store {

/// What an LMDB or system code means to us. All but "not found" and a full map, which their callers
/// handle, are logged with what was being done.
error_code to_error(int code, std::string_view doing);

} // namespace axonhub::store
