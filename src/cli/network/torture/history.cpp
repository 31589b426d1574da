#include "cli/network/torture/history.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace salus::cli::network {
namespace {

std::string text_of(const History::Place& place) { return fmt::format("{}/{}", place.height, place.index); }

}  // namespace

void History::acknowledge(const TxId& id, Place place) {
    const auto state = state_.lock();
    const auto [found, added] = state->said.emplace(id.bytes, Entry{Said::kAcknowledged, place});
    if (added) return;
    if (found->second.said == Said::kAcknowledged && found->second.place != place)
        state->faults.push_back(fmt::format("{} was acknowledged at {} and at {}", to_hex(id),
                                            text_of(found->second.place), text_of(place)));
    found->second = {Said::kAcknowledged, place};
}

void History::refuse(const TxId& id) { state_.lock()->said.emplace(id.bytes, Entry{Said::kRefused, {}}); }

void History::doubt(const TxId& id) { state_.lock()->said.emplace(id.bytes, Entry{Said::kInDoubt, {}}); }

void History::fault(std::string what) { state_.lock()->faults.push_back(std::move(what)); }

void History::block(const std::string& node, ByteView bytes, const Block& block) {
    const Hash hash = crypto::sha256(bytes);
    const auto state = state_.lock();
    Height& height = state->heights[node];
    const Height expected = ++height;
    if (block.header.height != expected)
        state->faults.push_back(fmt::format("{} has block {} at height {}", node, block.header.height, expected));
    if (state->blocks.size() >= expected) {
        if (state->blocks[expected - 1] != hash)
            state->faults.push_back(fmt::format("{} has another block at height {}", node, expected));
        return;
    }
    state->blocks.push_back(hash);
    for (std::size_t i = 0; i < block.receipts.size(); ++i)
        state->found[block.receipts[i].id.bytes].push_back({expected, static_cast<std::uint32_t>(i)});
}

History::Counts History::counts() const {
    const auto state = state_.lock();
    Counts counts;
    for (const auto& [id, entry] : state->said) {
        if (entry.said == Said::kAcknowledged) ++counts.acknowledged;
        if (entry.said == Said::kRefused) ++counts.refused;
        if (entry.said == Said::kInDoubt) ++counts.in_doubt;
        if (entry.said == Said::kInDoubt && state->found.contains(id)) ++counts.kept;
    }
    return counts;
}

std::vector<std::string> History::judge() const {
    const auto state = state_.lock();
    std::vector<std::string> faults = state->faults;
    for (const auto& [node, height] : state->heights)
        if (height != state->blocks.size())
            faults.push_back(fmt::format("{} has {} blocks of {}", node, height, state->blocks.size()));
    for (const auto& [id, places] : state->found)
        if (places.size() > 1)
            faults.push_back(
                fmt::format("{} stands at {} and at {}", to_hex(id), text_of(places[0]), text_of(places[1])));
    for (const auto& [id, entry] : state->said) {
        const auto found = state->found.find(id);
        const bool stands = found != state->found.end();
        if (entry.said == Said::kRefused && stands)
            faults.push_back(to_hex(id) + " was refused and stands at " + text_of(found->second.front()));
        if (entry.said == Said::kAcknowledged && !stands)
            faults.push_back(to_hex(id) + " was acknowledged at " + text_of(entry.place) + " and does not stand");
        if (entry.said == Said::kAcknowledged && stands && found->second.front() != entry.place)
            faults.push_back(fmt::format("{} was acknowledged at {} and stands at {}", to_hex(id), text_of(entry.place),
                                         text_of(found->second.front())));
    }
    return faults;
}

}  // namespace salus::cli::network
