#include "application/access/bindings.hpp"

#include "base/encoding.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kBindingsSteps[] = {
    "CREATE TABLE bindings (login BLOB PRIMARY KEY, subject BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL);"
    "CREATE TABLE view_keys (subject BLOB NOT NULL, epoch BIGINT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (subject, "
    "epoch))"};

Bytes key_name(const SubjectId& subject, std::uint64_t epoch) {
    Bytes out = to_bytes(ByteView(subject));
    append(out, big_endian(epoch));
    return out;
}

}  // namespace

Result<Bindings> Bindings::open(const House& house) {
    SALUS_TRY_STATUS(house.database().migrate("bindings", kBindingsSteps));
    return Bindings(house);
}

SearchToken Bindings::login_token(const Signer& key) const {
    return house_->vault.token("salus:login", to_hex(key.public_key));
}

Result<ViewKey> Bindings::add_epoch(Writing& writing, const SubjectId& subject, std::uint64_t epoch) {
    ViewKey out{epoch, house_->random.bytes<32>()};
    SALUS_TRY(const Bytes sealed, house_->seal("view-key", key_name(subject, epoch), out.key));
    SALUS_TRY_STATUS(writing.run("INSERT INTO view_keys (subject, epoch, sealed) VALUES (:subject, :epoch, :sealed)",
                                 subject, epoch, sealed));
    return out;
}

Result<std::vector<ViewKey>> Bindings::view_keys(Reading& reading, const SubjectId& subject) const {
    SALUS_TRY(const auto rows,
              (reading.query<std::uint64_t, Bytes>(
                  "SELECT epoch, sealed FROM view_keys WHERE subject = :subject ORDER BY epoch", subject)));
    std::vector<ViewKey> out;
    for (const auto& [epoch, sealed] : rows) {
        SALUS_TRY(Bytes opened, house_->unseal("view-key", key_name(subject, epoch), sealed));
        const crypto::SecretBytes held(std::move(opened));
        const ByteView key = held.expose();
        if (key.size() != sizeof(Hash)) return fail(ErrorCode::kCorrupt, "a view key has not 32 bytes");
        ViewKey& one = out.emplace_back(ViewKey{epoch, {}});
        std::copy(key.begin(), key.end(), one.key.begin());
    }
    return out;
}

Result<ViewKey> Bindings::bind(const SubjectId& subject, const BindOffer& offer, std::string by) {
    const Binding binding{subject, offer.login_key, offer.sealing_key, house_->now_ms(), std::move(by)};
    const SearchToken login = login_token(offer.login_key);
    SALUS_TRY(const Bytes sealed, house_->seal("binding", login, codec::encode(binding)));
    return house_->database().transaction([&](Writing& writing) -> Result<ViewKey> {
        SALUS_TRY(const auto owner,
                  writing.query_value<SubjectId>("SELECT subject FROM bindings WHERE login = :login", login));
        if (owner && *owner != subject) return fail(ErrorCode::kConflict, "that wallet is bound to another chart");
        SALUS_TRY(const std::uint64_t before, writing.run("DELETE FROM bindings WHERE subject = :subject", subject));
        SALUS_TRY_STATUS(writing.run("INSERT INTO bindings (login, subject, sealed) VALUES (:login, :subject, :sealed)",
                                     login, subject, sealed));
        SALUS_TRY(const auto keys, view_keys(writing, subject));
        const bool taken_over = before != 0 && !owner;
        if (!keys.empty() && !taken_over) return keys.back();
        return add_epoch(writing, subject, keys.empty() ? 1 : keys.back().epoch + 1);
    });
}

Status Bindings::release(const SubjectId& subject) {
    return house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run("DELETE FROM bindings WHERE subject = :subject", subject));
        SALUS_TRY(const auto keys, view_keys(writing, subject));
        if (!keys.empty()) SALUS_TRY_STATUS(add_epoch(writing, subject, keys.back().epoch + 1));
        return {};
    });
}

Result<std::optional<Binding>> Bindings::of_login(const Signer& login_key) const {
    const SearchToken login = login_token(login_key);
    SALUS_TRY(const auto sealed, house_->database().read([&](Reading& reading) {
        return reading.query_value<Bytes>("SELECT sealed FROM bindings WHERE login = :login", login);
    }));
    if (!sealed) return std::optional<Binding>{};
    SALUS_TRY(const Bytes opened, house_->unseal("binding", login, *sealed));
    SALUS_TRY(auto binding, codec::decode<Binding>(opened));
    return std::optional<Binding>(std::move(binding));
}

Result<std::optional<Binding>> Bindings::of_subject(const SubjectId& subject) const {
    SALUS_TRY(const auto row, house_->database().read([&](Reading& reading) {
        return reading.query_one<SearchToken, Bytes>("SELECT login, sealed FROM bindings WHERE subject = :subject",
                                                     subject);
    }));
    if (!row) return std::optional<Binding>{};
    SALUS_TRY(const Bytes opened, house_->unseal("binding", std::get<0>(*row), std::get<1>(*row)));
    SALUS_TRY(auto binding, codec::decode<Binding>(opened));
    return std::optional<Binding>(std::move(binding));
}

Result<ViewKey> Bindings::view_key(const SubjectId& subject) {
    SALUS_TRY(const auto keys, view_keys(subject));
    if (!keys.empty()) return keys.back();
    return house_->database().transaction([&](Writing& writing) -> Result<ViewKey> {
        SALUS_TRY(const auto now, view_keys(writing, subject));
        if (!now.empty()) return now.back();
        return add_epoch(writing, subject, 1);
    });
}

Result<std::vector<ViewKey>> Bindings::view_keys(const SubjectId& subject) const {
    return house_->database().read([&](Reading& reading) { return view_keys(reading, subject); });
}

}  // namespace salus::application
