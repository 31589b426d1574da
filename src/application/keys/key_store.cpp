#include "application/keys/key_store.hpp"

#include <atomic>
#include <map>

#include "application/vault/database.hpp"
#include "base/mutex.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kKeysSteps[] = {
    "CREATE TABLE key_store (organisation BLOB PRIMARY KEY, probe BLOB NOT NULL);"
    "CREATE TABLE keks (kind BIGINT NOT NULL, owner BLOB NOT NULL, generation BIGINT NOT NULL, wrapped BLOB NOT NULL,"
    " PRIMARY KEY (kind, owner, generation))",
};
constexpr std::size_t kCacheMax = 100'000;

/// What a wrapped KEK is: nobody can pass one off as another.
Bytes associated_data(const AccountId& organisation, KekKind kind, const ByteArray<16>& owner,
                      std::uint64_t generation) {
    Bytes out = to_bytes("salus.kek.v1");
    append(out, organisation);
    append(out, big_endian(static_cast<std::uint32_t>(kind)));
    append(out, owner);
    append(out, big_endian(generation));
    return out;
}

std::string name_of(KekKind kind, const ByteArray<16>& owner, std::uint64_t generation);

using Name = std::tuple<KekKind, ByteArray<16>, std::uint64_t>;

class SqlKeyStore final : public KeyStore {
public:
    SqlKeyStore(std::unique_ptr<Database> database, const AccountId& organisation, const KeyProvider& provider,
                Random& random)
        : KeyStore(random), database_(std::move(database)), organisation_(organisation), provider_(&provider) {}

    Status begin();
    Result<std::shared_ptr<const Kek>> create(KekKind kind, const ByteArray<16>& owner) override;
    Result<std::shared_ptr<const Kek>> newest(KekKind kind, const ByteArray<16>& owner) override;
    Result<std::shared_ptr<const Kek>> get(KekKind kind, const ByteArray<16>& owner, std::uint64_t generation) override;
    Status create_subjects(std::span<const SubjectId> subjects) override;
    Status rotate_master(const KeyProvider& next) override;
    Result<std::uint64_t> check() override;
    [[nodiscard]] const AccountId& organisation() const override { return organisation_; }

private:
    struct Cache {
        std::map<Name, std::shared_ptr<const Kek>> keks;
        std::map<std::pair<KekKind, ByteArray<16>>, std::uint64_t> newest;
    };

    Result<std::shared_ptr<const Kek>> insert(Writing& writing, KekKind kind, const ByteArray<16>& owner,
                                              std::uint64_t generation);
    std::shared_ptr<const Kek> remember(std::shared_ptr<const Kek> kek, bool is_newest);
    Result<crypto::Key256> unwrap(KekKind kind, const ByteArray<16>& owner, std::uint64_t generation,
                                  ByteView wrapped) const;

    std::unique_ptr<Database> database_;
    AccountId organisation_;
    std::atomic<const KeyProvider*> provider_;
    Guarded<Cache> cache_;
};

std::string name_of(KekKind kind, const ByteArray<16>& owner, std::uint64_t generation) {
    constexpr std::string_view kNames[] = {"", "subject", "organisation", "accountability"};
    const auto number = static_cast<std::uint32_t>(kind);
    // A subject's id is no name of a person, but eight digits are enough to find the row.
    const auto prefix = from_big_endian<std::uint32_t>(ByteView(owner).first(4));
    return "key of " + std::string(number < 4 ? kNames[number] : "unknown") + " " + std::to_string(prefix) +
           ", generation " + std::to_string(generation);
}

/// A new file gets a probe, the wrapped zero key, and the organisation's own keys; an old one must open.
Status SqlKeyStore::begin() {
    SALUS_TRY_STATUS(database_->migrate("keys", kKeysSteps));
    const auto probe_name = associated_data(organisation_, KekKind{}, {}, 0);
    SALUS_TRY(const auto row, database_->read([](Reading& reading) {
        return reading.query_one<AccountId, Bytes>("SELECT organisation, probe FROM key_store");
    }));
    if (row) {
        if (std::get<0>(*row) != organisation_)
            return fail(ErrorCode::kCorrupt, "the key store is another organisation's");
        if (auto opened = provider_.load()->unwrap(std::get<1>(*row), probe_name); !opened)
            return fail(ErrorCode::kCorrupt, "the key store was not made with this master key", opened.error());
        return {};
    }
    SALUS_TRY(const auto probe, provider_.load()->wrap(crypto::Key256(), probe_name));
    return database_->transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run("INSERT INTO key_store (organisation, probe) VALUES (:organisation, :probe)",
                                     organisation_, probe));
        SALUS_TRY_STATUS(insert(writing, KekKind::kOrganisation, organisation_.bytes, 1));
        SALUS_TRY_STATUS(insert(writing, KekKind::kAccountability, organisation_.bytes, 1));
        return {};
    });
}

