#pragma once

#include "application/house.hpp"

namespace salus::application {

using ReferralHandle = ByteArray<16>;

/// What a handle stands for.
struct Referral {
    SubjectId subject;
    std::optional<GrantId> grant;
    TimeMs until_ms = 0;

    static constexpr std::string_view kName = "Referral";
    static constexpr auto kFields =
        codec::table(codec::field<1>("subject", &Referral::subject), codec::field<2>("grant", &Referral::grant),
                     codec::field<3>("until_ms", &Referral::until_ms));
};

/// Handles that the patient's wallet or the desk makes for one referral each: random, known to whom they were handed,
/// good for a time. A handle permits nothing; it says who is meant.
class Referrals {
public:
    /// Errors: kSchema
    static Result<Referrals> open(const House& house);

    Result<ReferralHandle> make(const Referral& referral);
    /// Nothing where there is none or it has ended.
    Result<std::optional<Referral>> find(const ReferralHandle& handle) const;

private:
    explicit Referrals(const House& house) : house_(&house) {}
    [[nodiscard]] SearchToken token(const ReferralHandle& handle) const;

    const House* house_;
};

}  // namespace salus::application
