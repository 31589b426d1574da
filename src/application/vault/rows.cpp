#include "application/vault/rows.hpp"

#include "base/check.hpp"
#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"

namespace salus::application::rows {
namespace {

void append_text(Bytes& out, std::string_view text) {
    SALUS_CHECK(text.size() <= 255);
    out.push_back(static_cast<std::uint8_t>(text.size()));
    append(out, as_bytes(text));
}

}  // namespace

Result<std::optional<Bytes>> meta(Reading& reading, std::string_view name) {
    return reading.query_value<Bytes>("SELECT value FROM vault_meta WHERE name = :name", name);
}

Status set_meta(Writing& writing, std::string_view name, ByteView value) {
    SALUS_TRY(const auto changed, writing.run("UPDATE vault_meta SET value = :value WHERE name = :name", value, name));
    if (changed == 0)
        SALUS_TRY_STATUS(writing.run("INSERT INTO vault_meta (name, value) VALUES (:name, :value)", name, value));
    return {};
}

Result<std::uint64_t> meta_number(Reading& reading, std::string_view name) {
    SALUS_TRY(const auto value, meta(reading, name));
    if (!value || value->size() != 8)
        return fail(ErrorCode::kCorrupt, "the vault's table of settings has no " + std::string(name));
    return from_big_endian<std::uint64_t>(*value);
}

Result<LogFrontier> log(Reading& reading) {
    SALUS_TRY(const auto value, meta(reading, kLog));
    if (!value) return LogFrontier{};
    auto frontier = codec::decode<LogFrontier>(*value);
    if (!frontier || !frontier->well_formed())
        return fail(ErrorCode::kCorrupt, "the vault's account of its log does not decode");
    return *std::move(frontier);
}

std::vector<CellKind> version_kinds() {
    using enum CellKind;
    return {kInteger, kText,    kText,    kInteger, kBytes, kInteger, kInteger, kBytes,
            kBytes,   kInteger, kInteger, kInteger, kBytes, kInteger, kBytes};
}

Result<StoredVersion> to_version(std::span<Cell> row) {
    StoredVersion out;
    std::optional<Hash> origin;
    std::size_t i = 0;
    const auto take = [&](auto& member) { return from_cell(row[i++], member); };
    const bool good = take(out.row) && take(out.type) && take(out.id) && take(out.version) && take(out.subject) &&
                      take(out.op) && take(out.written_ms) && take(origin) && take(out.digest) &&
                      take(out.kek_generation) && take(out.incarnation) && take(out.leaf_index) && take(out.leaf) &&
                      take(out.seq) && take(out.previous);
    if (!good || !is_known(out.op))
        return fail(ErrorCode::kCorrupt, "row " + std::to_string(out.row) + " of the vault is not as it was written");
    out.origin = origin.value_or(Hash{});
    return out;
}

Salts salts(const Kek& kek, std::uint64_t incarnation, std::string_view type, std::string_view id,
            std::uint64_t version, std::uint64_t number) {
    Bytes info = to_bytes("salus.salts.v1");
    append(info, big_endian(kek.generation));
    append(info, big_endian(incarnation));
    append_text(info, type);
    append_text(info, id);
    append(info, big_endian(version));
    append(info, big_endian(number));
    const crypto::Key256 both = crypto::hkdf_key(kek.key.expose(), {}, info);
    Salts out;
    std::copy_n(both.expose().begin(), 16, out.content.begin());
    std::copy_n(both.expose().begin() + 16, 16, out.chain.begin());
    return out;
}

Bytes associated_data(const AccountId& organisation, std::string_view type, std::string_view id, std::uint64_t version,
                      std::uint64_t number) {
    Bytes out = to_bytes("salus.version.v1");
    append(out, organisation);
    append_text(out, type);
    append_text(out, id);
    append(out, big_endian(version));
    append(out, big_endian(number));
    return out;
}

SealedBody seal_body(const Kek& kek, ByteView associated, ByteView body, Random& random) {
    crypto::Key256 data_key;
    random.fill(data_key.expose_mutable());
    return {crypto::seal(kek.key, associated, data_key.expose(), random),
            crypto::seal(data_key, associated, body, random)};
}

Result<Bytes> open_body(const Kek& kek, ByteView associated, ByteView data_key, ByteView body) {
    SALUS_TRY(auto opened, crypto::open(kek.key, associated, data_key));
    if (opened.size() != crypto::Key256::kSize) return fail(ErrorCode::kCorrupt, "a data key has another length");
    crypto::Key256 key;
    std::copy(opened.begin(), opened.end(), key.expose_mutable().begin());
    crypto::wipe(opened);
    return crypto::open(key, associated, body);
}

KekKind kek_kind(const SubjectId& subject, const AccountId& organisation) {
    return subject.bytes == organisation.bytes ? KekKind::kOrganisation : KekKind::kSubject;
}

}  // namespace salus::application::rows
