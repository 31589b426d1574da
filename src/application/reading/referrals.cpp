#include "application/reading/referrals.hpp"

#include "base/encoding.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kReferralsSteps[] = {
    "CREATE TABLE referrals (handle BLOB PRIMARY KEY, until_ms BIGINT NOT NULL, sealed BLOB NOT NULL)"};

}  // namespace

Result<Referrals> Referrals::open(const House& house) {
    SALUS_TRY_STATUS(house.database().migrate("referrals", kReferralsSteps));
    return Referrals(house);
}

SearchToken Referrals::token(const ReferralHandle& handle) const {
    return house_->vault.token("salus:referral", to_hex(handle));
}

Result<ReferralHandle> Referrals::make(const Referral& referral) {
    const ReferralHandle handle = house_->random.bytes<16>();
    const SearchToken name = token(handle);
    SALUS_TRY(const Bytes sealed, house_->seal("referral", name, codec::encode(referral)));
    const TimeMs now_ms = house_->now_ms();
    const Status stored = house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run("DELETE FROM referrals WHERE until_ms <= :now", now_ms));
        SALUS_TRY_STATUS(
            writing.run("INSERT INTO referrals (handle, until_ms, sealed) VALUES (:handle, :until, :sealed)", name,
                        referral.until_ms, sealed));
        return {};
    });
    SALUS_TRY_STATUS(stored);
    return handle;
}

Result<std::optional<Referral>> Referrals::find(const ReferralHandle& handle) const {
    const SearchToken name = token(handle);
    SALUS_TRY(const auto sealed, house_->database().read([&](Reading& reading) {
        return reading.query_value<Bytes>("SELECT sealed FROM referrals WHERE handle = :handle", name);
    }));
    if (!sealed) return std::optional<Referral>{};
    SALUS_TRY(const Bytes opened, house_->unseal("referral", name, *sealed));
    SALUS_TRY(const Referral referral, codec::decode<Referral>(opened));
    if (house_->now_ms() >= referral.until_ms) return std::optional<Referral>{};
    return std::optional<Referral>(referral);
}

}  // namespace salus::application
