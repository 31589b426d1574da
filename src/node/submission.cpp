#include "node/submission.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/log.hpp"
#include "execution/admission.hpp"

namespace salus::node {
namespace {

/// Verified in one go: enough for all threads, and soon done, so that the engine is fed while more is verified.
constexpr std::size_t kRoundMax = 2048;

/// Whoever waits where nothing moves looks up once in so long.
constexpr std::chrono::milliseconds kSweepEvery{1000};

/// By the clock alone a transaction is given up so long after its end: no block has come that could tell.
constexpr TimeMs kGraceMs = 30'000;

Error refusal(ErrorCode code) { return {code, std::string(error_info(code).meaning)}; }

}  // namespace

Submission::Submission(const Parts& parts, std::vector<crypto::SigningKey> members, const Limits& limits)
    : parts_(parts), members_(std::move(members)), limits_(limits) {
    parts_.ledger.on_durable([this](const Durable& block) { durable(block); });
}

Submission::~Submission() {
    stop_intake();
    abandon();
}

void Submission::start() {
    state_.lock()->running = true;
    thread_ = parts_.threads.start("submission", [this] { run(); });
}

Status Submission::submit(std::vector<Bytes> transactions, Done done) {
    std::size_t bytes = 0;
    for (const Bytes& transaction : transactions) bytes += transaction.size();
    if (transactions.size() > limits_.transactions_max || bytes > limits_.bytes_max)
        return fail(ErrorCode::kTooLarge, "at most " + std::to_string(limits_.transactions_max) + " transactions and " +
                                              std::to_string(limits_.bytes_max) + " bytes at once");
    {
        const auto state = state_.lock();
        if (!state->running || state->stopping)
            return fail(ErrorCode::kUnavailable, "the node takes no transactions now");
        if (state->transactions + transactions.size() > limits_.transactions_max ||
            state->bytes + bytes > limits_.bytes_max)
            return fail(ErrorCode::kBusy, std::to_string(state->transactions) + " transactions wait already");
        if (!transactions.empty()) {
            state->transactions += transactions.size();
            state->bytes += bytes;
            const std::size_t count = transactions.size();
            Answer answers(count, Result<Verdict>(fail(ErrorCode::kInternal, "not answered")));
            state->arrived.push_back(std::make_shared<Batch>(
                Batch{std::move(transactions), bytes, std::move(answers), count, std::move(done)}));
            changed_.notify_one();
            return {};
        }
    }
    done({});
    return {};
}

std::size_t Submission::pending() const { return state_.lock()->transactions; }

void Submission::stop_intake() {
    state_.lock()->stopping = true;
    changed_.notify_one();
    if (thread_) thread_->join();
    thread_.reset();
}

void Submission::abandon() {
    Whole whole;
    {
        const auto state = state_.lock();
        const Result<Verdict> verdict =
            fail(ErrorCode::kUnavailable, "the node stops; ask for the transaction by its id later");
        while (!state->waiting.empty()) {
            const TxId id = state->waiting.begin()->first;
            answer_all(*state, id, verdict, whole);
        }
    }
    tell(whole);
}

void Submission::run() {
    for (;;) {
        const auto batches = wait_for_work();
        forget_answered(*state_.lock());
        if (!batches.empty()) take_in(batches);
        send();
        Whole whole;
        bool stop = false;
        {
            const auto state = state_.lock();
            sweep(*state, 0, whole);
            stop = state->stopping && state->arrived.empty();
        }
        tell(whole);
        if (stop) return;
    }
}

std::vector<std::shared_ptr<Submission::Batch>> Submission::wait_for_work() {
    const bool unsent = envelope_ || !packer_.empty();
    auto state = state_.lock();
    const auto ready = [&] { return state->stopping || !state->arrived.empty() || (unsent && state->poked); };
    if (unsent) {
        changed_.wait_for(state.lock(), retry_after_, ready);
    } else if (!state->waiting.empty()) {
        changed_.wait_for(state.lock(), kSweepEvery, ready);
    } else {
        changed_.wait(state.lock(), ready);
    }
    state->poked = false;
    std::vector<std::shared_ptr<Batch>> batches;
    for (std::size_t taken = 0; !state->arrived.empty() && taken < kRoundMax; state->arrived.pop_front()) {
        taken += state->arrived.front()->transactions.size();
        batches.push_back(std::move(state->arrived.front()));
    }
    return batches;
}

void Submission::take_in(const std::vector<std::shared_ptr<Batch>>& batches) {
    std::vector<ByteView> views;
    std::vector<Waiter> places;
    for (const auto& batch : batches)
        for (std::size_t i = 0; i < batch->transactions.size(); ++i) {
            views.emplace_back(batch->transactions[i]);
            places.push_back({batch, i});
        }
    // Signatures last: they are what costs, and a stranger's or a stale one is refused without.
    const auto intake = parts_.ledger.intake();
    auto parsed = execution::parse_transactions(views, intake);
    auto judged = judge(parsed);
    execution::verify_signatures(parsed, intake);
    answer_known(judged);
    place(std::move(parsed), std::move(judged), places);
}

/// Refuses what is not admissible now, and takes it out of `parsed`.
std::vector<Submission::Judged> Submission::judge(std::vector<Result<Transaction>>& parsed) const {
    const auto version = parts_.ledger.durable();
    const TimeMs now_ms = parts_.ledger.now_ms();
    execution::Accounts accounts(*version->view);
    const auto carries = carrier(accounts);
    std::vector<Judged> judged(parsed.size());
    for (std::size_t i = 0; i < parsed.size(); ++i) {
        if (!parsed[i]) continue;
        Judged& one = judged[i];
        one.id = parsed[i]->id;
        const auto admission = execution::judge(*parsed[i], now_ms, *version->replay, accounts);
        if (!admission)
            one.verdict = fail(admission.error());
        else if (admission->code != ErrorCode::kOk)
            one.verdict = fail(refusal(admission->code));
        else if (!carries)
            one.verdict = fail(carries.error());
        else if (*carries == nullptr)
            one.verdict = fail(ErrorCode::kUnavailable, "no member of this node may carry transactions now");
        else
            one.organisation = admission->standing.organisation;
        if (one.verdict) parsed[i] = fail(one.verdict->error());
    }
    return judged;
}

/// An id that the chain has answers with its receipt, however late it is asked again.
void Submission::answer_known(std::vector<Judged>& judged) const {
    std::vector<Judged*> refused;
    for (Judged& one : judged)
        if (one.id && one.verdict) refused.push_back(&one);
    parts_.ledger.intake().executor.parallel_for(refused.size(), [&](std::size_t i) {
        auto receipt = known(*refused[i]->id);
        if (!receipt)
            refused[i]->verdict = fail(std::move(receipt).error());
        else if (*receipt)
            refused[i]->verdict = **std::move(receipt);
        else if (stands(*refused[i]->id))
            refused[i]->verdict = fail(refusal(ErrorCode::kInadmissibleReplay));  // whatever else is wrong with it now
    });
}

/// What can be said at once is answered; the rest waits, and goes to the packer unless it is under way already.
void Submission::place(std::vector<Result<Transaction>> opened, std::vector<Judged> judged,
                       const std::vector<Waiter>& places) {
    Whole whole;
    for (std::size_t i = 0; i < opened.size(); ++i) {
        auto& [id, verdict, organisation] = judged[i];
        const auto state = state_.lock();
        const auto under_way = id ? state->waiting.find(*id) : state->waiting.end();
        if (verdict && *verdict && under_way != state->waiting.end()) answer_all(*state, *id, *verdict, whole);
        if (under_way != state->waiting.end() && (opened[i] || (verdict && !*verdict))) {
            under_way->second.waiters.push_back(places[i]);
        } else if (opened[i]) {
            const TimeMs end_ms = opened[i]->body.valid_until_ms;
            state->waiting[*id] = {end_ms, {places[i]}};
            state->first_end_ms = std::min(state->first_end_ms, end_ms);
            if (organisation)
                packer_.add(*organisation, {*id, std::move(opened[i]->bytes)});
            else
                packer_.add_other(opened[i]->body.sender.id, {*id, std::move(opened[i]->bytes)});
        } else if (verdict && !*verdict && verdict->error().code == ErrorCode::kInadmissibleReplay) {
            wait_until_shown(*state, *id, places[i], whole);
        } else {
            answer(*state, places[i], verdict ? *std::move(verdict) : fail(std::move(opened[i]).error()), whole);
        }
    }
    tell(whole);
}

/// Of an id that stands in a block which is durable, and not shown yet: it is answered with it.
void Submission::wait_until_shown(State& state, const TxId& id, const Waiter& waiter, Whole& whole) {
    const TimeMs end_ms = parts_.ledger.now_ms() + kWindowMs;
    state.waiting[id] = {end_ms, {waiter}, true, true};
    state.first_end_ms = std::min(state.first_end_ms, end_ms);
    // Shown by now, it may have been told before it was waited for.
    if (auto receipt = known(id); receipt && *receipt) answer_all(state, id, **std::move(receipt), whole);
}

/// What has expired, or stands in a block already, would be charged to those that share its lane.
void Submission::forget_answered(State& state) {
    if (!std::exchange(state.stale, false)) return;
    packer_.keep([&](const TxId& id) { return state.waiting.contains(id); });
}

Result<const crypto::SigningKey*> Submission::carrier(execution::Accounts& accounts) const {
    for (const crypto::SigningKey& member : members_) {
        SALUS_TRY(const auto carries, accounts.carrier(Signer::of(member.public_key())));
        if (carries) return &member;
    }
    return nullptr;
}

/// What the chain says of an id, as far as it is shown.
Result<std::optional<Submission::Verdict>> Submission::known(const TxId& id) const {
    SALUS_TRY(auto place, parts_.store.find(id));
    if (!place || place->height > parts_.ledger.certified_version().view->tip().header.height)
        return std::optional<Verdict>{};
    SALUS_TRY(const BlockHeader header, parts_.store.header(place->height));
    return Verdict{id, place->height, place->index, header.time_ms, std::move(place->receipt)};
}

/// In a durable block, shown or not.
bool Submission::stands(const TxId& id) const {
    const auto place = parts_.store.find(id);
    return place && *place && (*place)->height <= parts_.ledger.durable()->tip().header.height;
}

void Submission::send() {
    while (envelope_ || !packer_.empty()) {
        if (!envelope_) {
            const auto sealed = seal();
            if (!sealed) log_error("submission", "cannot read the ledger: " + sealed.error().to_string());
            if (!sealed || !*sealed) {
                retry_after_ = kSweepEvery;
                return;
            }
        }
        if (const auto taken = parts_.engine.submit(*envelope_); !taken) {
            retry_after_ = taken.error().retry_after;
            return;
        }
        envelope_.reset();
    }
}

/// Packs and signs what goes next. False where none of this node's members may carry it now, or where all that waits
/// must wait for its share: a durable block makes room.
Result<bool> Submission::seal() {
    const auto version = parts_.ledger.durable();  // holds the view while it is read
    execution::Accounts accounts(*version->view);
    SALUS_TRY(const crypto::SigningKey* const member, carrier(accounts));
    if (member == nullptr) return false;
    SALUS_TRY(const auto shares, execution::Shares::of(*version->view));
    execution::Load under_way;
    {
        // At one moment: the block that frees a share may have answered what waits for it.
        const auto state = state_.lock();
        forget_answered(*state);
        under_way = state->under_way;
    }
    auto next = packer_.next(shares, under_way);
    if (!next) return false;
    sign_envelope(next->envelope, *member);
    envelope_ = codec::encode(next->envelope);
    const Hash name = execution::envelope_verdict_key(*envelope_);
    parts_.ledger.intake().verdicts.remember(name);
    const auto state = state_.lock();
    for (const TxId& id : next->ids)
        if (const auto waiting = state->waiting.find(id); waiting != state->waiting.end())
            waiting->second.packed = true;
    for (const auto& [share, bytes] : next->load) state->under_way[share] += bytes;
    state->envelopes.emplace(name, std::move(next->load));
    return true;
}

/// An envelope was ordered, whatever became of it: what it used of a block's shares is free again.
void Submission::settle(State& state, const Hash& envelope) {
    const auto ours = state.envelopes.extract(envelope);
    if (ours.empty()) return;
    for (const auto& [share, bytes] : ours.mapped()) {
        const auto used = state.under_way.find(share);
        used->second -= bytes;
        if (used->second == 0) state.under_way.erase(used);
    }
}

void Submission::durable(const Durable& block) {
    Whole whole;
    {
        const auto state = state_.lock();
        for (const Hash& envelope : block.envelopes) settle(*state, envelope);
        if (block.block != nullptr && !state->waiting.empty()) {
            const BlockHeader& header = block.block->header;
            for (std::uint32_t i = 0; i < block.block->receipts.size(); ++i) {
                const Receipt& receipt = block.block->receipts[i];
                if (state->waiting.contains(receipt.id))
                    answer_all(*state, receipt.id, Verdict{receipt.id, header.height, i, header.time_ms, receipt},
                               whole);
            }
        }
        for (const auto& [id, code] : block.inadmissible) {
            if (!state->waiting.contains(id)) continue;
            Result<Verdict> verdict = fail(refusal(code));
            if (auto receipt = known(id); receipt && *receipt) verdict = **std::move(receipt);
            answer_all(*state, id, verdict, whole);
        }
        sweep(*state, block.engine_time_ms, whole);
        state->poked = true;
    }
    changed_.notify_one();
    tell(whole);
}

/// Gives up what no block can hold any more: its end lies at or before a durable engine block's time, or, where none
/// comes, well before the clock's.
void Submission::sweep(State& state, TimeMs engine_ms, Whole& whole) const {
    const TimeMs now_ms = parts_.wall.now_ms();
    const TimeMs long_over_ms = now_ms - std::min(now_ms, kGraceMs);
    if (engine_ms < state.first_end_ms && long_over_ms <= state.first_end_ms) return;
    std::vector<TxId> expired;
    std::vector<TxId> unanswered;
    state.first_end_ms = std::numeric_limits<TimeMs>::max();
    for (const auto& [id, waiting] : state.waiting) {
        if (waiting.valid_until_ms <= engine_ms)
            (waiting.stands ? unanswered : expired).push_back(id);
        else if (waiting.valid_until_ms < long_over_ms)
            unanswered.push_back(id);
        else
            state.first_end_ms = std::min(state.first_end_ms, waiting.valid_until_ms);
    }
    for (const TxId& id : expired) answer_all(state, id, fail(refusal(ErrorCode::kInadmissibleExpired)), whole);
    for (const TxId& id : unanswered)
        answer_all(state, id,
                   fail(ErrorCode::kTimeout, "no block has come that could hold it; ask for it by its id later"),
                   whole);
}

void Submission::answer(State& state, const Waiter& waiter, Result<Verdict> verdict, Whole& whole) {
    Batch& batch = *waiter.batch;
    batch.answers[waiter.index] = std::move(verdict);
    if (--batch.open > 0) return;
    state.transactions -= batch.answers.size();
    state.bytes -= batch.bytes;
    whole.push_back(waiter.batch);
}

void Submission::answer_all(State& state, const TxId& id, const Result<Verdict>& verdict, Whole& whole) {
    const auto waiting = state.waiting.extract(id);
    if (!waiting.mapped().packed) state.stale = true;
    for (const Waiter& waiter : waiting.mapped().waiters) answer(state, waiter, verdict, whole);
}

void Submission::tell(const Whole& whole) {
    for (const auto& batch : whole) batch->done(std::move(batch->answers));
}

}  // namespace salus::node
