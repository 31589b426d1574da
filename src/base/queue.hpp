#pragma once

#include <chrono>
#include <condition_variable>
#include <utility>
#include <vector>

#include "base/mutex.hpp"

namespace salus {

/// A queue of at most `capacity` items between threads; a full one refuses, so that pressure reaches the sender.
template <class T>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// False, and nothing is taken, where it is full or closed; `item` is then unchanged.
    [[nodiscard]] bool try_push(T&& item) {
        {
            auto state = state_.lock();
            if (state->closed || state->items.size() >= capacity_) return false;
            state->items.push_back(std::move(item));
        }
        filled_.notify_one();
        return true;
    }
    [[nodiscard]] bool try_push(const T& item) { return try_push(T(item)); }

    /// Takes all there is, in order of arrival; waits for the first item. Empty only once it is closed and drained.
    [[nodiscard]] std::vector<T> pop_all() {
        auto state = state_.lock();
        filled_.wait(state.lock(), [&] { return state->ready(); });
        return std::exchange(state->items, {});
    }
    /// The same, but waits no longer than `wait`; empty also when nothing came.
    [[nodiscard]] std::vector<T> pop_all(std::chrono::milliseconds wait) {
        auto state = state_.lock();
        filled_.wait_for(state.lock(), wait, [&] { return state->ready(); });
        return std::exchange(state->items, {});
    }

    /// Takes nothing more; what is queued can still be popped. Wakes all who wait.
    void close() {
        state_.lock()->closed = true;
        filled_.notify_all();
    }

    [[nodiscard]] std::size_t size() const { return state_.lock()->items.size(); }
    [[nodiscard]] bool closed() const { return state_.lock()->closed; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    struct State {
        std::vector<T> items;
        bool closed = false;
        [[nodiscard]] bool ready() const { return closed || !items.empty(); }
    };

    const std::size_t capacity_;
    Guarded<State> state_;
    std::condition_variable filled_;
};

}  // namespace salus
