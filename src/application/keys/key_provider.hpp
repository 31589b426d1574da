#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "base/platform/random.hpp"
#include "base/result.hpp"
#include "crypto/kdf.hpp"
#include "crypto/secret.hpp"

/// What stands behind all keys of an organisation. Source: docs/protocol.md, "Files"
namespace salus::application {

/// Holds an organisation's master key, or reaches the module that holds it: the key itself never has to leave.
class KeyProvider {
public:
    virtual ~KeyProvider() = default;
    /// Seals a key encryption key; `associated` says which one it is. Errors: kIo
    virtual Result<Bytes> wrap(const crypto::Key256& key, ByteView associated) const = 0;
    /// Errors: kCorrupt where this master key did not wrap it, or not as that
    virtual Result<crypto::Key256> unwrap(ByteView wrapped, ByteView associated) const = 0;
};

/// A master key in this process's memory.
class MasterKey final : public KeyProvider {
public:
    MasterKey(crypto::Key256 key, Random& random) : key_(std::move(key)), random_(random) {}
    Result<Bytes> wrap(const crypto::Key256& key, ByteView associated) const override;
    Result<crypto::Key256> unwrap(ByteView wrapped, ByteView associated) const override;
    [[nodiscard]] const crypto::Key256& key() const noexcept { return key_; }

private:
    crypto::Key256 key_;
    Random& random_;
};

/// Costs of Argon2id for new files; the salt is drawn.
struct PassphraseCost {
    std::uint64_t operations = 3;
    std::uint64_t memory_bytes = 64ULL * 1024 * 1024;
};

/// Makes the passphrase file (mode 0600: line 1 the parameters, line 2 the passphrase, 32 random bytes in hex) and the
/// master key that Argon2id makes of it. Errors: kConflict where the file is there, kIo
Result<std::unique_ptr<MasterKey>> create_passphrase_file(const std::filesystem::path& file, Random& random,
                                                          PassphraseCost cost = {});
/// Errors: kNotFound, kForbidden (others than its owner may read it), kCorrupt, kIo
Result<std::unique_ptr<MasterKey>> open_passphrase_file(const std::filesystem::path& file, Random& random);

/// One of n shares of a master key; any m of them give it back, fewer tell nothing. Source: Shamir, "How to share a
/// secret" (1979), over GF(2^8), by libgfshare
struct EscrowShare {
    std::uint8_t needed = 0;  ///< m
    std::uint8_t number = 0;  ///< x, from 1
    ByteArray<8> check{};     ///< of the master key: that shares belong together, and that the result is right
    crypto::Key256 value;

    /// "salus-escrow-v1 m x check value" in hex, and back. Errors: kUsage
    [[nodiscard]] std::string to_text() const;
    static Result<EscrowShare> from_text(std::string_view text);
};
/// Errors: kUsage unless 2 <= needed <= count <= 255
Result<std::vector<EscrowShare>> split_master(const crypto::Key256& master, unsigned needed, unsigned count,
                                              Random& random);
/// Errors: kUsage (too few, one twice, of different keys), kCorrupt (the result is not the key)
Result<crypto::Key256> join_shares(const std::vector<EscrowShare>& shares);

}  // namespace salus::application
