#pragma once

#include <deque>
#include <functional>
#include <span>

#include "base/mutex.hpp"
#include "base/platform/clock.hpp"
#include "base/platform/process.hpp"
#include "consensus/port.hpp"
#include "execution/engine.hpp"
#include "execution/intake.hpp"
#include "store/chain_store.hpp"

namespace salus::node {

/// One version of the ledger, with the ids that it must not take again.
struct Version {
    std::shared_ptr<const store::StoreView> view;
    std::shared_ptr<const execution::ReplaySet> replay;

    [[nodiscard]] const store::StoredTip& tip() const { return view->tip(); }
};

/// The newest block with a certificate; height 0, and none, before there is one.
struct CertifiedVersion {
    std::shared_ptr<const store::StoreView> view;
    std::optional<Certificate> certificate;
};

/// An engine block that is durable, and shown to readers: of what they are told they find the state, and can prove it.
struct Durable {
    const Block* block = nullptr;  ///< nothing: no transaction remained
    std::span<const execution::Inadmissible> inadmissible;
    std::span<const Hash> envelopes;  ///< SHA-256 of each that was ordered, taken or refused, or was given up
    TimeMs engine_time_ms = 0;
};

/// Consensus' ledger: execution over the store.
///
/// Invariants: at most two engine blocks are finalised and not durable; what a reader is shown is durable; after a
/// write or sync that failed the process is gone.
class Ledger final : public consensus::Ledger {
public:
    struct Parts {
        store::ChainStore& store;
        execution::VerdictCache& verdicts;
        Executor& executor;
        const WallClock& wall;
        Process& process;
    };

    /// Stands where the store left off; ids of the newest blocks are read again.
    /// Errors: kCorrupt, kIo
    static Result<std::unique_ptr<Ledger>> open(const Parts& parts);

    [[nodiscard]] consensus::Tip tip() const override;
    Status begin(const EraRecord& era) override;
    [[nodiscard]] Status check(ByteView envelope) const override;
    [[nodiscard]] std::vector<std::size_t> choose(const std::vector<ByteView>& envelopes, TimeMs time_ms,
                                                  std::size_t bytes_max) override;
    [[nodiscard]] bool well_formed(const consensus::Proposal& proposal) override;
    consensus::Outcome finalise(const consensus::Proposal& proposal) override;
    consensus::Tip commit(const std::optional<Certificate>& certificate) override;
    Status certified(Height height, const Certificate& certificate) override;
    [[nodiscard]] std::optional<consensus::Uncertified> uncertified(Height above) const override;
    void given_up(const Hash& envelope) override;
    [[nodiscard]] bool member(const Signer& key) const override;
    [[nodiscard]] consensus::PeerStanding peer(const ValidatorId& id) const override;

    /// The newest durable version.
    [[nodiscard]] std::shared_ptr<const Version> durable() const;
    [[nodiscard]] CertifiedVersion certified_version() const;
    [[nodiscard]] const NetworkId& network() const noexcept { return network_; }
    [[nodiscard]] std::vector<EraRecord> eras() const;
    /// The certificates of an era's blocks below `height` that are by other validators than those before, ascending.
    /// Errors: kIo, kCorrupt
    [[nodiscard]] Result<std::vector<CometBftCertificate>> validator_changes(Era era, Height height) const;
    /// For judging what clients send.
    [[nodiscard]] execution::Intake intake() const { return {network_, parts_.verdicts, parts_.executor}; }
    /// max(time of the newest durable engine block, node clock)
    [[nodiscard]] TimeMs now_ms() const;

    /// Called with each engine block that is durable and shown, in order: at its commit where the engine has the
    /// certificate by then, else when that comes, or that of a later block. Its envelopes alone are told at the commit,
    /// and, by any thread, an envelope that will not be ordered. Before the engine starts.
    void on_durable(std::function<void(const Durable&)> listener) { listeners_.push_back(std::move(listener)); }

private:
    /// Executed, in memory.
    struct Finalised {
        std::shared_ptr<store::Commit> commit;
        store::StoredTip tip;
        std::shared_ptr<const execution::ReplaySet> replay;
        std::vector<execution::Inadmissible> inadmissible;
        std::vector<Hash> envelopes;
    };
    /// An era that was begun, with the state that it was judged by.
    struct Opening {
        EraRecord record;
        std::vector<ProvenState> states;
    };
    struct State {
        std::shared_ptr<const Version> durable;
        std::deque<Finalised> pending;  ///< continues `durable`
        CertifiedVersion certified;
        std::deque<std::shared_ptr<const store::StoreView>> uncertified;  ///< durable, newer than `certified`
        std::vector<EraRecord> eras;
        std::optional<Opening> opening;  ///< begun, and not yet in a block
    };

    /// Durable, and not shown.
    struct Unshown {
        std::shared_ptr<store::Commit> commit;
        std::vector<execution::Inadmissible> inadmissible;
        Height height = 0;  ///< that must be shown
    };

    explicit Ledger(const Parts& parts) : parts_(parts) {}
    Status load();
    Status load_certified(State& state) const;
    Status show(State& state, Height height, std::optional<Certificate> certificate) const;
    [[nodiscard]] Result<std::shared_ptr<const execution::ReplaySet>> recent_ids() const;
    static std::shared_ptr<const Version> newest(const State& state);
    Finalised settle();
    void tell(const Durable& durable) const;
    void tell_shown();
    Status put_certificate(const BlockHeader& header, const EraRecord& era, const Certificate& certificate);
    static void certify(State& state, std::shared_ptr<const store::StoreView> view, const Certificate& certificate);

    const Parts parts_;
    NetworkId network_;
    Guarded<State> state_;
    Guarded<std::deque<Unshown>> unshown_;  ///< locked while listeners are called, for the order; before state_
    std::vector<std::function<void(const Durable&)>> listeners_;
};

}  // namespace salus::node
