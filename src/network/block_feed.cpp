#include "network/block_feed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/platform/executor.hpp"
#include "network/answers.hpp"

namespace salus::network {
namespace {

constexpr std::size_t kPieceBytes = 128 * 1024;

std::string event_json(const Event& event) {
    return fmt::format(R"({{"kind":{},"object":"{}","data":"{}"}})", event.kind, to_hex(event.object),
                       to_hex(event.data));
}

}  // namespace

std::string block_event(const Block& block) {
    std::string transactions;
    for (std::size_t i = 0; i < block.receipts.size(); ++i) {
        const Receipt& receipt = block.receipts[i];
        std::string events;
        if (i < block.events.size())
            for (const auto& event : block.events[i].events) events += (events.empty() ? "" : ",") + event_json(event);
        transactions += fmt::format(R"({}{{"id":"{}","contract":"{}","code":{},"name":"{}","events":[{}]}})",
                                    i == 0 ? "" : ",", to_hex(receipt.id), contract_name(receipt.contract),
                                    receipt.code, code_name(receipt.code), events);
    }
    const BlockHeader& header = block.header;
    return fmt::format(
        "id: {}\nevent: block\ndata: {{\"height\":{},\"hash\":\"{}\",\"time_ms\":{},\"transactions\":[{}]}}\n\n",
        header.height, header.height, to_hex(header.hash()), header.time_ms, transactions);
}

/// One pump at a time: it runs, waits for the client to have read, or rests until the next block.
struct BlockFeed::Follower {
    std::shared_ptr<transport::ResponseStream> stream;
    Height next = 1;  ///< the pump's alone
    struct State {
        bool pumping = true;
        bool again = false;  ///< a block came meanwhile
    };
    Guarded<State> state{};
};

bool BlockFeed::reserve() {
    if (++count_ <= followers_max_) return true;
    // Who has gone is noticed when written to; on a quiet chain that may be long ago.
    auto followers = followers_.lock();
    count_ -= std::erase_if(*followers, [](const auto& follower) { return !follower->stream->write({}); });
    if (count_ <= followers_max_) return true;
    --count_;
    return false;
}

void BlockFeed::follow(std::shared_ptr<transport::ResponseStream> stream, Height from) {
    auto follower = std::make_shared<Follower>();
    follower->stream = std::move(stream);
    follower->next = from;
    followers_.lock()->push_back(follower);
    pump(follower);
}

void BlockFeed::notify() {
    const auto followers = *followers_.lock();
    for (const auto& follower : followers) {
        auto state = follower->state.lock();
        if (std::exchange(state->pumping, true))
            state->again = true;
        else
            executor_.post([self = shared_from_this(), follower] { self->pump(follower); });
    }
}

void BlockFeed::pump(const std::shared_ptr<Follower>& follower) {
    bool more = true;
    while (write_piece(*follower, more)) {
        if (more) {
            follower->stream->when_drained([self = shared_from_this(), follower] {
                self->executor_.post([self, follower] { self->pump(follower); });
            });
            return;
        }
        auto state = follower->state.lock();
        if (!std::exchange(state->again, false)) {
            state->pumping = false;
            return;
        }
    }
    follower->stream->close();
    if (std::erase(*followers_.lock(), follower) > 0) --count_;
}

bool BlockFeed::write_piece(Follower& follower, bool& more) {
    const Height tip = ledger_.status().height;
    std::string piece;
    while (follower.next <= tip && piece.size() < kPieceBytes) {
        const auto block = ledger_.block(follower.next);
        if (!block) {
            log_error("http", fmt::format("block {} cannot be told: {}", follower.next, block.error().to_string()));
            return false;
        }
        piece += block_event(*block);
        ++follower.next;
    }
    more = follower.next <= tip;
    return piece.empty() || follower.stream->write(std::move(piece));
}

}  // namespace salus::network
