#pragma once

#include <string_view>

namespace salus {

/// What the process may do to itself.
class Process {
public:
    virtual ~Process() = default;
    /// Ends the process at once, without unwinding: after a failed sync nothing that is in memory may be believed.
    [[noreturn]] virtual void die(std::string_view reason) = 0;
};

}  // namespace salus
