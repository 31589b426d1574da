#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace salus::node {

/// A program that runs beside this one; ended with it, whatever happens.
class ChildProcess {
public:
    /// Starts `program` with `arguments`. Its stdout is read by `line`, its stderr goes to `log`.
    /// Errors: kIo
    static Result<ChildProcess> start(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                      const std::filesystem::path& log);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();

    /// The next line of its stdout. Errors: kTimeout; kIo where it ended before
    Result<std::string> line(std::chrono::milliseconds patience);
    /// Asks it to end (SIGTERM) and waits; kills it where it does not. Returns its exit status, 128 + n after signal n.
    int stop(std::chrono::milliseconds patience);
    /// SIGKILL, and waits.
    void kill();
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Whether it still runs.
    [[nodiscard]] bool running();

private:
    ChildProcess(pid_t pid, int out) : pid_(pid), out_(out) {}
    void reap(int options);

    pid_t pid_ = -1;
    int out_ = -1;
    int status_ = 0;
    std::string buffered_;
};

/// The program that is running now.
std::filesystem::path this_program();

}  // namespace salus::node
