#include "model/export.hpp"

#include <algorithm>

#include "crypto/signature.hpp"
#include "model/era.hpp"

namespace salus {
namespace {

constexpr std::string_view kMagic = "SALUSEX1";
constexpr std::string_view kTag = "salus.export.v1";
constexpr std::size_t kHeadBytes = 5;
constexpr std::size_t kStepBytes = 1024 * 1024;

enum Kind : std::uint8_t { kGenesis = 1, kEra = 2, kBlock = 3, kCertificate = 4, kFooter = 5 };

tl::unexpected<Error> malformed(const char* what) { return fail(ErrorCode::kMalformedEncoding, what); }
tl::unexpected<Error> wrong(const char* what) { return fail(ErrorCode::kProofInvalid, what); }

Bytes head(std::uint8_t kind, std::size_t size) {
    Bytes out{kind};
    append(out, big_endian(static_cast<std::uint32_t>(size)));
    return out;
}

}  // namespace

Status ExportWriter::add(std::uint8_t kind, ByteView body) {
    if (body.size() > 0xFFFFFFFFU) return fail(ErrorCode::kTooLarge, "a record of an export has at most 4 GiB");
    const Bytes first = head(kind, body.size());
    digest_.update(first).update(body);
    SALUS_TRY_STATUS(sink_.write(first));
    return sink_.write(body);
}

Status ExportWriter::begin(ByteView genesis) {
    digest_.update(kTag).update(kMagic);
    SALUS_TRY_STATUS(sink_.write(as_bytes(kMagic)));
    return add(kGenesis, genesis);
}

Status ExportWriter::add_era(const EraRecord& record) { return add(kEra, codec::encode(record)); }

Status ExportWriter::add_block(ByteView block, const std::optional<Certificate>& certificate) {
    SALUS_TRY_STATUS(add(kBlock, block));
    ++blocks_;
    return certificate ? add(kCertificate, codec::encode(*certificate)) : Status{};
}

Status ExportWriter::finish() { return add(kFooter, codec::encode(ExportFooter{blocks_, digest_.finish()})); }

Result<std::unique_ptr<ExportReader>> ExportReader::open(ByteSource& source, Executor& executor) {
    std::unique_ptr<ExportReader> reader(new ExportReader(source, executor));
    SALUS_TRY_STATUS(reader->read_genesis());
    return reader;
}

Status ExportReader::read_genesis() {
    SALUS_TRY(const Bytes magic, read_bytes(kMagic.size()));
    if (!equal(magic, as_bytes(kMagic))) return malformed("this is not an exported chain");
    digest_.update(kTag).update(kMagic);
    SALUS_TRY(Record record, take());
    if (record.kind != kGenesis) return malformed("the export does not begin with a genesis");
    SALUS_TRY(genesis_, parse_genesis(record.body));
    genesis_bytes_ = std::move(record.body);
    network_id_ = genesis_.network_id();
    certificates_ = EraCertificates(genesis_.era);
    tip_hash_ = network_id_.bytes;
    tip_.time_ms = genesis_.time_ms;
    return {};
}

/// Grows with what comes: a length that lies takes no memory.
Result<Bytes> ExportReader::read_bytes(std::size_t count) {
    Bytes out;
    while (out.size() < count) {
        const std::size_t had = out.size();
        out.resize(std::min(count, had + kStepBytes));
        std::span<std::uint8_t> rest = std::span(out).subspan(had);
        while (!rest.empty()) {
            SALUS_TRY(const std::size_t got, source_.read(rest));
            if (got == 0) return malformed("the export is cut off");
            rest = rest.subspan(got);
        }
    }
    return out;
}

Result<ExportReader::Record> ExportReader::take() {
    if (looked_at_) {
        Record record = *std::move(looked_at_);
        looked_at_.reset();
        return record;
    }
    SALUS_TRY(const Bytes first, read_bytes(kHeadBytes));
    Record record;
    record.kind = first[0];
    if (record.kind < kGenesis || record.kind > kFooter) return malformed("the export has a record of an unknown kind");
    SALUS_TRY(record.body, read_bytes(from_big_endian<std::uint32_t>(ByteView(first).subspan(1))));
    if (record.kind != kFooter) digest_.update(first).update(record.body);
    return record;
}

Status ExportReader::check_footer(const Record& record) {
    SALUS_TRY(const auto footer, codec::decode<ExportFooter>(record.body));
    if (footer.blocks != tip_.height) return wrong("the footer counts other blocks than the export holds");
    if (footer.digest != digest_.finish()) return wrong("the footer's digest is of another export");
    std::uint8_t more = 0;
    SALUS_TRY(const std::size_t got, source_.read({&more, 1}));
    if (got != 0) return malformed("the export goes on behind its footer");
    return {};
}

Status ExportReader::check_chain(const BlockHeader& header) const {
    if (header.network_id != network_id_) return wrong("of another network");
    if (header.height != tip_.height + 1) return wrong("out of order");
    if (header.parent_hash != tip_hash_) return wrong("its parent is another block");
    if (header.history_root != history_.root()) return wrong("it stands on another history");
    if (header.time_ms < tip_.time_ms) return wrong("it is older than its parent");
    if (header.era != era().era) return wrong("of another era");
    return {};
}

/// What can be seen without the state: the chain of eras, and the system transaction that opens this one.
Status ExportReader::open_era(const EraRecord& record, const Block& block) {
    if (record.era != era().era + 1 || record.first_height != tip_.height + 1 || record.parent_hash != tip_hash_)
        return wrong("the era record does not continue the chain");
    SALUS_TRY_STATUS(check_era_form(record));
    const auto* opened = block.system.empty() ? nullptr : std::get_if<EraOpened>(&block.system.front().what);
    if (opened == nullptr || opened->record != record.hash()) return wrong("the block does not open the era");
    certificates_ = EraCertificates(record);
    return {};
}

Status ExportReader::check_signatures(const std::vector<Transaction>& transactions) const {
    std::vector<crypto::PublicKey> keys;
    for (const Transaction& transaction : transactions)
        for (const Signer& signer : transaction.body.signers) keys.push_back(signer.key());
    std::vector<crypto::VerifyJob> jobs;
    jobs.reserve(keys.size());
    for (const Transaction& transaction : transactions)
        for (const Bytes& signature : transaction.signatures)
            jobs.push_back({&keys[jobs.size()], transaction.signed_bytes, signature});
    const auto verdicts = crypto::verify_batch(executor_, jobs);
    if (std::ranges::count(verdicts, 0) != 0) return wrong("a signature of a transaction does not verify");
    return {};
}

Result<std::optional<ExportedBlock>> ExportReader::next() {
    auto block = next_block();
    if (block || block.error().code == ErrorCode::kIo) return block;
    return fail(block.error().code, "block " + std::to_string(tip_.height + 1) + " of the export", block.error());
}

Result<std::optional<ExportedBlock>> ExportReader::next_block() {
    ExportedBlock out;
    SALUS_TRY(Record record, take());
    if (record.kind == kFooter) {
        SALUS_TRY_STATUS(check_footer(record));
        return std::optional<ExportedBlock>{};
    }
    if (record.kind == kEra) {
        SALUS_TRY(out.opens_era, codec::decode<EraRecord>(record.body));
        SALUS_TRY(record, take());
    }
    if (record.kind != kBlock) return malformed("the export has a record out of place");
    SALUS_TRY(out.block, codec::decode<Block>(record.body));
    if (out.opens_era) SALUS_TRY_STATUS(open_era(*out.opens_era, out.block));
    const BlockHeader& header = out.block.header;
    SALUS_TRY_STATUS(check_chain(header));
    SALUS_TRY(out.transactions, open_block(out.block));
    SALUS_TRY_STATUS(check_signatures(out.transactions));
    out.hash = header.hash();

    SALUS_TRY(record, take());
    if (record.kind == kCertificate) {
        SALUS_TRY(out.certificate, codec::decode<Certificate>(record.body));
        SALUS_TRY_STATUS(certificates_.check(*out.certificate, header));
        certified_ = header.height;
    } else {
        looked_at_ = std::move(record);
    }
    tip_ = header;
    tip_hash_ = out.hash;
    history_.append(history_leaf(out.hash));
    return std::optional<ExportedBlock>(std::move(out));
}

}  // namespace salus
