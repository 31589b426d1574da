#pragma once

#include <variant>
#include <vector>

#include "model/receipt.hpp"

namespace salus {

/// Source: docs/protocol.md, "Block"
struct BlockHeader {
    std::uint32_t version = kProtocolVersion;
    NetworkId network_id;
    Era era = 1;
    Height height = 0;  ///< from 1
    TimeMs time_ms = 0;
    Hash parent_hash{};   ///< of the block below; of the first block, the network id
    Hash history_root{};  ///< RFC 6962 root over the hashes of blocks 1..height-1
    Hash tx_root{};
    Hash receipt_root{};
    Hash state_root{};  ///< after this block
    std::uint32_t tx_count = 0;
    ValidatorId proposer;

    static constexpr std::string_view kName = "BlockHeader";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &BlockHeader::version), codec::field<2>("network_id", &BlockHeader::network_id),
        codec::field<3>("era", &BlockHeader::era), codec::field<4>("height", &BlockHeader::height),
        codec::field<5>("time_ms", &BlockHeader::time_ms), codec::field<6>("parent_hash", &BlockHeader::parent_hash),
        codec::field<7>("history_root", &BlockHeader::history_root), codec::field<8>("tx_root", &BlockHeader::tx_root),
        codec::field<9>("receipt_root", &BlockHeader::receipt_root),
        codec::field<10>("state_root", &BlockHeader::state_root), codec::field<11>("tx_count", &BlockHeader::tx_count),
        codec::field<12>("proposer", &BlockHeader::proposer));
    bool operator==(const BlockHeader&) const = default;

    /// SHA-256("salus.block.v1" || encoding)
    [[nodiscard]] Hash hash() const;
};

/// Leaf of the history log, whose root is history_root: SHA-256(0x00 || block hash).
Hash history_leaf(const Hash& block_hash);

/// The block that opens an era holds the hash of its record.
struct EraOpened {
    Hash record{};

    static constexpr std::string_view kName = "EraOpened";
    static constexpr auto kFields = codec::table(codec::field<1>("record", &EraOpened::record));
    bool operator==(const EraOpened&) const = default;
};

/// Evidence of misbehaviour that the consensus engine reports.
struct Fault {
    ValidatorId validator;
    std::uint32_t kind = 0;  ///< 1 duplicate vote, 2 light-client attack
    EngineHeight engine_height = 0;
    TimeMs time_ms = 0;
    std::uint64_t total_power = 0;

    static constexpr std::string_view kName = "Fault";
    static constexpr auto kFields =
        codec::table(codec::field<1>("validator", &Fault::validator), codec::field<2>("kind", &Fault::kind),
                     codec::field<3>("engine_height", &Fault::engine_height),
                     codec::field<4>("time_ms", &Fault::time_ms), codec::field<5>("total_power", &Fault::total_power));
    bool operator==(const Fault&) const = default;
};

/// A transaction without a signature at the head of a block: the only other way that state changes.
struct SystemTransaction {
    std::variant<EraOpened, Fault> what;

    static constexpr std::string_view kName = "SystemTransaction";
    static constexpr auto kFields = codec::table(codec::field<1>("what", &SystemTransaction::what));
    bool operator==(const SystemTransaction&) const = default;

    /// SHA-256("salus.system.v1" || u64 height || u32 index || encoding)
    [[nodiscard]] TxId id(Height height, std::uint32_t index) const;
};

/// A block as it is stored and exported. System transactions come first: leaf i of the roots counts through both lists.
struct Block {
    BlockHeader header;
    std::vector<SystemTransaction> system;
    std::vector<Bytes> transactions;  ///< SignedTransaction each
    std::vector<Receipt> receipts;
    std::vector<Events> events;  ///< one a transaction

    static constexpr std::string_view kName = "Block";
    static constexpr auto kFields =
        codec::table(codec::field<1>("header", &Block::header), codec::field<2>("system", &Block::system, 1000),
                     codec::field<3>("transactions", &Block::transactions, codec::kNoLimit, kTransactionBytesMax),
                     codec::field<4>("receipts", &Block::receipts), codec::field<5>("events", &Block::events));
    bool operator==(const Block&) const = default;
};

/// Leaf hashes of RFC 6962 over `block`'s content, system transactions first; 32 zeros for what is no transaction.
std::vector<Hash> transaction_leaves(const Block& block);
std::vector<Hash> receipt_leaves(const Block& block);
/// The roots over them.
Hash transaction_root(const Block& block);
Hash receipt_root(const Block& block);

/// Whether roots, counts and ids of the content are those of the header. Signatures and state are not looked at.
/// Errors: kProofInvalid, naming what differs
Status check_content(const Block& block);
/// The same, giving the signed transactions decoded.
Result<std::vector<Transaction>> open_block(const Block& block);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(BlockHeader)
SALUS_DECLARE_CODEC(SystemTransaction)
SALUS_DECLARE_CODEC(Block)
}  // namespace salus
