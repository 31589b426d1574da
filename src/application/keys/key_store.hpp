#pragma once

#include <filesystem>
#include <memory>

#include "application/keys/key_provider.hpp"
#include "base/platform/process.hpp"
#include "base/platform/random.hpp"
#include "base/strong_types.hpp"

namespace salus::application {

/// Whose data a key encryption key protects. Numbers are stored.
enum class KekKind : std::uint32_t {
    kSubject = 1,         ///< a patient's records; destroyed when they are erased
    kOrganisation = 2,    ///< the organisation's own records, the search index, tokens
    kAccountability = 3,  ///< audit and consent evidence, kept for the legal term
};
constexpr bool is_known(KekKind kind) noexcept { return kind >= KekKind::kSubject && kind <= KekKind::kAccountability; }

/// A key encryption key. Generations count from 1; old ones stay, since salts and data keys hang on them.
struct Kek {
    KekKind kind{};
    ByteArray<16> owner{};  ///< subject, or the organisation
    std::uint64_t generation = 0;
    crypto::Key256 key;
};

/// The KEKs of one organisation, wrapped by its master key, in a file of their own apart from the vault and its
/// backups. Thread-safe. An own-records or accountability KEK is there from the first opening.
class KeyStore {
public:
    virtual ~KeyStore() = default;

    /// Opens or makes `file`; `process` as for Database::open, with its errors too. Errors: kCorrupt (another
    /// organisation's, or not this master key's), kSchema
    static Result<std::unique_ptr<KeyStore>> open(const std::filesystem::path& file, const AccountId& organisation,
                                                  const KeyProvider& provider, Random& random,
                                                  Process* process = nullptr);
    /// The same of a file that is there and stays as it is: see Database::inspect. Errors: kNotFound too
    static Result<std::unique_ptr<KeyStore>> inspect(const std::filesystem::path& file, const AccountId& organisation,
                                                     const KeyProvider& provider, Random& random);

    /// Makes the next generation, durable when it returns. For a new subject: before the vault knows of it.
    virtual Result<std::shared_ptr<const Kek>> create(KekKind kind, const ByteArray<16>& owner) = 0;
    /// The newest generation. Errors: kNotFound (never made, or erased), kIo, kCorrupt
    virtual Result<std::shared_ptr<const Kek>> newest(KekKind kind, const ByteArray<16>& owner) = 0;
    virtual Result<std::shared_ptr<const Kek>> get(KekKind kind, const ByteArray<16>& owner,
                                                   std::uint64_t generation) = 0;

    /// Makes several subjects' first KEKs in one commit.
    virtual Status create_subjects(std::span<const SubjectId> subjects) = 0;

    /// Re-wraps every KEK under `next`, in one commit; what they protect is not touched. The store uses `next` from
    /// then on.
    virtual Status rotate_master(const KeyProvider& next) = 0;
    /// Opens every KEK, for `salus check`: how many there are. Errors: kCorrupt, naming kind, owner and generation
    virtual Result<std::uint64_t> check() = 0;

    [[nodiscard]] virtual const AccountId& organisation() const = 0;

    /// The newest KEK of the organisation's own records, or of accountability.
    Result<std::shared_ptr<const Kek>> own(KekKind kind) { return newest(kind, organisation().bytes); }

    /// u64 generation || seal under the newest KEK of that kind and owner; `associated` says what it is.
    Result<Bytes> seal(KekKind kind, const ByteArray<16>& owner, ByteView associated, ByteView plaintext);
    /// Errors: kCorrupt, kNotFound where the KEK was erased
    Result<Bytes> unseal(KekKind kind, const ByteArray<16>& owner, ByteView associated, ByteView sealed);

protected:
    explicit KeyStore(Random& random) : random_(random) {}
    Random& random_;
};

}  // namespace salus::application
