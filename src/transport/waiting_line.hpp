#pragma once

#include <functional>
#include <list>
#include <optional>

#include "base/mutex.hpp"

namespace salus::transport {

/// Connections that have not brought the whole head of a request, or the whole body that it announced, in the order in
/// which they began to wait for it: where there is no room for another connection, who has waited longest gives way.
/// Thread-safe.
class WaitingLine {
public:
    /// One wait: begins with the object, ends at the latest with it.
    class Wait {
    public:
        /// `give_way` is called on any thread, inside the line's lock, where this wait is called out.
        Wait(WaitingLine& line, std::function<void()> give_way);
        ~Wait() { (void)end(); }
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        /// False where it was called out: what came meanwhile came too late.
        [[nodiscard]] bool end();

    private:
        friend class WaitingLine;
        WaitingLine& line_;
        const std::function<void()> give_way_;
        std::optional<std::list<Wait*>::iterator> place_;  ///< inside the line's lock
    };

    /// False where nobody waits.
    bool call_out_first();

private:
    Guarded<std::list<Wait*>> waits_;
};

}  // namespace salus::transport
