#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/platform/executor.hpp"
#include "crypto/hash.hpp"
#include "model/era_certificates.hpp"
#include "model/genesis.hpp"
#include "model/merkle_log.hpp"

/// A whole chain in one stream, so that anybody may keep it and check it. Source: docs/protocol.md, "Export"
///
///     "SALUSEX1", then records: u8 kind, u32 length, as many bytes
///     kinds: 1 genesis (first), 2 era record (before the block that opens it), 3 block, 4 certificate of the block
///     before it, 5 footer (last): number of blocks, and a digest of all bytes before the footer's record
namespace salus {

struct ExportFooter {
    std::uint64_t blocks = 0;
    Hash digest{};  ///< SHA-256("salus.export.v1" || all bytes before)

    static constexpr std::string_view kName = "ExportFooter";
    static constexpr auto kFields = codec::table(codec::field<1>("blocks", &ExportFooter::blocks),
                                                 codec::field<2>("digest", &ExportFooter::digest));
    bool operator==(const ExportFooter&) const = default;
};

class ByteSink {
public:
    virtual ~ByteSink() = default;
    /// Errors: kIo
    virtual Status write(ByteView bytes) = 0;
};

class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills the head of `out`; 0 at the end only. Errors: kIo
    virtual Result<std::size_t> read(std::span<std::uint8_t> out) = 0;
};

/// Writes a chain, block by block. Errors of all: those of the sink.
class ExportWriter {
public:
    explicit ExportWriter(ByteSink& sink) : sink_(sink) {}

    Status begin(ByteView genesis);
    /// Before the block that opens it. The first era stands in the genesis.
    Status add_era(const EraRecord& record);
    Status add_block(ByteView block, const std::optional<Certificate>& certificate);
    Status finish();

private:
    Status add(std::uint8_t kind, ByteView body);

    ByteSink& sink_;
    crypto::Sha256 digest_;
    std::uint64_t blocks_ = 0;
};

struct ExportedBlock {
    Block block;
    Hash hash{};
    std::vector<Transaction> transactions;  ///< the signed ones, decoded; their signatures are good
    std::optional<Certificate> certificate;
    std::optional<EraRecord> opens_era;
};

/// Reads a chain and checks of each block all that needs no state: its content against its roots, parent, history root,
/// time, network, era, certificate, every signature. What is left is to execute it and compare the state roots, and the
/// members who sign a later era (check_era). Holds one block at a time.
class ExportReader {
public:
    /// Errors: kMalformedEncoding, kConfig for a bad genesis; those of the source
    static Result<std::unique_ptr<ExportReader>> open(ByteSource& source, Executor& executor);

    [[nodiscard]] const Genesis& genesis() const noexcept { return genesis_; }
    [[nodiscard]] const Bytes& genesis_bytes() const noexcept { return genesis_bytes_; }
    [[nodiscard]] const NetworkId& network_id() const noexcept { return network_id_; }

    /// The next block; nothing after the last, when the footer was there and right. After an error, no further call.
    /// Errors: kProofInvalid and kCertificateInvalid naming the block, kMalformedEncoding (also for a stream cut off)
    Result<std::optional<ExportedBlock>> next();

    /// Of the newest block read; height 0 before the first.
    [[nodiscard]] const BlockHeader& tip() const noexcept { return tip_; }
    [[nodiscard]] const Hash& tip_hash() const noexcept { return tip_hash_; }
    [[nodiscard]] const EraRecord& era() const noexcept { return certificates_.era(); }
    /// The newest block read that has a certificate: all before it are vouched for, what follows is not yet.
    [[nodiscard]] Height certified() const noexcept { return certified_; }

private:
    struct Record {
        std::uint8_t kind = 0;
        Bytes body;
    };

    ExportReader(ByteSource& source, Executor& executor) : source_(source), executor_(executor) {}
    Status read_genesis();
    Result<std::optional<ExportedBlock>> next_block();
    /// The next record: the one looked at before, or a new one.
    Result<Record> take();
    Result<Bytes> read_bytes(std::size_t count);
    Status check_footer(const Record& record);
    Status check_chain(const BlockHeader& header) const;
    Status open_era(const EraRecord& record, const Block& block);
    Status check_signatures(const std::vector<Transaction>& transactions) const;

    ByteSource& source_;
    Executor& executor_;
    crypto::Sha256 digest_;
    std::optional<Record> looked_at_;
    Genesis genesis_;
    Bytes genesis_bytes_;
    NetworkId network_id_;
    EraCertificates certificates_{EraRecord{}};
    BlockHeader tip_;
    Hash tip_hash_{};
    LogFrontier history_;
    Height certified_ = 0;
};

}  // namespace salus
