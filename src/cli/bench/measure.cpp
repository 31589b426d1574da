#include "cli/bench/measure.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>

namespace salus::cli::bench {
namespace {

/// "VmRSS:     1234 kB" of /proc/PID/status
double status_mib(const std::string& process, const std::string& name) {
    std::ifstream status("/proc/" + process + "/status");
    for (std::string word; status >> word;) {
        double kib = 0;
        if (word == name + ":" && status >> kib) return kib / 1024;
    }
    return 0;
}

Result<Usage> usage(const std::string& process) {
    std::ifstream file("/proc/" + process + "/stat");
    std::string line;
    if (!std::getline(file, line)) return fail(ErrorCode::kIo, "cannot read /proc/" + process + "/stat");
    // Behind the name, which may hold anything: fields 3 to 13, then user and system time in ticks.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int i = 3; i <= 13; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    if (!(fields >> user >> system)) return fail(ErrorCode::kIo, "/proc/" + process + "/stat is of another form");
    return Usage{(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK)), status_mib(process, "VmRSS"),
                 status_mib(process, "VmHWM")};
}

}  // namespace

Result<Usage> usage_of(pid_t process) { return usage(std::to_string(process)); }
Result<Usage> own_usage() { return usage("self"); }

std::uint64_t folder_bytes(const std::filesystem::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code error;
    // A running store removes files while they are counted: what is gone takes nothing.
    for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
        std::error_code gone;
        const auto size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
        if (!gone) bytes += size;
    }
    return bytes;
}

Status forget_cached(const std::filesystem::path& folder) {
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
        if (!it->is_regular_file(error) || error) continue;
        const int fd = ::open(it->path().c_str(), O_RDONLY | O_CLOEXEC);
        // What is not on the disk yet stays in memory: synced first.
        const bool good = fd >= 0 && ::fdatasync(fd) == 0 && ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0;
        if (fd >= 0) ::close(fd);
        if (!good) return fail(ErrorCode::kIo, "cannot have the system forget " + it->path().string());
    }
    return error ? Status(fail(ErrorCode::kIo, "cannot read " + folder.string())) : Status{};
}

Result<double> fsync_ms(const std::filesystem::path& folder, const SteadyClock& clock) {
    constexpr int kRounds = 101;
    const std::filesystem::path file = folder / "fsync";
    const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return fail(ErrorCode::kIo, "cannot write " + file.string());
    const std::array<char, 4096> block{};
    std::vector<double> times;
    bool good = true;
    for (int i = 0; i < kRounds && good; ++i) {
        const Stopwatch watch(clock);
        good = ::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()) && ::fdatasync(fd) == 0;
        times.push_back(watch.seconds() * 1000);
    }
    ::close(fd);
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (!good) return fail(ErrorCode::kIo, "cannot write and sync " + file.string());
    return percentile(std::move(times), 0.5);
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(at, 1, values.size()) - 1);
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

double rounded(double value, int digits) {
    const double scale = std::pow(10, digits);
    return std::round(value * scale) / scale;
}

}  // namespace salus::cli::bench