Result<std::shared_ptr<const Kek>> SqlKeyStore::insert(Writing& writing, KekKind kind, const ByteArray<16>& owner,
                                                       std::uint64_t generation) {
    auto kek = std::make_shared<Kek>(Kek{kind, owner, generation, {}});
    random_.fill(kek->key.expose_mutable());
    SALUS_TRY(const auto wrapped,
              provider_.load()->wrap(kek->key, associated_data(organisation_, kind, owner, generation)));
    SALUS_TRY_STATUS(
        writing.run("INSERT INTO keks (kind, owner, generation, wrapped) VALUES (:kind, :owner, :generation, :wrapped)",
                    kind, owner, generation, wrapped));
    return std::shared_ptr<const Kek>(std::move(kek));
}

std::shared_ptr<const Kek> SqlKeyStore::remember(std::shared_ptr<const Kek> kek, bool is_newest) {
    auto cache = cache_.lock();
    if (cache->keks.size() >= kCacheMax) *cache = Cache{};
    cache->keks[{kek->kind, kek->owner, kek->generation}] = kek;
    if (is_newest) cache->newest[{kek->kind, kek->owner}] = kek->generation;
    return kek;
}

Result<std::shared_ptr<const Kek>> SqlKeyStore::create(KekKind kind, const ByteArray<16>& owner) {
    SALUS_TRY(auto kek, database_->transaction([&](Writing& writing) -> Result<std::shared_ptr<const Kek>> {
        SALUS_TRY(const auto last,
                  writing.query_value<std::optional<std::uint64_t>>(
                      "SELECT MAX(generation) FROM keks WHERE kind = :kind AND owner = :owner", kind, owner));
        return insert(writing, kind, owner, last->value_or(0) + 1);
    }));
    return remember(std::move(kek), true);
}

Status SqlKeyStore::create_subjects(std::span<const SubjectId> subjects) {
    if (subjects.empty()) return {};
    std::vector<std::shared_ptr<const Kek>> made;
    const Status stored = database_->transaction([&](Writing& writing) -> Status {
        for (const SubjectId& subject : subjects) {
            SALUS_TRY(auto kek, insert(writing, KekKind::kSubject, subject.bytes, 1));
            made.push_back(std::move(kek));
        }
        return {};
    });
    SALUS_TRY_STATUS(stored);
    for (auto& kek : made) remember(std::move(kek), true);
    return {};
}

Result<crypto::Key256> SqlKeyStore::unwrap(KekKind kind, const ByteArray<16>& owner, std::uint64_t generation,
                                           ByteView wrapped) const {
    auto key = provider_.load()->unwrap(wrapped, associated_data(organisation_, kind, owner, generation));
    if (!key)
        return fail(ErrorCode::kCorrupt, "the " + name_of(kind, owner, generation) + " does not open", key.error());
    return key;
}

Result<std::shared_ptr<const Kek>> SqlKeyStore::newest(KekKind kind, const ByteArray<16>& owner) {
    std::optional<std::uint64_t> generation;
    {
        auto cache = cache_.lock();
        if (auto found = cache->newest.find({kind, owner}); found != cache->newest.end()) generation = found->second;
    }
    if (generation) return get(kind, owner, *generation);
    SALUS_TRY(const auto last, database_->read([&](Reading& reading) {
        return reading.query_value<std::optional<std::uint64_t>>(
            "SELECT MAX(generation) FROM keks WHERE kind = :kind AND owner = :owner", kind, owner);
    }));
    if (!last->has_value()) return fail(ErrorCode::kNotFound, "there is no " + name_of(kind, owner, 0));
    SALUS_TRY(auto kek, get(kind, owner, **last));
    return remember(std::move(kek), true);
}

