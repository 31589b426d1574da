#pragma once

#include <map>
#include <string>
#include <thread>

#include "consensus/port.hpp"
#include "testing/platform.hpp"

/// A third engine, for tests: drives several ledgers through any legal order of calls. FOR TESTS ONLY.
namespace salus::consensus {

/// A ledger that can lose power.
class SimulatedNode {
public:
    virtual ~SimulatedNode() = default;
    [[nodiscard]] virtual Ledger& ledger() = 0;
    /// Everything not durable is lost, wholly or from some point on; starts again from its disk.
    virtual void crash() = 0;
    /// From now on the next sync fails and the process dies of it.
    virtual void fail_next_sync() = 0;
};

/// Orders proposals and has every node finalise and commit them in its own time: with other proposals looked at
/// between, with commits that overlap the next execution, with crashes between any two calls and within a commit, and
/// with certificates that come with the block, late, twice, or never.
///
/// Whatever differs between nodes, or between a call and its replay, is written down in `violations`.
class SimulatedEngine {
public:
    struct Ordered {
        TimeMs time_ms = 0;
        ValidatorId proposer;
        std::vector<Bytes> envelopes;
        std::vector<Fault> faults;
    };
    /// Who vouches for a block.
    using Certify = std::function<Certificate(const Outcome&)>;
    struct Chances {  ///< in a thousand, at each step
        std::uint64_t crash = 20;
        std::uint64_t failing_sync = 10;
    };

    SimulatedEngine(const EraRecord& era, std::vector<SimulatedNode*> nodes, Certify certify, std::uint64_t seed,
                    Chances chances)
        : era_(era), certify_(std::move(certify)), random_(seed), chances_(chances) {
        for (SimulatedNode* node : nodes) {
            nodes_.push_back({node, node->ledger().tip().engine, false});
            expect(node->ledger().begin(era_).has_value(), "begin is refused");
        }
    }

    /// Orders one more and lets the nodes go on for a while. How far each comes is chance.
    void order(Ordered ordered) {
        ordered_.push_back(std::move(ordered));
        for (std::size_t steps = 4 * nodes_.size(); steps > 0; --steps) step(nodes_[random_.below(nodes_.size())]);
        // A node that lags by more is not more interesting, and a test should end.
        for (Running& running : nodes_)
            while (ordered_.size() - running.committed > 20) advance(running);
    }
    /// Until every node has committed all.
    void settle() {
        for (Running& running : nodes_)
            while (running.committed < ordered_.size()) advance(running);
    }

    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
    [[nodiscard]] const std::map<EngineHeight, Outcome>& outcomes() const { return outcomes_; }
    [[nodiscard]] std::size_t crashes() const { return crashes_; }
    [[nodiscard]] std::size_t replays() const { return replays_; }
    [[nodiscard]] std::size_t overlaps() const { return overlaps_; }
    [[nodiscard]] std::size_t deaths() const { return deaths_; }
    [[nodiscard]] std::size_t blocks() const { return blocks_; }

private:
    struct Running {
        SimulatedNode* node;
        EngineHeight committed;
        bool finalised;  ///< the one after `committed`
    };

    void step(Running& running) {
        const std::uint64_t chance = random_.below(1000);
        if (chance < chances_.crash) return crash(running);
        if (chance < chances_.crash + chances_.failing_sync) return die_in_commit(running);
        if (chance < 150) return look(running);
        if (chance < 250) return certify_one(running);
        if (chance < 270) return expect_begin(running);
        if (running.committed < ordered_.size()) advance(running);
    }

