#pragma once

/// How memory that the program no longer needs gets back to the system. With another allocator than
/// mimalloc (tests, sanitizers) these do nothing.
namespace axonhub::allocator {

/// The allocator keeps a freed page for a moment, as it may be needed again; this keeps further
/// frees from drawing that moment out. Call it once, before there are threads.
void start();

/// Gives back pages of this thread that are free by now; with `all` also those that it keeps for
/// its next needs, and these at once: an idle thread has no later moment.
void collect(bool all);

} // namespace axonhub::allocator
