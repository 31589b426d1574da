#pragma once

#include <condition_variable>

#include "base/mutex.hpp"
#include "consensus/port.hpp"
#include "crypto/hash.hpp"

namespace salus::consensus {

/// A ledger of one validator that writes down what it is called for. An envelope that begins with 'x' is not
/// admissible, one that begins with '!' is malformed; each engine block with an admissible envelope makes a block.
class FakeLedger final : public Ledger {
public:
    struct Seen {
        Tip tip;
        std::vector<std::string> calls;
        std::vector<Proposal> finalised;  ///< their envelopes are gone
        std::vector<Bytes> ordered;
        std::map<Height, Hash> blocks;
        std::map<Height, Certificate> certificates;
        std::vector<Hash> given_up;
        std::optional<Outcome> pending;
        std::optional<Tip> pending_tip;
        Status certified_answer;
        Outcome tells;  ///< its validators and parameters are those of every block
    };

    FakeLedger() {
        era_.engine = EngineKind::kCometBft;
        era_.chain_id = "salus-test-1";
        era_.validators = {{Signer{crypto::SignatureSuite::kEd25519, Bytes(32, 7)}, 10, {}}};
        seen.lock()->tip.app_hash.fill(0xEE);
    }
    [[nodiscard]] const EraRecord& era() const { return era_; }
    void set_era(EraRecord era) { era_ = std::move(era); }

    [[nodiscard]] Tip tip() const override { return seen.lock()->tip; }
    Status begin(const EraRecord& era) override {
        if (era != era_) return fail(ErrorCode::kConflict, "another era");
        note("begin");
        return {};
    }
    [[nodiscard]] Status check(ByteView envelope) const override {
        if (envelope.empty() || envelope[0] == 'x' || envelope[0] == '!')
            return fail(ErrorCode::kInadmissibleExpired, "not admissible");
        return {};
    }
    [[nodiscard]] std::vector<std::size_t> choose(const std::vector<ByteView>& envelopes, TimeMs,
                                                  std::size_t bytes_max) override {
        std::vector<std::size_t> chosen;
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < envelopes.size(); ++i) {
            bytes += envelopes[i].size();
            if (bytes > bytes_max) break;
            if (check(envelopes[i])) chosen.push_back(i);
        }
        return chosen;
    }
    [[nodiscard]] bool well_formed(const Proposal& proposal) override {
        return std::ranges::none_of(proposal.envelopes,
                                    [](ByteView envelope) { return !envelope.empty() && envelope[0] == '!'; });
    }
    Outcome finalise(const Proposal& proposal) override {
        Outcome outcome;
        auto state = seen.lock();
        outcome.validators = state->tells.validators;
        outcome.params = state->tells.params;
        Tip tip = state->tip;
        tip.engine = proposal.engine;
        tip.time_ms = proposal.time_ms;
        for (const ByteView envelope : proposal.envelopes) {
            const bool taken = check(envelope).has_value();
            outcome.codes.push_back(taken ? 0 : 1);
            outcome.made_block = outcome.made_block || taken;
            state->ordered.push_back(to_bytes(envelope));
        }
        outcome.made_block = outcome.made_block || !proposal.faults.empty();
        if (outcome.made_block) {
            ++tip.height;
            Bytes content = to_bytes(tip.app_hash);
            append(content, big_endian(tip.engine));
            tip.app_hash = crypto::sha256(content);
        }
        outcome.height = tip.height;
        outcome.app_hash = tip.app_hash;
        state->finalised.push_back(proposal);
        state->finalised.back().envelopes.clear();
        state->pending = outcome;
        state->pending_tip = tip;
        return outcome;
    }
    Tip commit(const std::optional<Certificate>&) override {
        auto state = seen.lock();
        state->tip = *std::exchange(state->pending_tip, std::nullopt);
        if (state->pending->made_block) state->blocks[state->tip.height] = state->tip.app_hash;
        changed.notify_all();
        return state->tip;
    }
    Status certified(Height height, const Certificate& certificate) override {
        auto state = seen.lock();
        state->calls.push_back("certified " + std::to_string(height));
        changed.notify_all();
        if (!state->certified_answer) return state->certified_answer;
        state->certificates.emplace(height, certificate);
        return {};
    }
    [[nodiscard]] std::optional<Uncertified> uncertified(Height above) const override {
        const auto state = seen.lock();
        for (const auto& [height, hash] : state->blocks)
            if (height > above && !state->certificates.contains(height)) return Uncertified{height, hash};
        return std::nullopt;
    }
    void given_up(const Hash& envelope) override {
        seen.lock()->given_up.push_back(envelope);
        changed.notify_all();
    }
    [[nodiscard]] bool member(const Signer& key) const override { return key == era_.validators.front().key; }
    [[nodiscard]] PeerStanding peer(const ValidatorId& id) const override {
        if (id == validator_id(era_.validators.front().key)) return PeerStanding::kMember;
        return id.bytes.front() == 0xFF ? PeerStanding::kShutOut : PeerStanding::kUnknown;
    }

    template <class Predicate>
    void wait(Predicate predicate) {
        auto state = seen.lock();
        changed.wait(state.lock(), [&] { return predicate(*state); });
    }

    Guarded<Seen> seen;
    std::condition_variable changed;

private:
    void note(std::string call) { seen.lock()->calls.push_back(std::move(call)); }

    EraRecord era_;
};

}  // namespace salus::consensus
