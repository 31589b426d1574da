#include "node/platform.hpp"

#include <pthread.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <string>

#include "base/check.hpp"

namespace salus::node {
namespace {

std::chrono::nanoseconds read_clock(clockid_t clock) {
    timespec time{};
    SALUS_CHECK(clock_gettime(clock, &time) == 0);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void name_this_thread(std::string_view name) {
    // Linux keeps 15 characters. The name is for people only, so a refusal does not matter.
    pthread_setname_np(pthread_self(), std::string(name.substr(0, 15)).c_str());
}

class OsThread final : public Thread {
public:
    explicit OsThread(std::thread thread) : thread_(std::move(thread)) {}
    ~OsThread() override { join(); }
    OsThread(const OsThread&) = delete;
    OsThread& operator=(const OsThread&) = delete;
    void join() override {
        if (thread_.joinable()) thread_.join();
    }

private:
    std::thread thread_;
};

}  // namespace

TimeMs RealWallClock::now_ms() const {
    const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(read_clock(CLOCK_REALTIME));
    return since_epoch.count() < 0 ? 0 : static_cast<TimeMs>(since_epoch.count());
}

std::chrono::nanoseconds BootTimeClock::now() const { return read_clock(CLOCK_BOOTTIME); }

void OsRandom::fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        SALUS_CHECK(got > 0 || (got < 0 && errno == EINTR));
        if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
    }
}

std::unique_ptr<Thread> OsThreads::start(std::string_view name, std::function<void()> body) {
    return std::make_unique<OsThread>(std::thread([name = std::string(name), body = std::move(body)]() noexcept {
        name_this_thread(name);
        body();
    }));
}

void OsProcess::die(std::string_view reason) {
    std::fprintf(stderr, "salus: %.*s\n", static_cast<int>(reason.size()), reason.data());
    _exit(kExitStatus);
}

std::size_t cores() noexcept { return std::max<std::size_t>(1, std::thread::hardware_concurrency()); }

std::size_t raise_open_files_max() noexcept {
    rlimit limit{};
    SALUS_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    return static_cast<std::size_t>(limit.rlim_cur);
}

void pause(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

}  // namespace salus::node
