#include "node/ledger.hpp"

#include <algorithm>
#include <map>

#include "base/check.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "execution/admission.hpp"
#include "model/era.hpp"
#include "model/era_certificates.hpp"
#include "node/peers.hpp"
#include "store/overlay_view.hpp"

namespace salus::node {
namespace {

/// Views of durable blocks that wait for their certificate; where more wait, an old one is read from undo records.
constexpr std::size_t kUncertifiedMax = 16;

/// Engine blocks that wait to be shown; where more wait, who waits for the oldest is told without.
constexpr std::size_t kUnshownMax = 1024;

/// A block whose time lags by more stays empty: after an idle night fresh transactions would look far ahead in it, and
/// ended grants would still stand. The empty block brings time forward.
constexpr TimeMs kTimeLagMax = 10'000;

consensus::Tip tip_of(const store::StoredTip& stored) {
    return {stored.era, stored.engine, stored.header.height, stored.hash, stored.engine_time_ms};
}

/// Notes what is read, so that it can be proven: later that version of the state is gone.
class WitnessReader final : public StateReader {
public:
    explicit WitnessReader(const store::StoreView& view) : view_(view) {}

    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override {
        SALUS_TRY(auto value, view_.get(contract, key));
        seen_.try_emplace({contract, to_bytes(key)}, value);
        return value;
    }
    [[nodiscard]] Result<std::vector<ProvenState>> proven() const {
        std::vector<ProvenState> states;
        for (const auto& [name, value] : seen_) {
            SALUS_TRY(auto proof, prove_state(view_, state_path(name.first, name.second)));
            states.push_back({name.first, name.second, value.has_value(), value.value_or(Bytes{}), std::move(proof)});
        }
        return states;
    }

private:
    const store::StoreView& view_;
    mutable std::map<std::pair<Contract, Bytes>, std::optional<Bytes>> seen_;
};

/// What `proposal` changes in the store.
store::Commit commit_of(const consensus::Proposal& proposal, const store::StoredTip& before,
                        execution::BlockResult& result) {
    store::Commit commit;
    commit.engine = proposal.engine;
    commit.engine_time_ms = std::max(proposal.time_ms, before.engine_time_ms);
    if (!result.block) return commit;
    commit.block = std::move(result.block);
    commit.hash = result.hash;
    commit.changes = std::move(result.changes);
    commit.nodes = std::move(result.tree.nodes);
    for (auto& log : result.logs)
        commit.logs.push_back({log.contract, log.owner, log.first_index, std::move(log.leaves)});
    return commit;
}

store::StoredTip tip_after(store::StoredTip tip, const store::Commit& commit, LogFrontier history) {
    tip.engine = commit.engine;
    tip.engine_time_ms = commit.engine_time_ms;
    if (!commit.block) return tip;
    tip.era = commit.block->header.era;
    tip.header = commit.block->header;
    tip.hash = commit.hash;
    tip.history = std::move(history);
    return tip;
}

/// The lowest block that may hold a transaction that has not expired at the tip, or the one above the tip where none
/// does.
Result<Height> first_in_window(const store::ChainStore& store, const BlockHeader& tip) {
    Height first = 1;
    Height end = tip.height + 1;
    while (first < end) {  // times ascend with heights
        const Height middle = first + (end - first) / 2;
        SALUS_TRY(const auto header, store.header(middle));
        if (header.time_ms + kWindowMs > tip.time_ms)
            end = middle;
        else
            first = middle + 1;
    }
    return first;
}

/// Of what an operator must hear, whoever did it.
void warn_of_faults(const Block& block) {
    for (const SystemTransaction& transaction : block.system)
        if (const auto* fault = std::get_if<Fault>(&transaction.what))
            log_warning("consensus", "block " + std::to_string(block.header.height) + " has evidence that validator " +
                                         to_hex(fault->validator) + " misbehaved (kind " + std::to_string(fault->kind) +
                                         ") at engine height " + std::to_string(fault->engine_height));
}

/// Of a block that is listed for it.
Result<CometBftCertificate> validators_certificate(const store::ChainStore& store, Height height) {
    SALUS_TRY(const auto certificate, store.certificate(height));
    const auto* by_validators = certificate ? std::get_if<CometBftCertificate>(&certificate->by) : nullptr;
    if (by_validators == nullptr)
        return fail(ErrorCode::kCorrupt, "block " + std::to_string(height) + " has no certificate by validators");
    return *by_validators;
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const Parts& parts) {
    std::unique_ptr<Ledger> ledger(new Ledger(parts));
    SALUS_TRY_STATUS(ledger->load());
    return ledger;
}

Status Ledger::load() {
    const auto state = state_.lock();
    auto view = parts_.store.view();
    network_ = view->tip().header.network_id;
    SALUS_TRY(state->eras, parts_.store.eras());
    SALUS_TRY(auto ids, recent_ids());
    state->durable = std::make_shared<const Version>(Version{std::move(view), std::move(ids)});
    return load_certified(*state);
}

/// Of the blocks that may hold what has not expired: as many as were made in the window, however long the chain is.
Result<std::shared_ptr<const execution::ReplaySet>> Ledger::recent_ids() const {
    const BlockHeader tip = parts_.store.view()->tip().header;
    SALUS_TRY(const Height first, first_in_window(parts_.store, tip));
    using Ids = std::vector<execution::ReplaySet::Seen>;
    std::vector<Result<Ids>> found(tip.height + 1 - first);
    parts_.executor.parallel_for(found.size(), [&](std::size_t i) {
        const auto block = parts_.store.block(first + i);
        found[i] = block ? execution::ReplaySet::ids_of(*block) : fail(block.error());
    });
    Ids all;  // at once: in one go less is sorted than block by block
    for (auto& ids : found) {
        if (!ids) return fail(std::move(ids).error());
        all.insert(all.end(), ids->begin(), ids->end());
    }
    execution::ReplaySet ids;
    ids.insert(all);
    ids.expire(tip.time_ms);
    return std::make_shared<const execution::ReplaySet>(std::move(ids));
}

/// The newest certificate may be missing: it arrives after the block.
Status Ledger::load_certified(State& state) const {
    const Height tip = state.durable->tip().header.height;
    for (Height height = tip; height > 0; --height) {
        SALUS_TRY(auto certificate, parts_.store.certificate(height));
        if (!certificate) continue;
        return show(state, height, std::move(certificate));
    }
    return show(state, 0, std::nullopt);
}

/// A ledger whose state of then is out of reach shows its tip, uncertified, rather than nothing.
Status Ledger::show(State& state, Height height, std::optional<Certificate> certificate) const {
    auto then = parts_.store.view_at(height);
    if (!then && then.error().code != ErrorCode::kGone) return fail(std::move(then).error());
    state.certified.view = then ? *std::move(then) : state.durable->view;
    state.certified.certificate = then ? std::move(certificate) : std::nullopt;
    return {};
}

consensus::Tip Ledger::tip() const { return tip_of(durable()->tip()); }

std::shared_ptr<const Version> Ledger::durable() const { return state_.lock()->durable; }

CertifiedVersion Ledger::certified_version() const { return state_.lock()->certified; }

std::vector<EraRecord> Ledger::eras() const { return state_.lock()->eras; }

TimeMs Ledger::now_ms() const { return std::max(durable()->tip().engine_time_ms, parts_.wall.now_ms()); }

Status Ledger::begin(const EraRecord& era) {
    const auto state = state_.lock();
    const store::StoredTip& tip = state->durable->tip();
    if (era == state->eras.back()) {
        state->opening.reset();  // whoever begins the one in force goes on in it
        return {};
    }
    const bool follows = era.era == tip.era + 1 && era.first_height == tip.header.height + 1 &&
                         era.parent_hash == tip.hash && state->pending.empty();
    if (!follows)
        return fail(ErrorCode::kConflict, "era " + std::to_string(era.era) +
                                              " does not continue this ledger, which stands at block " +
                                              std::to_string(tip.header.height) + " of era " + std::to_string(tip.era));
    const WitnessReader witness(*state->durable->view);
    SALUS_TRY_STATUS(check_era(era, state->eras.back(), tip.header, witness));
    SALUS_TRY(auto states, witness.proven());
    state->opening = Opening{era, std::move(states)};
    return {};
}

Status Ledger::check(ByteView envelope) const {
    const auto version = durable();
    const execution::Committed committed{*version->view, *version->replay, now_ms()};
    SALUS_TRY_STATUS(execution::check_envelope(envelope, committed, intake()));
    return {};
}

std::vector<std::size_t> Ledger::choose(const std::vector<ByteView>& envelopes, TimeMs time_ms, std::size_t bytes_max) {
    std::vector<std::size_t> chosen;
    if (parts_.wall.now_ms() > time_ms + kTimeLagMax) return chosen;
    const auto version = durable();
    auto shares = execution::Shares::of(*version->view);
    if (!shares) return chosen;
    execution::Choice choice(*std::move(shares));
    const execution::Committed committed{*version->view, *version->replay, now_ms()};
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < envelopes.size(); ++i) {
        if (envelopes[i].size() > bytes_max) continue;  // in no block
        const auto asking = execution::check_envelope(envelopes[i], committed, intake());
        if (!asking) continue;
        if (bytes + envelopes[i].size() > bytes_max) break;  // it comes first in the next
        if (!choice.take(*asking)) continue;
        bytes += envelopes[i].size();
        chosen.push_back(i);
    }
    return chosen;
}

bool Ledger::well_formed(const consensus::Proposal& proposal) {
    return execution::check_proposal(proposal.envelopes, intake()).has_value();
}

bool Ledger::member(const Signer& key) const {
    const auto version = durable();
    const auto carrier = execution::Accounts(*version->view).carrier(key);
    return carrier && carrier->has_value();
}

consensus::PeerStanding Ledger::peer(const ValidatorId& id) const {
    const auto standing = standing_of_peer(*durable()->view, eras(), id);
    if (!standing) parts_.process.die("cannot read who a peer is: " + standing.error().to_string());
    return *standing;
}

std::optional<consensus::Uncertified> Ledger::uncertified(Height above) const {
    const Height height = std::max(above, certified_version().view->tip().header.height) + 1;
    if (height > durable()->tip().header.height) return std::nullopt;
    const auto header = parts_.store.header(height);
    if (!header) parts_.process.die("cannot read a block: " + header.error().to_string());
    return consensus::Uncertified{height, header->hash()};
}

void Ledger::given_up(const Hash& envelope) { tell({nullptr, {}, {&envelope, 1}, 0}); }

std::shared_ptr<const Version> Ledger::newest(const State& state) {
    if (state.pending.empty()) return state.durable;
    const Finalised& last = state.pending.back();
    auto view = std::make_shared<const store::OverlayView>(state.durable->view, last.tip, last.commit);
    return std::make_shared<const Version>(Version{std::move(view), last.replay});
}

consensus::Outcome Ledger::finalise(const consensus::Proposal& proposal) {
    std::shared_ptr<const Version> before;
    std::optional<Opening> opens;
    {
        const auto state = state_.lock();
        SALUS_CHECK(state->pending.size() < 2);
        before = newest(*state);
        opens = std::exchange(state->opening, std::nullopt);
    }
    const store::StoredTip& tip = before->tip();
    const execution::Parent parent{tip.header,  tip.hash,           network_,           tip.era,
                                   tip.history, before->view.get(), before->view.get(), before->replay.get()};
    auto result = execution::execute(parent,
                                     {proposal.time_ms, proposal.proposer, proposal.envelopes, proposal.faults,
                                      opens ? std::optional(opens->record) : std::nullopt},
                                     parts_.verdicts, parts_.executor);
    if (!result) parts_.process.die("cannot execute on the ledger: " + result.error().to_string());

    consensus::Outcome outcome;
    outcome.made_block = result->block.has_value();
    outcome.codes = std::move(result->codes);
    for (Validator& changed : result->validators) outcome.validators.push_back({std::move(changed.key), changed.power});
    if (result->engine_block_bytes) outcome.params = {*result->engine_block_bytes, kProtocolVersion};
    Finalised finalised;
    finalised.commit = std::make_shared<store::Commit>(commit_of(proposal, tip, *result));
    if (opens) {
        finalised.commit->era = std::move(opens->record);
        finalised.commit->era_states = std::move(opens->states);
    }
    finalised.tip = tip_after(tip, *finalised.commit, std::move(result->history));
    finalised.replay = std::make_shared<const execution::ReplaySet>(std::move(result->replay));
    finalised.inadmissible = std::move(result->inadmissible);
    for (const ByteView envelope : proposal.envelopes) finalised.envelopes.push_back(crypto::sha256(envelope));
    outcome.height = finalised.tip.header.height;
    outcome.app_hash = finalised.tip.hash;
    state_.lock()->pending.push_back(std::move(finalised));
    return outcome;
}

consensus::Tip Ledger::commit(const std::optional<Certificate>& certificate) {
    std::shared_ptr<store::Commit> commit;
    {
        const auto state = state_.lock();
        SALUS_CHECK(!state->pending.empty());
        commit = state->pending.front().commit;
    }
    SALUS_CHECK(!certificate || commit->block);
    commit->certificate = certificate;
    if (const auto status = parts_.store.write(*commit); !status) parts_.process.die(status.error().to_string());
    if (const auto status = parts_.store.sync(); !status) parts_.process.die(status.error().to_string());

    if (commit->block) warn_of_faults(*commit->block);
    Finalised done = settle();
    const Height height = done.tip.header.height;
    {
        const auto unshown = unshown_.lock();
        if (unshown->empty() && height <= certified_version().view->tip().header.height) {
            tell(
                {commit->block ? &*commit->block : nullptr, done.inadmissible, done.envelopes, commit->engine_time_ms});
        } else {
            tell({nullptr, {}, done.envelopes, 0});
            unshown->push_back({std::move(commit), std::move(done.inadmissible), height});
        }
    }
    tell_shown();
    return tip_of(done.tip);
}

void Ledger::tell(const Durable& durable) const {
    for (const auto& listener : listeners_) listener(durable);
}

void Ledger::tell_shown() {
    const auto unshown = unshown_.lock();
    const Height shown = certified_version().view->tip().header.height;
    while (!unshown->empty() && (unshown->front().height <= shown || unshown->size() > kUnshownMax)) {
        const Unshown next = std::move(unshown->front());
        unshown->pop_front();
        tell({next.commit->block ? &*next.commit->block : nullptr, next.inadmissible, {}, next.commit->engine_time_ms});
    }
}

/// The oldest pending one has become durable.
Ledger::Finalised Ledger::settle() {
    const auto view = parts_.store.view();
    const auto state = state_.lock();
    Finalised done = std::move(state->pending.front());
    state->pending.pop_front();
    state->durable = std::make_shared<const Version>(Version{view, done.replay});
    if (done.commit->era) state->eras.push_back(*done.commit->era);
    if (!done.commit->block) return done;
    if (done.commit->certificate) {
        certify(*state, view, *done.commit->certificate);
    } else {
        state->uncertified.push_back(view);
        if (state->uncertified.size() > kUncertifiedMax) state->uncertified.pop_front();
    }
    return done;
}

void Ledger::certify(State& state, std::shared_ptr<const store::StoreView> view, const Certificate& certificate) {
    const Height height = view->tip().header.height;
    if (height <= state.certified.view->tip().header.height) return;
    state.certified = {std::move(view), certificate};
    std::erase_if(state.uncertified, [&](const auto& waiting) { return waiting->tip().header.height <= height; });
}

Result<std::vector<CometBftCertificate>> Ledger::validator_changes(Era era, Height height) const {
    std::vector<CometBftCertificate> changes;
    SALUS_TRY(const auto heights, parts_.store.validator_changes(era));
    for (const Height at : heights) {
        if (at >= height) break;
        SALUS_TRY(auto change, validators_certificate(parts_.store, at));
        changes.push_back(std::move(change));
    }
    return changes;
}

/// Checks it, and keeps it where the block has none: certificates of a block differ from node to node, and one is as
/// good as another.
Status Ledger::put_certificate(const BlockHeader& header, const EraRecord& era, const Certificate& certificate) {
    const Height height = header.height;
    EraCertificates certificates(era);
    SALUS_TRY(const auto changes, parts_.store.validator_changes(era.era));
    const auto behind = std::ranges::lower_bound(changes, height);
    if (behind != changes.begin()) {
        SALUS_TRY(const auto newest, validators_certificate(parts_.store, *std::prev(behind)));
        SALUS_TRY_STATUS(certificates.resume(newest));
    }
    SALUS_TRY(const Hash before, certificates.validators());
    SALUS_TRY_STATUS(certificates.check(certificate, header));
    SALUS_TRY(const auto known, parts_.store.certificate(height));
    if (known) return {};
    SALUS_TRY(const Hash after, certificates.validators());
    // Changes behind it were found to follow from those that are listed, without this one.
    return parts_.store.put_certificate(height, certificate, after != before && behind == changes.end());
}

Status Ledger::certified(Height height, const Certificate& certificate) {
    if (height == 0 || height > durable()->tip().header.height)
        return fail(ErrorCode::kNotFound, "there is no block " + std::to_string(height));
    SALUS_TRY(const auto header, parts_.store.header(height));
    const auto records = eras();
    const auto era = std::ranges::find(records, header.era, &EraRecord::era);
    if (era == records.end()) return fail(ErrorCode::kCorrupt, "block " + std::to_string(height) + " has no era");
    SALUS_TRY_STATUS(put_certificate(header, *era, certificate));
    if (height <= certified_version().view->tip().header.height) return {};

    std::shared_ptr<const store::StoreView> view;
    {
        const auto state = state_.lock();
        const auto at = std::ranges::find_if(
            state->uncertified, [&](const auto& waiting) { return waiting->tip().header.height == height; });
        if (at != state->uncertified.end()) view = *at;
    }
    if (!view) {
        SALUS_TRY(view, parts_.store.view_at(height));
    }
    certify(*state_.lock(), std::move(view), certificate);
    tell_shown();
    return {};
}

}  // namespace salus::node
