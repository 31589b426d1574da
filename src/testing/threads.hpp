#pragma once

#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "base/platform/executor.hpp"

namespace salus::testing {

/// The machine's own threads, for tests of what serves sockets.
class RealThreads final : public Threads {
public:
    [[nodiscard]] std::unique_ptr<Thread> start(std::string_view, std::function<void()> body) override {
        struct Running final : Thread {
            explicit Running(std::function<void()> work) : thread(std::move(work)) {}
            void join() override {
                if (thread.joinable()) thread.join();
            }
            std::jthread thread;
        };
        return std::make_unique<Running>(std::move(body));
    }
};

/// A thread for every job, joined at the end: nothing waits for anything else.
class ThreadPerJob final : public Executor {
public:
    ~ThreadPerJob() override { finish(); }
    /// Waits for all jobs, and for those that they post.
    void finish() {
        for (auto running = take(); !running.empty(); running = take()) running.clear();
    }
    void post(std::function<void()> job) override { running_.lock()->emplace_back(std::move(job)); }
    void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) override {
        for (std::size_t i = 0; i < count; ++i) body(i);
    }
    [[nodiscard]] std::size_t threads() const override { return 1; }

private:
    std::vector<std::jthread> take() { return std::exchange(*running_.lock(), {}); }

    Guarded<std::vector<std::jthread>> running_;
};

}  // namespace salus::testing
