#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "base/platform/executor.hpp"
#include "cli/command.hpp"

namespace salus::cli {

/// The line of the terminal on which progress is drawn, for one at a time: what begins inside of something that is
/// shown already shows nothing of its own.
class TerminalLine {
public:
    /// `terminal`: none where there is none.
    explicit TerminalLine(std::ostream* terminal);
    ~TerminalLine();
    TerminalLine(const TerminalLine&) = delete;
    TerminalLine& operator=(const TerminalLine&) = delete;

    /// Whether this has the line.
    explicit operator bool() const noexcept { return terminal_ != nullptr; }
    void draw(const std::string& text);
    void clear();

private:
    std::ostream* terminal_;
    bool drawn_ = false;
};

/// A bar on the terminal for work that takes longer than two seconds; nothing where there is none. Any thread.
class Progress {
public:
    /// `total` 0: not known, a count is shown.
    Progress(Environment& environment, std::string what, std::size_t total = 0);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void advance(std::size_t done);
    void show(std::size_t done, std::size_t total);
    [[nodiscard]] double seconds() const;

private:
    void draw();

    const SteadyClock& steady_;
    std::string what_;
    std::chrono::nanoseconds begun_;
    std::mutex mutex_;  ///< of all below
    TerminalLine line_;
    std::size_t total_;
    std::size_t done_ = 0;
    std::chrono::nanoseconds drawn_{0};
};

/// "reading at hospital-a, 3 s" on the terminal while one answer is waited for, from its third second on.
class Waiting {
public:
    Waiting(Environment& environment, std::string what) : Waiting(environment.progress, std::move(what)) {}
    Waiting(std::ostream* terminal, std::string what);
    ~Waiting();
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

private:
    void draw_until_over();

    TerminalLine line_;
    std::string what_;
    std::mutex mutex_;
    std::condition_variable over_changed_;
    bool over_ = false;
    std::unique_ptr<Thread> thread_;  ///< none where the line is not to be had
};

}  // namespace salus::cli
