#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <deque>

#include "base/check.hpp"
#include "base/mutex.hpp"
#include "node/platform.hpp"

namespace salus::node {
namespace {

/// The pool that this thread belongs to.
thread_local const ThreadPool* pool_of_this_thread = nullptr;

/// One parallel_for: helpers and the caller take indexes until there are none. `body` lives until all have returned; a
/// helper that comes later finds no index left and does not touch it.
struct Batch {
    Batch(std::size_t count_in, const std::function<void(std::size_t)>& body_in) : count(count_in), body(body_in) {}

    void work() noexcept {
        std::size_t finished = 0;
        for (std::size_t i = next++; i < count; i = next++, ++finished) body(i);
        if (finished == 0) return;
        const auto access = done.lock();
        *access += finished;
        if (*access == count) all_done.notify_all();
    }
    void wait() {
        auto access = done.lock();
        all_done.wait(access.lock(), [&] { return *access == count; });
    }

    const std::size_t count;
    const std::function<void(std::size_t)>& body;
    std::atomic<std::size_t> next{0};
    Guarded<std::size_t> done{0U};
    std::condition_variable all_done;
};

}  // namespace

struct ThreadPool::Queue {
    struct State {
        std::deque<std::function<void()>> jobs;
        bool stopping = false;
        std::size_t idle = 0;
        bool waking = false;  ///< one that was idle has been woken, and wakes the next when it has its job

        /// Whether one more is to be woken. One at a time: where jobs are short, whoever is at work takes most of them
        /// before all that could be woken were there, and to wake one costs as much as a short job.
        [[nodiscard]] bool wakes() {
            const bool wanted = !waking && idle > 0 && !jobs.empty();
            waking = waking || wanted;
            return wanted;
        }
    };
    Guarded<State> state;
    std::condition_variable filled;
    std::condition_variable drained;
};

ThreadPool::ThreadPool(std::size_t threads) : queue_(std::make_unique<Queue>()) {
    SALUS_CHECK(threads > 0);
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

ThreadPool::~ThreadPool() {
    queue_->state.lock()->stopping = true;
    queue_->filled.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::post(std::function<void()> job) {
    bool wakes = false;
    {
        auto state = queue_->state.lock();
        if (pool_of_this_thread != this)
            queue_->drained.wait(state.lock(), [&] { return state->jobs.size() < kJobsMax; });
        state->jobs.push_back(std::move(job));
        wakes = state->wakes();
    }
    if (wakes) queue_->filled.notify_one();
}

void ThreadPool::parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) {
    if (count == 0) return;
    const auto batch = std::make_shared<Batch>(count, body);
    {
        // In front of the queue: the caller waits for it. Helpers only help, so a full queue goes without them.
        auto state = queue_->state.lock();
        for (std::size_t i = 1; i < std::min(count, threads_.size() + 1) && state->jobs.size() < kJobsMax; ++i)
            state->jobs.emplace_front([batch] { batch->work(); });
    }
    queue_->filled.notify_all();
    batch->work();
    batch->wait();
}

void ThreadPool::run() noexcept {
    pthread_setname_np(pthread_self(), "salus-pool");
    pool_of_this_thread = this;
    while (true) {
        std::function<void()> job;
        bool wakes = false;
        {
            auto state = queue_->state.lock();
            while (!state->stopping && state->jobs.empty()) {
                ++state->idle;
                queue_->filled.wait(state.lock());
                --state->idle;
                state->waking = false;
            }
            if (state->jobs.empty()) return;
            job = std::move(state->jobs.front());
            state->jobs.pop_front();
            wakes = state->wakes();
        }
        if (wakes) queue_->filled.notify_one();
        queue_->drained.notify_one();
        job();
    }
}

}  // namespace salus::node
