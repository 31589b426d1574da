#pragma once

#include <string_view>

namespace salus {

/// Reports a broken invariant on stderr and aborts. Never used for bytes from a peer, a client or a disk: those are
/// input.
[[noreturn]] void abort_on_broken_invariant(std::string_view expression, std::string_view file, int line) noexcept;

}  // namespace salus

/// An assertion that is on in every build: a node that goes on with a broken invariant would sign a wrong history.
#define SALUS_CHECK(expression) \
    (static_cast<bool>(expression) ? void() : ::salus::abort_on_broken_invariant(#expression, __FILE__, __LINE__))
