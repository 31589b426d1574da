#include "node/check_chain.hpp"

#include <algorithm>
#include <optional>

#include "model/era_certificates.hpp"
#include "model/genesis.hpp"

namespace salus::node {
namespace {

/// What a chain of another network would find in every block is said of so many.
constexpr std::size_t kFindingsMax = 100;
constexpr Height kShowEvery = 1'000;

class ChainWalk {
public:
    explicit ChainWalk(const store::ChainStore& chain)
        : chain_(chain), view_(chain.view()), history_(view_->history()) {}

    ChainCheck run(const std::function<void(std::uint64_t, std::uint64_t)>& progress);

private:
    void find(const std::string& what, const Error& why) { find(what, why.to_string()); }
    void find(const std::string& what, const std::string& why) {
        if (++found_ <= kFindingsMax) check_.findings.push_back(what + ": " + why);
    }
    void check_genesis();
    void check_block(Height height);
    void check_place(const std::string& name, const BlockHeader& header, Height height);
    void check_vouched(const std::string& name, const BlockHeader& header);
    void check_tip();

    const store::ChainStore& chain_;
    std::shared_ptr<const store::StoreView> view_;
    std::unique_ptr<LogReader> history_;
    std::vector<EraRecord> eras_;
    std::optional<EraCertificates> vouching_;            ///< of the era of the block that was looked at last
    std::optional<Hash> parent_;                         ///< nothing behind a block that cannot be read
    std::optional<LogFrontier> before_ = LogFrontier{};  ///< likewise, where the stored history does not help
    std::size_t found_ = 0;
    ChainCheck check_;
};

void ChainWalk::check_genesis() {
    const NetworkId network = view_->tip().header.network_id;
    parent_ = network.bytes;
    const auto bytes = chain_.genesis();
    const auto genesis = bytes ? parse_genesis(*bytes) : Result<Genesis>(fail(bytes.error()));
    if (!genesis)
        find("the genesis in the chain", genesis.error());
    else if (genesis->network_id() != network)
        find("the genesis in the chain", "it is another network's");
    auto eras = chain_.eras();
    if (eras)
        eras_ = *std::move(eras);
    else
        find("the records of eras", eras.error());
}

void ChainWalk::check_place(const std::string& name, const BlockHeader& header, Height height) {
    if (header.height != height || header.network_id != view_->tip().header.network_id)
        find(name, "its header is another block's");
    if (parent_ && header.parent_hash != *parent_) find(name, "its parent is another block");
    if (before_ && header.history_root != before_->root()) find(name, "it stands on another history");
}

void ChainWalk::check_vouched(const std::string& name, const BlockHeader& header) {
    const auto certificate = chain_.certificate(header.height);
    if (!certificate) return find(name, certificate.error());
    if (!*certificate) return;  // it comes after the block
    const auto era = std::ranges::find(eras_, header.era, &EraRecord::era);
    if (era == eras_.end()) return find(name, "the record of its era is not there");
    if (!vouching_ || vouching_->era() != *era) vouching_.emplace(*era);
    if (const Status vouched = vouching_->check(**certificate, header); !vouched) find(name, vouched.error());
}

void ChainWalk::check_block(Height height) {
    const std::string name = "block " + std::to_string(height);
    const auto kept = history_->node(0, height - 1);
    if (!kept) find(name, kept.error());
    const auto header = chain_.header(height);
    if (!header) {
        find(name, header.error());
        parent_.reset();
        if (before_ && kept)
            before_->append(*kept);
        else
            before_.reset();
        return;
    }
    check_place(name, *header, height);
    check_vouched(name, *header);
    const auto block = chain_.block(height);
    if (!block)
        find(name, block.error());
    else if (block->header != *header)
        find(name, "it has another header than the one that is kept apart");
    else if (const Status content = check_content(*block); !content)
        find(name, content.error());
    else
        ++check_.blocks;
    parent_ = header->hash();
    const Hash leaf = history_leaf(*parent_);
    if (kept && *kept != leaf) find(name, "the stored history has another block in its place");
    if (before_) before_->append(leaf);
}

void ChainWalk::check_tip() {
    const store::StoredTip& tip = view_->tip();
    if (parent_ && *parent_ != tip.hash) find("the tip", "it is not the last block");
    if (before_ && *before_ != tip.history) find("the tip", "its history is not that of the blocks");
}

ChainCheck ChainWalk::run(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    for (const std::string& damaged : chain_.damaged_files(progress)) find("altered", damaged);
    check_genesis();
    const Height tip = view_->tip().header.height;
    for (Height height = 1; height <= tip; ++height) {
        check_block(height);
        if (progress && (height % kShowEvery == 0 || height == tip)) progress(height, tip);
    }
    check_tip();
    if (found_ > kFindingsMax)
        check_.findings.push_back("and " + std::to_string(found_ - kFindingsMax) + " more of the chain");
    return std::move(check_);
}

}  // namespace

ChainCheck check_chain(const store::ChainStore& chain,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    return ChainWalk(chain).run(progress);
}

}  // namespace salus::node
