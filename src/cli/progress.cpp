#include "cli/progress.hpp"

#include <algorithm>

#include "node/platform.hpp"

namespace salus::cli {

Progress::Progress(Environment& environment, std::string what, std::size_t total)
    : environment_(environment), what_(std::move(what)), begun_(environment.steady.now()), total_(total) {}

Progress::~Progress() {
    if (shown_) *environment_.progress << "\r\033[K" << std::flush;
}

double Progress::seconds() const { return std::chrono::duration<double>(environment_.steady.now() - begun_).count(); }

void Progress::advance(std::size_t done) {
    const std::lock_guard lock(mutex_);
    done_ += done;
    draw();
}

void Progress::show(std::size_t done, std::size_t total) {
    const std::lock_guard lock(mutex_);
    done_ = done;
    total_ = total;
    draw();
}

void Progress::draw() {
    using namespace std::chrono_literals;
    const auto now = environment_.steady.now();
    if (environment_.progress == nullptr || now - begun_ < 2s || now - drawn_ < 100ms) return;
    drawn_ = now;
    shown_ = true;
    std::string bar;
    if (total_ != 0) {
        constexpr std::size_t kWidth = 30;
        const std::size_t filled = std::min(kWidth, kWidth * done_ / total_);
        bar = "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] ";
    }
    *environment_.progress << "\r\033[K" << what_ << " " << bar << done_
                           << (total_ != 0 ? "/" + std::to_string(total_) : "") << "  "
                           << static_cast<std::size_t>(static_cast<double>(done_) / seconds()) << "/s" << std::flush;
}

Waiting::Waiting(Environment& environment, std::string what) : environment_(environment), what_(std::move(what)) {
    if (environment_.progress != nullptr) thread_ = node::OsThreads().start("waiting", [this] { draw_until_over(); });
}

Waiting::~Waiting() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    over_changed_.notify_all();
    thread_.reset();
}

void Waiting::draw_until_over() {
    using namespace std::chrono_literals;
    std::unique_lock lock(mutex_);
    bool drawn = false;
    for (int second = 1; !over_changed_.wait_for(lock, 1s, [this] { return over_; }); ++second) {
        if (second <= 2) continue;
        *environment_.progress << "\r\033[K" << what_ << ", " << second << " s" << std::flush;
        drawn = true;
    }
    if (drawn) *environment_.progress << "\r\033[K" << std::flush;
}

}  // namespace salus::cli
