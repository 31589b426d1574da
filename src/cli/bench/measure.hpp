#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

#include "base/platform/clock.hpp"
#include "base/result.hpp"

/// What benchmarks measure besides their own work.
namespace salus::cli::bench {

class Stopwatch {
public:
    explicit Stopwatch(const SteadyClock& clock) : clock_(&clock), begun_(clock.now()) {}
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(clock_->now() - begun_).count(); }

private:
    const SteadyClock* clock_;
    std::chrono::nanoseconds begun_;
};

/// What a process has used since it began. On a machine that others use too, processor time says more than a clock.
struct Usage {
    double cpu_seconds = 0;
    double rss_mib = 0;       ///< now
    double peak_rss_mib = 0;  ///< at most
};
/// Errors: kIo where there is no such process
Result<Usage> usage_of(pid_t process);
Result<Usage> own_usage();

/// All files below `folder`, in bytes that they take on the disk.
std::uint64_t folder_bytes(const std::filesystem::path& folder);

/// Has the system forget what it holds in memory of all files below `folder`, so that they are read from the disk
/// again. Errors: kIo
Status forget_cached(const std::filesystem::path& folder);

/// The median of appending 4 KiB to a file in `folder` and fdatasync, in milliseconds. Errors: kIo
Result<double> fsync_ms(const std::filesystem::path& folder, const SteadyClock& clock);

/// The value that `share` of all do not exceed; 0 where there are none.
double percentile(std::vector<double> values, double share);

/// For JSON: no more digits than were measured.
double rounded(double value, int digits = 1);

}  // namespace salus::cli::bench