    /// What an engine may ask of a proposal at any time, of one that never comes too.
    void look(Running& running) {
        if (ordered_.empty()) return;
        const std::size_t which = random_.below(ordered_.size());
        const Proposal proposal = proposal_of(which + 1);
        const bool good = running.node->ledger().well_formed(proposal);
        const auto [first, is_new] = well_formed_.try_emplace(which, good);
        expect(is_new || first->second == good, "well_formed depends on more than the proposal");
        for (const ByteView envelope : proposal.envelopes) (void)running.node->ledger().check(envelope);
        const auto chosen = running.node->ledger().choose(proposal.envelopes, proposal.time_ms, 100'000);
        std::size_t bytes = 0;
        for (const std::size_t index : chosen) bytes += proposal.envelopes.at(index).size();
        expect(bytes <= 100'000, "choose takes more than fits");
    }

    void certify_one(Running& running) {
        if (running.committed == 0) return;
        const auto at = outcomes_.find(1 + random_.below(running.committed));
        if (at == outcomes_.end() || !at->second.made_block) return;
        Certificate certificate = certify_(at->second);
        expect(running.node->ledger().certified(at->second.height, certificate).has_value(),
               "a good certificate is refused");
        std::get<OperatorCertificate>(certificate.by).signature[7] ^= 1;
        expect(!running.node->ledger().certified(at->second.height, certificate), "a bad certificate is taken");
        expect(!running.node->ledger().certified(at->second.height + 1000, certify_(at->second)),
               "no block has that height");
    }

    void expect_begin(Running& running) {
        if (!running.finalised) expect(running.node->ledger().begin(era_).has_value(), "begin is not repeatable");
    }

    void advance(Running& running) {
        if (!running.finalised) return finalise(running);
        const Outcome outcome = outcomes_.at(running.committed + 1);
        const auto certificate =
            random_.below(2) == 0 && outcome.made_block ? std::optional(certify_(outcome)) : std::nullopt;
        if (running.committed + 2 <= ordered_.size() && random_.below(3) == 0) {
            Tip tip;
            {
                const std::jthread committer([&] { tip = running.node->ledger().commit(certificate); });
                compare(running.committed + 2, running.node->ledger().finalise(proposal_of(running.committed + 2)));
            }
            ++overlaps_;
            committed(running, tip, outcome);
            running.finalised = true;
            return;
        }
        committed(running, running.node->ledger().commit(certificate), outcome);
    }

    void finalise(Running& running) {
        compare(running.committed + 1, running.node->ledger().finalise(proposal_of(running.committed + 1)));
        running.finalised = true;
    }

    void committed(Running& running, const Tip& tip, const Outcome& outcome) {
        ++running.committed;
        running.finalised = false;
        expect(tip.engine == running.committed && tip.height == outcome.height && tip.app_hash == outcome.app_hash,
               "the tip is not what was finalised");
        const Tip again = running.node->ledger().tip();
        expect(again.engine == tip.engine && again.app_hash == tip.app_hash, "tip does not tell what commit returned");
    }

    void compare(EngineHeight engine, const Outcome& outcome) {
        const auto [at, is_new] = outcomes_.try_emplace(engine, outcome);
        const Outcome& first = at->second;
        if (is_new && outcome.made_block) ++blocks_;
        if (!is_new) ++replays_;
        expect(first.height == outcome.height && first.app_hash == outcome.app_hash && first.codes == outcome.codes &&
                   first.made_block == outcome.made_block,
               "engine block " + std::to_string(engine) + " has two outcomes");
        expect(outcome.codes.size() == ordered_.at(engine - 1).envelopes.size(), "not one code an envelope");
    }

    void crash(Running& running) {
        ++crashes_;
        running.node->crash();
        back_at(running, running.committed, running.committed);
    }

    void die_in_commit(Running& running) {
        if (!running.finalised) return;
        running.node->fail_next_sync();
        try {
            (void)running.node->ledger().commit(std::nullopt);
            expect(false, "commit returned though its sync failed");
        } catch (const salus::testing::ProcessDied&) {
            ++deaths_;
        }
        running.node->crash();
        back_at(running, running.committed, running.committed + 1);
    }

    /// A ledger never forgets what commit has returned, and is never ahead of what was committed.
    void back_at(Running& running, EngineHeight least, EngineHeight most) {
        const Tip tip = running.node->ledger().tip();
        expect(
            tip.engine >= least && tip.engine <= most,
            "after a crash the ledger stands at " + std::to_string(tip.engine) + ", not at " + std::to_string(least));
        running.committed = tip.engine;
        running.finalised = false;
        expect(running.node->ledger().begin(era_).has_value(), "begin is refused after a crash");
    }

    [[nodiscard]] Proposal proposal_of(EngineHeight engine) const {
        const Ordered& ordered = ordered_.at(engine - 1);
        Proposal proposal;
        proposal.engine = engine;
        proposal.time_ms = ordered.time_ms;
        proposal.proposer = ordered.proposer;
        proposal.envelopes.assign(ordered.envelopes.begin(), ordered.envelopes.end());
        proposal.faults = ordered.faults;
        return proposal;
    }

    void expect(bool holds, const std::string& otherwise) {
        if (!holds) violations_.push_back(otherwise);
    }

    const EraRecord era_;
    const Certify certify_;
    salus::testing::SeededRandom random_;
    const Chances chances_;
    std::vector<Running> nodes_;
    std::vector<Ordered> ordered_;
    std::map<EngineHeight, Outcome> outcomes_;
    std::map<std::size_t, bool> well_formed_;
    std::vector<std::string> violations_;
    std::size_t crashes_ = 0;
    std::size_t replays_ = 0;
    std::size_t overlaps_ = 0;
    std::size_t deaths_ = 0;
    std::size_t blocks_ = 0;
};

}  // namespace salus::consensus
