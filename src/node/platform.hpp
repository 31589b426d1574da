#pragma once

#include <thread>
#include <vector>

#include "base/platform/clock.hpp"
#include "base/platform/executor.hpp"
#include "base/platform/process.hpp"
#include "base/platform/random.hpp"

namespace salus::node {

/// The machine itself behind the interfaces of base/platform: the one place of clocks, randomness and threads.
class RealWallClock final : public WallClock {
public:
    [[nodiscard]] TimeMs now_ms() const override;
};

/// CLOCK_BOOTTIME.
class BootTimeClock final : public SteadyClock {
public:
    [[nodiscard]] std::chrono::nanoseconds now() const override;
};

/// getrandom(2): the kernel's generator, once it is seeded. Thread-safe.
class OsRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

/// A fixed number of threads and one bounded queue of jobs. A job must not throw: that ends the process.
class ThreadPool final : public Executor {
public:
    /// Pre: threads > 0
    explicit ThreadPool(std::size_t threads);
    /// Runs what was posted, then joins.
    ~ThreadPool() override;
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    /// Waits while kJobsMax jobs are queued; the pool's own threads never wait, because they would wait for themselves.
    void post(std::function<void()> job) override;
    /// The caller works too, so it may itself be a job of this pool.
    void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) override;
    [[nodiscard]] std::size_t threads() const override { return threads_.size(); }

    static constexpr std::size_t kJobsMax = 4096;

private:
    struct Queue;
    void run() noexcept;

    std::unique_ptr<Queue> queue_;
    std::vector<std::thread> threads_;
};

/// Destroying a Thread joins it.
class OsThreads final : public Threads {
public:
    [[nodiscard]] std::unique_ptr<Thread> start(std::string_view name, std::function<void()> body) override;
};

/// Dies by _exit(kExitStatus), the reason on stderr.
class OsProcess final : public Process {
public:
    /// As of every command that cannot go on (cli/README.md).
    static constexpr int kExitStatus = 3;
    [[noreturn]] void die(std::string_view reason) override;
};

/// How many processors this process may use; at least 1.
std::size_t cores() noexcept;

/// Raises the limit of files that this process may have open as far as it may be raised; tells where it stands then.
std::size_t raise_open_files_max() noexcept;

/// Waits, for tools that watch something end by itself.
void pause(std::chrono::milliseconds duration);

}  // namespace salus::node
