#include "cli/progress.hpp"

#include <algorithm>
#include <atomic>

#include "node/platform.hpp"

namespace salus::cli {
namespace {

/// A process has one terminal.
std::atomic<bool> line_taken = false;

}  // namespace

TerminalLine::TerminalLine(std::ostream* terminal)
    : terminal_(terminal != nullptr && !line_taken.exchange(true) ? terminal : nullptr) {}

TerminalLine::~TerminalLine() {
    if (terminal_ == nullptr) return;
    clear();
    line_taken = false;
}

void TerminalLine::draw(const std::string& text) {
    *terminal_ << "\r\033[K" << text << std::flush;
    drawn_ = true;
}

void TerminalLine::clear() {
    if (drawn_) *terminal_ << "\r\033[K" << std::flush;
    drawn_ = false;
}

Progress::Progress(Environment& environment, std::string what, std::size_t total)
    : steady_(environment.steady),
      what_(std::move(what)),
      begun_(environment.steady.now()),
      line_(environment.progress),
      total_(total) {}

double Progress::seconds() const { return std::chrono::duration<double>(steady_.now() - begun_).count(); }

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
    const auto now = steady_.now();
    if (!line_ || now - begun_ < 2s || now - drawn_ < 100ms) return;
    drawn_ = now;
    std::string bar;
    if (total_ != 0) {
        constexpr std::size_t kWidth = 30;
        const std::size_t filled = std::min(kWidth, kWidth * done_ / total_);
        bar = "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] ";
    }
    line_.draw(what_ + " " + bar + std::to_string(done_) + (total_ != 0 ? "/" + std::to_string(total_) : "") + "  " +
               std::to_string(static_cast<std::size_t>(static_cast<double>(done_) / seconds())) + "/s");
}

Waiting::Waiting(std::ostream* terminal, std::string what) : line_(terminal), what_(std::move(what)) {
    if (line_) thread_ = node::OsThreads().start("waiting", [this] { draw_until_over(); });
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
    for (int second = 1; !over_changed_.wait_for(lock, 1s, [this] { return over_; }); ++second) {
        if (second <= 2) continue;
        line_.draw(what_ + ", " + std::to_string(second) + " s");
    }
}

}  // namespace salus::cli
