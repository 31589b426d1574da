#pragma once

#include <chrono>
#include <mutex>
#include <string>

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

}  // namespace salus::cli
