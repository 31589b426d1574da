#include "store/kv_chain_store.hpp"

#include <map>
#include <string>

#include "base/check.hpp"
#include "store/keys.hpp"
#include "store/log_rows.hpp"
#include "store/records.hpp"
#include "store/table_files.hpp"
#include "store/undo.hpp"

namespace salus::store {
namespace {

/// Files of undo records are looked through once in so many blocks.
constexpr Height kForgetEvery = 128;

template <class T>
Result<std::optional<T>> read(const Snapshot& snapshot, Family family, ByteView key, const std::string& what) {
    SALUS_TRY(const auto bytes, snapshot.get(family, key));
    if (!bytes) return std::optional<T>{};
    auto value = codec::decode<T>(*bytes);
    if (!value) return fail(ErrorCode::kCorrupt, what + " does not decode", value.error());
    return std::optional<T>(*std::move(value));
}

template <class T>
Result<T> require(Result<std::optional<T>> value, ErrorCode code, const std::string& what) {
    SALUS_TRY(auto found, std::move(value));
    if (!found) return fail(code, "there is no " + what);
    return *std::move(found);
}

template <class T>
Result<T> read_at(const Snapshot& snapshot, Family family, Height height, std::string what) {
    what += " " + std::to_string(height);
    return require(read<T>(snapshot, family, height_key(height), what), ErrorCode::kNotFound, what);
}

void put_tip(Batch& batch, const StoredTip& tip) {
    const TipRecord record{tip.era, tip.engine, tip.engine_time_ms, tip.header.height, tip.history};
    batch.put(Family::kMeta, as_bytes(kTipKey), codec::encode(record));
}

void put_state(Batch& batch, std::span<const StateChange> changes, std::span<const NodeWrite> nodes) {
    for (const auto& [path, value] : changes) {
        if (value)
            batch.put(Family::kState, path, *value);
        else
            batch.remove(Family::kState, path);
    }
    for (const auto& [id, value] : nodes) {
        if (value)
            batch.put(Family::kNodes, node_key(id), *value);
        else
            batch.remove(Family::kNodes, node_key(id));
    }
}

/// Several appends to one log in a block become one: each would rewrite the row that the one before left open.
Status put_logs(Batch& batch, const Snapshot& before, std::span<const LogWrite> logs) {
    struct Append {
        std::uint64_t first_index = 0;
        std::vector<Hash> leaves;
    };
    std::map<Bytes, Append> appends;
    for (const LogWrite& log : logs) {
        const auto [at, first] = appends.try_emplace(log_prefix(log.contract, log.owner));
        if (first) at->second.first_index = log.first_index;
        SALUS_CHECK(at->second.first_index + at->second.leaves.size() == log.first_index);
        at->second.leaves.insert(at->second.leaves.end(), log.leaves.begin(), log.leaves.end());
    }
    for (const auto& [prefix, append] : appends)
        SALUS_TRY_STATUS(append_log(before, batch, Family::kLogs, prefix, append.first_index, append.leaves));
    return {};
}

Status found(Kv& kv, const Founding& founding) {
    BlockHeader header;
    header.network_id = founding.network_id;
    header.era = founding.era.era;
    header.time_ms = founding.time_ms;
    header.state_root = founding.tree.root;
    StoredTip tip;
    tip.era = founding.era.era;
    tip.engine_time_ms = founding.time_ms;

    const auto batch = kv.batch();
    batch->put(Family::kMeta, as_bytes(kSchemaKey), big_endian(kSchemaVersion));
    batch->put(Family::kMeta, as_bytes(kGenesisKey), founding.genesis);
    batch->put(Family::kMeta, era_key(founding.era.era), codec::encode(founding.era));
    batch->put(Family::kHeaders, height_key(0), codec::encode(header));
    put_state(*batch, founding.state, founding.tree.nodes);
    put_tip(*batch, tip);
    SALUS_TRY_STATUS(kv.write(*batch));
    return kv.sync();
}

}  // namespace

Result<std::unique_ptr<KvChainStore>> KvChainStore::open(std::unique_ptr<Kv> kv, const Founding* founding,
                                                         std::size_t values_bytes_max) {
    SALUS_TRY(const auto schema, kv->snapshot()->get(Family::kMeta, as_bytes(kSchemaKey)));
    if (schema && !equal(*schema, big_endian(kSchemaVersion)))
        return fail(ErrorCode::kSchema, "the store is not of schema version " + std::to_string(kSchemaVersion) +
                                            ", which is the one that this program knows");
    if (schema && founding != nullptr) return fail(ErrorCode::kConflict, "a ledger stands there already");
    if (!schema && founding == nullptr) return fail(ErrorCode::kNotFound, "no ledger stands there");
    if (founding != nullptr) SALUS_TRY_STATUS(found(*kv, *founding));
    std::unique_ptr<KvChainStore> store(new KvChainStore(std::move(kv), values_bytes_max));
    SALUS_TRY_STATUS(store->load());
    return store;
}

Status KvChainStore::load() {
    auto snapshot = kv_->snapshot();
    SALUS_TRY(const auto record, require(read<TipRecord>(*snapshot, Family::kMeta, as_bytes(kTipKey), "the tip"),
                                         ErrorCode::kCorrupt, "tip"));
    if (!record.history.well_formed() || record.history.count != record.height)
        return fail(ErrorCode::kCorrupt, "the tip's history is not that of its height");
    auto header = read_at<BlockHeader>(*snapshot, Family::kHeaders, record.height, "header");
    if (!header) return fail(ErrorCode::kCorrupt, "the tip has no header", header.error());
    if (header->version != kProtocolVersion)
        return fail(ErrorCode::kSchema, "the newest block is of protocol version " + std::to_string(header->version) +
                                            ", which this program does not know");
    SALUS_TRY(const auto undo_from, snapshot->get(Family::kMeta, as_bytes(kUndoFromKey)));
    if (undo_from && undo_from->size() == sizeof(Height)) undo_from_ = from_big_endian<Height>(*undo_from);

    const Hash hash = record.height == 0 ? header->network_id.bytes : header->hash();
    StoredTip tip{record.era, record.engine, record.engine_time_ms, *std::move(header), hash, record.history};
    *newest_.lock() = std::make_shared<const SnapshotView>(std::move(snapshot), std::move(tip), values_, 0);
    return {};
}

Status KvChainStore::refuse_if_failed() const {
    if (failed_) return fail(ErrorCode::kIo, "the store takes no more writes: one before failed");
    return {};
}

Status KvChainStore::write(const Commit& commit) {
    const std::scoped_lock lock(writing_);
    SALUS_TRY_STATUS(refuse_if_failed());
    const auto before = newest();
    StoredTip tip = before->tip();
    tip.engine = commit.engine;
    tip.engine_time_ms = commit.engine_time_ms;

    const auto batch = kv_->batch();
    if (commit.block) {
        if (auto status = put_block(*batch, *before, commit, tip); !status) {
            failed_ = true;
            return status;
        }
    } else {
        SALUS_CHECK(commit.changes.empty() && commit.nodes.empty() && commit.logs.empty() && !commit.era);
    }
    put_tip(*batch, tip);
    SALUS_TRY_STATUS(write_batch(*batch));
    const auto version = values_->advance(commit.changes, commit.nodes);
    *newest_.lock() = std::make_shared<const SnapshotView>(kv_->snapshot(), std::move(tip), values_, version);
    return {};
}

Status KvChainStore::put_block(Batch& batch, const SnapshotView& before, const Commit& commit, StoredTip& tip) {
    const Block& block = *commit.block;
    const Height height = block.header.height;
    SALUS_CHECK(height == tip.header.height + 1 && block.header.parent_hash == tip.hash);

    batch.put(Family::kBlocks, height_key(height), codec::encode(block));
    batch.put(Family::kHeaders, height_key(height), codec::encode(block.header));
    for (std::uint32_t i = 0; i < block.receipts.size(); ++i)
        batch.put(Family::kTransactions, transaction_key(block.receipts[i].id, height, i),
                  codec::encode(block.receipts[i]));
    if (commit.certificate) batch.put(Family::kCertificates, height_key(height), codec::encode(*commit.certificate));
    if (commit.era) {
        batch.put(Family::kMeta, era_key(commit.era->era), codec::encode(*commit.era));
        batch.put(Family::kMeta, era_states_key(commit.era->era), codec::encode(EraStates{commit.era_states}));
    }

    SALUS_TRY(const auto undo, undo_record(before, commit.changes));
    batch.put(Family::kUndo, height_key(height), codec::encode(undo));
    put_state(batch, commit.changes, commit.nodes);
    SALUS_TRY_STATUS(put_logs(batch, *before.snapshot(), commit.logs));
    const Hash leaf = history_leaf(commit.hash);
    SALUS_TRY_STATUS(append_log(*before.snapshot(), batch, Family::kHistory, {}, height - 1, std::span(&leaf, 1)));

    tip.era = block.header.era;
    tip.header = block.header;
    tip.hash = commit.hash;
    tip.history.append(leaf);
    return prune_undo(batch, tip);
}

Status KvChainStore::prune_undo(Batch& batch, const StoredTip& tip) {
    const Height from = undo_from_;
    while (tip.header.height - undo_from_ >= kUndoBlocks) {
        if (undo_from_time_ms_ == 0) {
            SALUS_TRY(const auto oldest, header(undo_from_));
            undo_from_time_ms_ = oldest.time_ms;
        }
        if (tip.header.time_ms - undo_from_time_ms_ <= kUndoMs) break;
        ++undo_from_;
        undo_from_time_ms_ = 0;
    }
    if (undo_from_ != from) batch.put(Family::kMeta, as_bytes(kUndoFromKey), big_endian(undo_from_.load()));
    if (tip.header.height % kForgetEvery == 0) kv_->forget_below(Family::kUndo, height_key(undo_from_));
    return {};
}

Status KvChainStore::write_batch(Batch& batch) {
    auto status = kv_->write(batch);
    if (!status) failed_ = true;
    return status;
}

Status KvChainStore::sync() {
    SALUS_TRY_STATUS(refuse_if_failed());
    auto status = kv_->sync();
    if (!status) failed_ = true;
    return status;
}

Status KvChainStore::put_certificate(Height height, const Certificate& certificate, bool changes_validators) {
    const std::scoped_lock lock(writing_);
    SALUS_TRY_STATUS(refuse_if_failed());
    const auto before = newest();
    if (height == 0 || height > before->tip().header.height)
        return fail(ErrorCode::kNotFound, "there is no block " + std::to_string(height));
    const auto batch = kv_->batch();
    batch->put(Family::kCertificates, height_key(height), codec::encode(certificate));
    if (changes_validators) {
        SALUS_TRY(const auto block, header(height));
        batch->put(Family::kMeta, validator_change_key(block.era, height), {});
    }
    SALUS_TRY_STATUS(write_batch(*batch));
    *newest_.lock() = std::make_shared<const SnapshotView>(kv_->snapshot(), before->tip(), values_, before->version());
    return {};
}

Result<std::shared_ptr<const StoreView>> KvChainStore::view_at(Height height, std::size_t undo_bytes_max) const {
    auto view = newest();
    const Height tip = view->tip().header.height;
    if (height > tip) return fail(ErrorCode::kNotFound, "there is no block " + std::to_string(height));
    if (height == tip) return std::shared_ptr<const StoreView>(std::move(view));
    if (height + 1 < undo_from_)
        return fail(ErrorCode::kGone, "the state after block " + std::to_string(height) + " is no longer kept");
    SALUS_TRY(const auto then, header(height));
    return past_view(std::move(view), then, undo_bytes_max);
}

Result<Block> KvChainStore::block(Height height) const {
    return read_at<Block>(*newest()->snapshot(), Family::kBlocks, height, "block");
}

Result<BlockHeader> KvChainStore::header(Height height) const {
    return read_at<BlockHeader>(*newest()->snapshot(), Family::kHeaders, height, "header");
}

Result<std::optional<Certificate>> KvChainStore::certificate(Height height) const {
    const auto view = newest();
    if (height == 0 || height > view->tip().header.height)
        return fail(ErrorCode::kNotFound, "there is no block " + std::to_string(height));
    return read<Certificate>(*view->snapshot(), Family::kCertificates, height_key(height),
                             "the certificate of block " + std::to_string(height));
}

Result<std::vector<Height>> KvChainStore::validator_changes(Era era) const {
    std::vector<Height> heights;
    const Bytes first = validator_change_key(era, 0);
    const ByteView prefix = ByteView(first).first(first.size() - sizeof(Height));
    const auto view = newest();
    const auto cursor = view->snapshot()->cursor(Family::kMeta);
    const auto is_change = [&] {
        return cursor->key().size() == first.size() && equal(cursor->key().first(prefix.size()), prefix);
    };
    for (cursor->seek(first); cursor->valid() && is_change(); cursor->next())
        heights.push_back(from_big_endian<Height>(cursor->key().subspan(prefix.size())));
    SALUS_TRY_STATUS(cursor->status());
    return heights;
}

Result<std::optional<StoredPlace>> KvChainStore::find(const TxId& id) const {
    const auto view = newest();
    const ByteView prefix = ByteView(id).first(kIdPrefixBytes);
    const auto cursor = view->snapshot()->cursor(Family::kTransactions);
    for (cursor->seek(prefix); cursor->valid() && equal(cursor->key().first(kIdPrefixBytes), prefix); cursor->next()) {
        const ByteView place = cursor->key().subspan(kIdPrefixBytes);
        auto receipt = codec::decode<Receipt>(cursor->value());
        if (!receipt) return fail(ErrorCode::kCorrupt, "a stored receipt does not decode", receipt.error());
        if (receipt->id == id)
            return std::optional(StoredPlace{from_big_endian<Height>(place.first(5)),
                                             from_big_endian<std::uint32_t>(place.subspan(5)), *std::move(receipt)});
    }
    SALUS_TRY_STATUS(cursor->status());
    return std::optional<StoredPlace>{};
}

Result<std::vector<EraRecord>> KvChainStore::eras() const {
    std::vector<EraRecord> eras;
    const auto view = newest();
    const auto cursor = view->snapshot()->cursor(Family::kMeta);
    const auto is_era = [&] { return as_text(cursor->key()).starts_with(kEraPrefix); };
    for (cursor->seek(as_bytes(kEraPrefix)); cursor->valid() && is_era(); cursor->next()) {
        auto era = codec::decode<EraRecord>(cursor->value());
        if (!era) return fail(ErrorCode::kCorrupt, "an era record does not decode", era.error());
        eras.push_back(*std::move(era));
    }
    SALUS_TRY_STATUS(cursor->status());
    return eras;
}

Result<std::vector<ProvenState>> KvChainStore::era_states(Era era) const {
    const std::string what = "state that era " + std::to_string(era) + " was judged by";
    SALUS_TRY(auto kept, require(read<EraStates>(*newest()->snapshot(), Family::kMeta, era_states_key(era), what),
                                 ErrorCode::kNotFound, what));
    return std::move(kept.states);
}

Result<Bytes> KvChainStore::genesis() const {
    return require(newest()->snapshot()->get(Family::kMeta, as_bytes(kGenesisKey)), ErrorCode::kCorrupt, "genesis");
}

std::vector<std::string> KvChainStore::damaged_files(
    const std::function<void(std::uint64_t, std::uint64_t)>& progress) const {
    return damaged_tables(kv_->table_files(), progress);
}

}  // namespace salus::store
