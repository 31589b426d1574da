#include "node/ledger_service.hpp"

namespace salus::node {
namespace {

/// A past version is made from all that has changed since, in memory: so many at once, of so much each.
constexpr int kPastViewsMax = 8;
constexpr std::size_t kPastUndoBytesMax = std::size_t{32} << 20U;

/// One of the places for past versions, while it lives.
class PastPlace {
public:
    explicit PastPlace(std::shared_ptr<std::atomic<int>> taken) : taken_(std::move(taken)), mine_(++*taken_) {}
    ~PastPlace() { --*taken_; }
    PastPlace(const PastPlace&) = delete;
    PastPlace& operator=(const PastPlace&) = delete;
    [[nodiscard]] bool free() const noexcept { return mine_ <= kPastViewsMax; }

private:
    const std::shared_ptr<std::atomic<int>> taken_;
    const int mine_;
};

class View final : public network::LedgerView {
public:
    View(std::shared_ptr<const store::StoreView> view, std::optional<Certificate> certificate,
         std::shared_ptr<const PastPlace> place = nullptr)
        : place_(std::move(place)), view_(std::move(view)), certificate_(std::move(certificate)) {}

    [[nodiscard]] const BlockHeader& header() const override { return view_->tip().header; }
    [[nodiscard]] const std::optional<Certificate>& certificate() const override { return certificate_; }
    [[nodiscard]] std::unique_ptr<LogReader> log(Contract contract, const AccountId& owner) const override {
        return view_->log(contract, owner);
    }
    [[nodiscard]] std::unique_ptr<LogReader> history() const override { return view_->history(); }
    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override {
        return view_->get(contract, key);
    }
    Result<std::optional<Bytes>> node(const NodeId& id) const override { return view_->node(id); }
    Result<std::vector<StateLeaf>> leaves(const NodeId& prefix, std::size_t limit) const override {
        return view_->leaves(prefix, limit);
    }

private:
    std::shared_ptr<const PastPlace> place_;  ///< of a past version
    std::shared_ptr<const store::StoreView> view_;
    std::optional<Certificate> certificate_;
};

}  // namespace

Result<std::unique_ptr<LedgerService>> LedgerService::make(const Parts& parts) {
    SALUS_TRY(auto bytes, parts.store.genesis());
    auto genesis = parse_genesis(bytes);
    if (!genesis) return fail(ErrorCode::kCorrupt, "the stored genesis cannot be read", genesis.error());
    std::unique_ptr<LedgerService> service(new LedgerService(parts, std::move(bytes), *std::move(genesis)));
    parts.ledger.on_durable([raw = service.get()](const Durable& durable) {
        if (durable.block == nullptr) return;
        const auto listeners = *raw->listeners_.lock();
        for (const auto& listener : listeners) listener(*durable.block);
    });
    return service;
}

Status LedgerService::submit(std::vector<Bytes> transactions, std::function<void(Answer)> done) {
    return parts_.submission.submit(std::move(transactions), std::move(done));
}

std::shared_ptr<const network::LedgerView> LedgerService::view() const {
    auto version = parts_.ledger.certified_version();
    return std::make_shared<const View>(std::move(version.view), std::move(version.certificate));
}

Result<std::shared_ptr<const network::LedgerView>> LedgerService::view_at(Height height) const {
    auto newest = view();
    const Height tip = newest->header().height;
    if (height == tip) return newest;
    if (height > tip) return fail(ErrorCode::kNotFound, "no certified block " + std::to_string(height));
    auto place = std::make_shared<const PastPlace>(past_views_);
    if (!place->free()) return fail(ErrorCode::kBusy, "enough earlier versions are looked at: ask again");
    SALUS_TRY(auto then, parts_.store.view_at(height, kPastUndoBytesMax));
    std::optional<Certificate> vouches;
    if (height > 0) {
        SALUS_TRY(vouches, parts_.store.certificate(height));
    }
    return std::shared_ptr<const network::LedgerView>(
        std::make_shared<const View>(std::move(then), std::move(vouches), std::move(place)));
}

/// What a view does not show yet is not shown by its height or id either: a client would see it come and go.
Status LedgerService::shown(Height height) const {
    if (height > parts_.ledger.certified_version().view->tip().header.height)
        return fail(ErrorCode::kNotFound, "there is no block " + std::to_string(height));
    return {};
}

Result<Block> LedgerService::block(Height height) const {
    SALUS_TRY_STATUS(shown(height));
    return parts_.store.block(height);
}

Result<BlockHeader> LedgerService::header(Height height) const {
    SALUS_TRY_STATUS(shown(height));
    return parts_.store.header(height);
}

Result<std::optional<Certificate>> LedgerService::certificate(Height height) const {
    SALUS_TRY_STATUS(shown(height));
    return parts_.store.certificate(height);
}

Result<std::vector<CometBftCertificate>> LedgerService::validator_changes(Era era, Height height) const {
    return parts_.ledger.validator_changes(era, height);
}

Result<std::optional<network::TransactionPlace>> LedgerService::find(const TxId& id) const {
    SALUS_TRY(const auto place, parts_.store.find(id));
    if (!place || !shown(place->height)) return std::optional<network::TransactionPlace>{};
    return std::optional(network::TransactionPlace{place->height, place->index});
}

network::LedgerStatus LedgerService::status() const {
    const auto view = parts_.ledger.certified_version().view;
    const auto tip = parts_.ledger.tip();
    network::LedgerStatus status;
    status.height = view->tip().header.height;
    status.era = tip.era;
    status.block_time_ms = tip.time_ms;
    status.node_time_ms = parts_.wall.now_ms();
    status.queued = parts_.submission.pending();
    const auto engine = parts_.engine.status();
    status.problem = engine.running ? engine.problem : "the consensus engine does not run";
    return status;
}

void LedgerService::on_block(std::function<void(const Block&)> listener) {
    listeners_.lock()->push_back(std::move(listener));
}

}  // namespace salus::node
