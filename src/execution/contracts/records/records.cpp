#include "execution/contracts/records/records.hpp"

#include "model/contracts/records.hpp"

namespace salus::execution {
namespace {

constexpr std::size_t kHashBytes = Hash{}.size();

std::vector<Hash> split(ByteView bytes) {
    std::vector<Hash> hashes(bytes.size() / kHashBytes);
    for (std::size_t i = 0; i < hashes.size(); ++i)
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * kHashBytes), kHashBytes, hashes[i].begin());
    return hashes;
}

Status check_shape(const records::Append& append) {
    if (append.leaves.size() % kHashBytes != 0 || append.superseded.size() % kHashBytes != 0)
        return fail(ErrorCode::kRecordsShape, "leaves and nullifiers are 32 bytes each");
    const std::size_t count = append.leaves.size() / kHashBytes;
    if (count == 0 || count % kAppendMultiple != 0)
        return fail(ErrorCode::kRecordsPadding, std::to_string(count) + " leaves are not a multiple of 16");
    return {};
}

/// A nullifier that stands twice in one append is refused as well: the second finds the first.
Status supersede(Context& context, const AccountId& custodian, const std::vector<Hash>& nullifiers) {
    for (const Hash& nullifier : nullifiers) {
        Bytes key = records::superseded_key(custodian, nullifier);
        SALUS_TRY(const auto before, context.read<records::SupersededState>(key));
        if (before) return fail(ErrorCode::kRecordsSuperseded, "a version was superseded before");
        SALUS_TRY_STATUS(context.write(std::move(key), records::SupersededState(context.place())));
    }
    return {};
}

/// Only the sender's own log, and only what stands in it, can be touched: its id is in every key.
Status append(Context& context, const records::Append& append) {
    SALUS_TRY(const AccountId custodian, context.organisation());
    SALUS_TRY_STATUS(check_shape(append));
    const Bytes key = records::log_key(custodian);
    SALUS_TRY(auto stored, context.read<records::LogState>(key));
    records::LogState log = std::move(stored).value_or(records::LogState{});
    if (!log.well_formed()) return fail(ErrorCode::kCorrupt, "a stored log has not the peaks of its count");
    if (append.first_index != log.count)
        return fail(ErrorCode::kRecordsIndex,
                    "the log has " + std::to_string(log.count) + " leaves, not " + std::to_string(append.first_index));
    SALUS_TRY_STATUS(supersede(context, custodian, split(append.superseded)));

    std::vector<Hash> leaves = split(append.leaves);
    for (const Hash& leaf : leaves) log.append(leaf);
    SALUS_TRY_STATUS(context.write(key, log));
    Bytes range = to_bytes(big_endian(append.first_index));
    salus::append(range, big_endian(std::uint64_t{leaves.size()}));
    context.emit(records::EventKind::kAppended, custodian, std::move(range));
    context.append_log(custodian, append.first_index, std::move(leaves));
    return {};
}

}  // namespace

Status run_records(Context& context, ByteView payload) {
    SALUS_TRY(const auto decoded, decode_payload<records::Payload>(Contract::kRecords, payload));
    return append(context, std::get<records::Append>(decoded.action));
}

}  // namespace salus::execution
