#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace salus {

/// Runs work on other threads. The only way to a thread outside `node/`.
class Executor {
public:
    virtual ~Executor() = default;
    /// Runs `job` later, on any of the executor's threads.
    virtual void post(std::function<void()> job) = 0;
    /// Calls body(i) for each i in [0, count), spread over all threads; returns when the last has returned.
    virtual void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) = 0;
    [[nodiscard]] virtual std::size_t threads() const = 0;
};

/// A named long-lived thread that runs `body` until it returns; `join` waits for it.
class Thread {
public:
    virtual ~Thread() = default;
    virtual void join() = 0;
};

class Threads {
public:
    virtual ~Threads() = default;
    [[nodiscard]] virtual std::unique_ptr<Thread> start(std::string_view name, std::function<void()> body) = 0;
};

}  // namespace salus