Result<std::shared_ptr<const Kek>> SqlKeyStore::get(KekKind kind, const ByteArray<16>& owner,
                                                    std::uint64_t generation) {
    {
        auto cache = cache_.lock();
        if (auto found = cache->keks.find({kind, owner, generation}); found != cache->keks.end()) return found->second;
    }
    SALUS_TRY(const auto wrapped, database_->read([&](Reading& reading) {
        return reading.query_value<Bytes>(
            "SELECT wrapped FROM keks WHERE kind = :kind AND owner = :owner AND generation = :generation", kind, owner,
            generation);
    }));
    if (!wrapped) return fail(ErrorCode::kNotFound, "there is no " + name_of(kind, owner, generation));
    SALUS_TRY(auto key, unwrap(kind, owner, generation, *wrapped));
    return remember(std::make_shared<Kek>(Kek{kind, owner, generation, std::move(key)}), false);
}

Status SqlKeyStore::rotate_master(const KeyProvider& next) {
    const Status rewrapped = database_->transaction([&](Writing& writing) -> Status {
        SALUS_TRY(const auto rows, (writing.query<KekKind, ByteArray<16>, std::uint64_t, Bytes>(
                                       "SELECT kind, owner, generation, wrapped FROM keks")));
        for (const auto& [kind, owner, generation, wrapped] : rows) {
            SALUS_TRY(const auto key, unwrap(kind, owner, generation, wrapped));
            SALUS_TRY(const auto anew, next.wrap(key, associated_data(organisation_, kind, owner, generation)));
            SALUS_TRY_STATUS(writing.run(
                "UPDATE keks SET wrapped = :wrapped WHERE kind = :kind AND owner = :owner AND generation = :generation",
                anew, kind, owner, generation));
        }
        SALUS_TRY(const auto probe, next.wrap(crypto::Key256(), associated_data(organisation_, KekKind{}, {}, 0)));
        SALUS_TRY_STATUS(writing.run("UPDATE key_store SET probe = :probe", probe));
        return {};
    });
    SALUS_TRY_STATUS(rewrapped);
    provider_ = &next;
    return {};
}

Result<std::uint64_t> SqlKeyStore::check() {
    SALUS_TRY(const auto rows, database_->read([](Reading& reading) {
        return reading.query<KekKind, ByteArray<16>, std::uint64_t, Bytes>(
            "SELECT kind, owner, generation, wrapped FROM keks");
    }));
    for (const auto& [kind, owner, generation, wrapped] : rows)
        SALUS_TRY_STATUS(unwrap(kind, owner, generation, wrapped));
    return std::uint64_t{rows.size()};
}

}  // namespace

Result<std::unique_ptr<KeyStore>> KeyStore::open(const std::filesystem::path& file, const AccountId& organisation,
                                                 const KeyProvider& provider, Random& random, Process* process) {
    SALUS_TRY(auto database, Database::open(file, 2, process));
    auto store = std::make_unique<SqlKeyStore>(std::move(database), organisation, provider, random);
    SALUS_TRY_STATUS(store->begin());
    return std::unique_ptr<KeyStore>(std::move(store));
}

Result<std::unique_ptr<KeyStore>> KeyStore::inspect(const std::filesystem::path& file, const AccountId& organisation,
                                                    const KeyProvider& provider, Random& random) {
    SALUS_TRY(auto database, Database::inspect(file));
    auto store = std::make_unique<SqlKeyStore>(std::move(database), organisation, provider, random);
    SALUS_TRY_STATUS(store->begin());
    return std::unique_ptr<KeyStore>(std::move(store));
}

Result<Bytes> KeyStore::seal(KekKind kind, const ByteArray<16>& owner, ByteView associated, ByteView plaintext) {
    SALUS_TRY(const auto kek, newest(kind, owner));
    Bytes out;
    append(out, big_endian(kek->generation));
    append(out, crypto::seal(kek->key, associated, plaintext, random_));
    return out;
}

Result<Bytes> KeyStore::unseal(KekKind kind, const ByteArray<16>& owner, ByteView associated, ByteView sealed) {
    if (sealed.size() < 8) return fail(ErrorCode::kCorrupt, "sealed bytes are cut short");
    SALUS_TRY(const auto kek, get(kind, owner, from_big_endian<std::uint64_t>(sealed.first(8))));
    return crypto::open(kek->key, associated, sealed.subspan(8));
}

}  // namespace salus::application
