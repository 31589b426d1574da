#pragma once

#include <map>
#include <mutex>

#include "base/check.hpp"
#include "model/block.hpp"
#include "network/ledger_service.hpp"
#include "testkit/world.hpp"

/// A ledger for tests: the real engine over memory, one block a submission, and faults on order.
namespace salus::application::testing {

/// A log in memory, all of its leaves.
class LeafLog final : public LogReader {
public:
    explicit LeafLog(std::vector<Hash> leaves = {}) : leaves_(std::move(leaves)) {}
    Result<Hash> node(unsigned level, std::uint64_t index) const override {
        const std::size_t width = std::size_t{1} << level;
        if ((index + 1) * width > leaves_.size()) return fail(ErrorCode::kNotFound, "no such node");
        return log_root(std::span(leaves_).subspan(index * width, width));
    }
    void append(const std::vector<Hash>& leaves) { leaves_.insert(leaves_.end(), leaves.begin(), leaves.end()); }

private:
    std::vector<Hash> leaves_;
};
using Logs = std::map<std::pair<Contract, AccountId>, LeafLog>;

class TestView final : public network::LedgerView {
public:
    TestView(const testkit::World& world, Logs logs)
        : state_(world.state()), header_(world.header()), logs_(std::move(logs)) {
        if (header_.height > 0) certificate_ = certify(header_, world.net.operator_key);
        std::vector<Hash> hashes;
        for (const Block& block : world.blocks()) hashes.push_back(history_leaf(block.header.hash()));
        history_ = LeafLog(std::move(hashes));
    }
    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override {
        return state_.get(contract, key);
    }
    Result<std::optional<Bytes>> node(const NodeId& id) const override { return state_.node(id); }
    Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override {
        return state_.leaves(prefix, limit);
    }
    [[nodiscard]] const BlockHeader& header() const override { return header_; }
    [[nodiscard]] const std::optional<Certificate>& certificate() const override { return certificate_; }
    [[nodiscard]] std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const override {
        const auto found = logs_.find({contract, owner});
        return std::make_unique<LeafLog>(found == logs_.end() ? LeafLog() : found->second);
    }
    [[nodiscard]] std::unique_ptr<LogReader> history() const override { return std::make_unique<LeafLog>(history_); }

private:
    execution::MemoryState state_;
    BlockHeader header_;
    std::optional<Certificate> certificate_;
    Logs logs_;
    LeafLog history_;
};

/// What happens to the submissions that come.
enum class Fault {
    kNone,
    kBusy,        ///< taken by nobody, and told so
    kLost,        ///< taken by nobody, and nobody knows
    kAnswerLost,  ///< executed, and nobody knows
    kSilent,      ///< executed, and no answer ever comes
};

class TestLedger final : public network::LedgerService {
public:
    explicit TestLedger(testkit::Consortium net = testkit::make_consortium()) : world_(std::move(net)) { publish(); }

    /// The next `count` submissions meet `fault`.
    void inject(Fault fault, int count = 1) {
        const std::lock_guard lock(mutex_);
        fault_ = fault;
        faults_left_ = count;
    }
    /// Time passes, in a block of its own: an audit root of the payer's.
    void pass(TimeMs by) {
        idle(by);
        SALUS_CHECK(send(net().payer, audit::Payload{audit::FileRoot{++passed_, {}}}) == ErrorCode::kOk);
    }
    /// The members suspend `who`: three of four vote for it.
    void suspend(const testkit::Party& who) {
        const governance::Proposal proposal{governance::Suspend{who.id()}, decision_time_ms() + kHourMs, {}};
        governance::Payload next{governance::Propose{proposal}};
        int votes = 0;
        for (const testkit::Party* member : net().members()) {
            if (member == &who || ++votes > 3) continue;
            SALUS_CHECK(send(*member, next) == ErrorCode::kOk);
            next = governance::Payload{governance::Vote{proposal.id(), true}};
        }
    }
    /// Time passes, and no block comes.
    void idle(TimeMs by) {
        const std::lock_guard lock(mutex_);
        world_.now_ms += by;
    }
    [[nodiscard]] std::size_t submissions() const {
        const std::lock_guard lock(mutex_);
        return submissions_;
    }
    [[nodiscard]] const testkit::Consortium& net() const { return world_.net; }
    /// By hand, past the vault: what another copy of the node would do.
    ErrorCode send(const testkit::Party& sender, const testkit::Action& action) {
        const std::lock_guard lock(mutex_);
        const auto transaction = world_.by(sender, action);
        return testkit::code_of(run({transaction}), transaction.id);
    }
    /// What the next submissions must wait for: held while it is locked.
    std::mutex gate;

