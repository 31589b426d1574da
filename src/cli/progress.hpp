#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "base/platform/executor.hpp"
#include "cli/command.hpp"

namespace salus::cli {

/// A bar on the terminal for work that takes longer than two seconds; nothing where there is none. Any thread.
class Progress {
public:
    /// `total` 0: not known, a count is shown.
    Progress(Environment& environment, std::string what, std::size_t total = 0);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void advance(std::size_t done);
    void show(std::size_t done, std::size_t total);
    [[nodiscard]] double seconds() const;

private:
    void draw();

    Environment& environment_;
    std::string what_;
    std::chrono::nanoseconds begun_;
    std::mutex mutex_;  ///< of all below
    std::size_t total_;
    std::size_t done_ = 0;
    std::chrono::nanoseconds drawn_{0};
    bool shown_ = false;
};

/// "reading at hospital-a, 3 s" on the terminal while one answer is waited for, from its third second on.
class Waiting {
public:
    Waiting(Environment& environment, std::string what);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    void draw_until_over();

    Environment& environment_;
    std::string what_;
    std::mutex mutex_;
    std::condition_variable over_changed_;
    bool over_ = false;
    std::unique_ptr<Thread> thread_;  ///< none where there is no terminal
};

}  // namespace salus::cli
