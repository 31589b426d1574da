#include "transport/waiting_line.hpp"

#include <utility>

namespace salus::transport {

WaitingLine::Wait::Wait(WaitingLine& line, std::function<void()> give_way)
    : line_(line), give_way_(std::move(give_way)) {
    auto waits = line_.waits_.lock();
    place_ = waits->insert(waits->end(), this);
}

bool WaitingLine::Wait::end() {
    auto waits = line_.waits_.lock();
    if (!place_) return false;
    waits->erase(*std::exchange(place_, std::nullopt));
    return true;
}

bool WaitingLine::call_out_first() {
    auto waits = waits_.lock();
    if (waits->empty()) return false;
    Wait* const first = waits->front();
    waits->pop_front();
    first->place_.reset();
    first->give_way_();
    return true;
}

}  // namespace salus::transport