    Status submit(std::vector<Bytes> transactions, std::function<void(Answer)> done) override {
        Answer answers;
        {
            const std::lock_guard wait(gate);
            const std::lock_guard lock(mutex_);
            ++submissions_;
            const Fault fault = faults_left_ > 0 ? fault_ : Fault::kNone;
            if (faults_left_ > 0) --faults_left_;
            if (fault == Fault::kSilent) done = [](const Answer&) {};
            if (fault == Fault::kBusy) return fail(ErrorCode::kBusy, "the queue is full");
            for (const Bytes& bytes : transactions) {
                if (fault != Fault::kLost) answers.push_back(take(bytes));
                if (fault == Fault::kLost) answers.push_back(fail(ErrorCode::kUnavailable, "lost"));
                if (fault == Fault::kAnswerLost) answers.back() = fail(ErrorCode::kUnavailable, "lost");
            }
        }
        done(std::move(answers));
        return {};
    }
    [[nodiscard]] std::shared_ptr<const network::LedgerView> view() const override {
        const std::lock_guard lock(mutex_);
        return view_;
    }
    [[nodiscard]] Result<std::shared_ptr<const network::LedgerView>> view_at(Height height) const override {
        const std::lock_guard lock(mutex_);
        const auto found = views_.find(height);
        if (found == views_.end()) return fail(ErrorCode::kNotFound, "no such block");
        return found->second;
    }
    [[nodiscard]] Result<Block> block(Height height) const override {
        const std::lock_guard lock(mutex_);
        if (height == 0 || height > world_.blocks().size()) return fail(ErrorCode::kNotFound, "no such block");
        return world_.blocks()[height - 1];
    }
    [[nodiscard]] Result<std::optional<Certificate>> certificate(Height height) const override {
        SALUS_TRY(const auto view, view_at(height));
        return view->certificate();
    }
    [[nodiscard]] Result<std::optional<network::TransactionPlace>> find(const TxId& id) const override {
        const std::lock_guard lock(mutex_);
        return place_of(id);
    }
    [[nodiscard]] const Genesis& genesis() const override { return world_.net.genesis; }
    [[nodiscard]] const Bytes& genesis_bytes() const override { return world_.net.genesis_bytes; }
    [[nodiscard]] std::vector<EraRecord> eras() const override { return {world_.net.genesis.era}; }
    [[nodiscard]] network::LedgerStatus status() const override {
        const std::lock_guard lock(mutex_);
        return {world_.header().height, world_.header().era, world_.header().time_ms, world_.now_ms, 0, {}};
    }
    [[nodiscard]] TimeMs decision_time_ms() const override {
        const std::lock_guard lock(mutex_);
        return world_.now_ms;
    }
    void on_block(std::function<void(const Block&)> listener) override { listeners_.push_back(std::move(listener)); }

private:
    Result<network::Submitted> take(const Bytes& bytes) {
        SALUS_TRY(auto transaction, parse_transaction(bytes, world_.net.network));
        if (const auto place = place_of(transaction.id)) return submitted(*place, transaction.id);
        const auto result = run({transaction});
        const ErrorCode code = testkit::code_of(result, transaction.id);
        const auto place = place_of(transaction.id);
        if (!place) return fail(code, "left out of the block");
        return submitted(*place, transaction.id);
    }
    execution::BlockResult run(const std::vector<Transaction>& transactions) {
        // Carried by the payer, so that hospital A may be suspended.
        auto result = world_.execute(std::vector<Bytes>{world_.envelope(transactions, world_.net.payer.key)});
        world_.commit(result);
        for (const auto& log : result.logs) logs_[{log.contract, log.owner}].append(log.leaves);
        publish();
        if (result.block)
            for (const auto& listener : listeners_) listener(*result.block);
        return result;
    }
    [[nodiscard]] std::optional<network::TransactionPlace> place_of(const TxId& id) const {
        for (const Block& block : world_.blocks())
            for (std::size_t i = 0; i < block.receipts.size(); ++i)
                if (block.receipts[i].id == id)
                    return network::TransactionPlace{block.header.height, static_cast<std::uint32_t>(i)};
        return std::nullopt;
    }
    [[nodiscard]] network::Submitted submitted(const network::TransactionPlace& place, const TxId& id) const {
        const Block& block = world_.blocks()[place.height - 1];
        return {id, place.height, place.index, block.header.time_ms, block.receipts[place.index]};
    }
    void publish() {
        view_ = std::make_shared<TestView>(world_, logs_);
        views_[view_->header().height] = view_;
    }

    mutable std::mutex mutex_;
    testkit::World world_;
    Logs logs_;
    std::shared_ptr<const TestView> view_;
    std::map<Height, std::shared_ptr<const TestView>> views_;
    std::vector<std::function<void(const Block&)>> listeners_;
    Fault fault_ = Fault::kNone;
    int faults_left_ = 0;
    std::size_t submissions_ = 0;
    std::uint64_t passed_ = 0;
};

}  // namespace salus::application::testing
