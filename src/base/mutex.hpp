#pragma once

#include <mutex>
#include <utility>

namespace salus {

/// Data inside its lock: there is no way to it but through the lock (the habit of clio's util/Mutex.hpp).
template <class T>
class Guarded {
public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    class Access {
    public:
        Access(std::mutex& mutex, T& value) : lock_(mutex), value_(value) {}
        T& operator*() const noexcept { return value_; }
        T* operator->() const noexcept { return &value_; }
        /// For condition variables.
        std::unique_lock<std::mutex>& lock() noexcept { return lock_; }

    private:
        std::unique_lock<std::mutex> lock_;
        T& value_;
    };

    [[nodiscard]] Access lock() { return Access(mutex_, value_); }
    [[nodiscard]] Access lock() const { return Access(mutex_, value_); }

private:
    mutable std::mutex mutex_;
    mutable T value_;
};

}  // namespace salus
