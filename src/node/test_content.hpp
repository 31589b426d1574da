#pragma once

#include "consensus/testing/simulated_engine.hpp"
#include "testkit/traffic.hpp"

/// For tests: what an engine may order of what honest, hasty and hostile members send. FOR TESTS ONLY.
namespace salus::node {

/// Proposals of what testkit::Traffic sends, under a clock that goes on, stands still, leaps, or is said to go back.
class RandomContent {
public:
    explicit RandomContent(std::uint64_t seed) : random_(seed), traffic_(net, seed) {}

    const testkit::Consortium net = testkit::make_hasty_consortium();

    /// `state`: the newest that any node stands at.
    consensus::SimulatedEngine::Ordered proposal(const StateReader& state) {
        if (random_.below(3) > 0) now_ms_ += random_.below(4000);
        if (random_.below(40) == 0) now_ms_ += random_.below(16) * kHourMs;
        consensus::SimulatedEngine::Ordered ordered;
        ordered.time_ms = random_.below(20) == 0 ? now_ms_ - random_.below(100'000) : now_ms_;
        ordered.proposer = validator_id(Signer::of(net.operator_key.public_key()));
        ordered.envelopes = traffic_.envelopes(now_ms_, state);
        if (random_.below(30) == 0)
            ordered.faults.push_back({ordered.proposer, 1, random_.below(5), random_.below(3), 1 + random_.below(2)});
        return ordered;
    }

    /// An era of another operator after `before` and behind `tip`, signed by every active member.
    EraRecord era(const EraRecord& before, const consensus::Tip& tip, const crypto::SigningKey& operator_key,
                  const StateReader& state) {
        EraRecord record = before;
        record.era = tip.era + 1;
        record.first_height = tip.height + 1;
        record.parent_hash = tip.app_hash;
        record.validators = {{Signer::of(operator_key.public_key()), 1, net.hospital_b.id()}};
        record.reason = "another operator";
        traffic_.sign_era(record, state);
        return record;
    }

private:
    testing::SeededRandom random_;
    testkit::Traffic traffic_;
    TimeMs now_ms_ = net.genesis.time_ms + 1000;
};

}  // namespace salus::node
