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
    /// The disk does `operations` more, writes of a batch or syncs; the next fails, and the process dies of it.
    virtual void fail_after(std::size_t operations) = 0;
};

/// Orders proposals and has every node finalise and commit them in its own time: with other proposals looked at
/// between, with commits that overlap the next execution, with crashes between any two calls and at each operation of
/// the disk within a commit, with certificates that come with the block, late, twice, or never, and with eras.
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
        std::uint64_t failing_disk = 15;
    };

    SimulatedEngine(const EraRecord& era, std::vector<SimulatedNode*> nodes, Certify certify, std::uint64_t seed,
                    Chances chances)
        : era_(era), certify_(std::move(certify)), random_(seed), chances_(chances) {
        for (SimulatedNode* node : nodes) {
            nodes_.push_back({node, node->ledger().tip().engine, false, "begin"});
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

    /// Goes on under another era. Pre: settled; the ledgers' state permits `era`
    void open(const EraRecord& era) {
        const EraRecord before = std::exchange(era_, era);
        opens_ = ordered_.size() + 1;
        for (Running& running : nodes_) {
            expect(running.node->ledger().begin(era_).has_value(), "begin of an era is refused");
            expect(!running.node->ledger().begin(unsigned_era()), "an era that nobody has signed is begun");
            expect(running.node->ledger().begin(before).has_value(), "the era in force is refused");
            expect(running.node->ledger().begin(era_).has_value(), "begin of an era is not repeatable");
            running.last = "begin of an era";
        }
        crash(nodes_.front());
    }

    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
    [[nodiscard]] const std::map<EngineHeight, Outcome>& outcomes() const { return outcomes_; }
    [[nodiscard]] std::size_t crashes() const { return crashes_; }
    [[nodiscard]] std::size_t replays() const { return replays_; }
    [[nodiscard]] std::size_t overlaps() const { return overlaps_; }
    [[nodiscard]] std::size_t deaths() const { return deaths_; }
    /// How often power was lost behind each call, and within a commit at each operation of the disk.
    [[nodiscard]] const std::map<std::string, std::size_t>& gaps() const { return gaps_; }
    [[nodiscard]] std::size_t blocks() const { return blocks_; }

private:
    struct Running {
        SimulatedNode* node;
        EngineHeight committed;
        bool finalised;    ///< the one after `committed`
        std::string last;  ///< call
    };

    void step(Running& running) {
        const std::uint64_t chance = random_.below(1000);
        if (chance < chances_.crash) return crash(running);
        // Eras are few, and power shall be lost at each of their steps too.
        if (running.last.ends_with("of an era") || running.last.ends_with("an era's first"))
            if (random_.below(3) == 0) return crash(running);
        if (chance < chances_.crash + chances_.failing_disk) return die_in_commit(running);
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
        running.last = "look";
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
        running.last = "certified";
    }

    void expect_begin(Running& running) {
        if (running.finalised) return;
        expect(running.node->ledger().begin(era_).has_value(), "begin is not repeatable");
        running.last = running.committed + 1 == opens_ ? "begin of an era" : "begin";
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
            running.last = "commit beside finalise";
            return;
        }
        committed(running, running.node->ledger().commit(certificate), outcome);
    }

    void finalise(Running& running) {
        compare(running.committed + 1, running.node->ledger().finalise(proposal_of(running.committed + 1)));
        running.finalised = true;
        running.last = running.committed + 1 == opens_ ? "finalise of an era's first" : "finalise";
    }

    void committed(Running& running, const Tip& tip, const Outcome& outcome) {
        ++running.committed;
        running.finalised = false;
        running.last = running.committed == opens_ ? "commit of an era's first" : "commit";
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
        ++gaps_[running.last];
        running.node->crash();
        back_at(running, running.committed, running.committed);
    }

    void die_in_commit(Running& running) {
        if (!running.finalised) return;
        const bool written = random_.below(2) == 0;
        running.node->fail_after(written ? 1 : 0);
        try {
            (void)running.node->ledger().commit(std::nullopt);
            expect(false, "commit returned though its write or its sync failed");
        } catch (const salus::testing::ProcessDied&) {
            ++deaths_;
        }
        running.node->crash();
        const EngineHeight before = running.committed;
        back_at(running, before, before + (written ? 1 : 0));
        ++gaps_[!written                      ? "write"
                : running.committed == before ? "sync, and the batch was lost"
                                              : "sync, and the batch had reached the disk"];
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
        running.last = "start";
    }
    [[nodiscard]] EraRecord unsigned_era() const {
        EraRecord record = era_;
        record.signatures.clear();
        return record;
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

    EraRecord era_;
    EngineHeight opens_ = 0;  ///< the engine block that opens it; 0: that of the start
    const Certify certify_;
    salus::testing::SeededRandom random_;
    const Chances chances_;
    std::vector<Running> nodes_;
    std::vector<Ordered> ordered_;
    std::map<EngineHeight, Outcome> outcomes_;
    std::map<std::size_t, bool> well_formed_;
    std::vector<std::string> violations_;
    std::map<std::string, std::size_t> gaps_;
    std::size_t crashes_ = 0;
    std::size_t replays_ = 0;
    std::size_t overlaps_ = 0;
    std::size_t deaths_ = 0;
    std::size_t blocks_ = 0;
};

}  // namespace salus::consensus
