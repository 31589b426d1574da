#include "cli/wallet_grants.hpp"

#include <gtest/gtest.h>

#include <map>

#include "model/contracts/consent.hpp"
#include "testkit/world.hpp"

namespace salus::cli {
namespace {

const AccountId kWalletCustodian = testkit::id_of<AccountId>("custodian");

Signer control_key_of(const std::string& wallet, std::uint32_t i) {
    return Signer::of(
        crypto::SigningKey::from_seed(crypto::Key256(testkit::hash_of("wallet " + wallet + std::to_string(i))))
            .public_key());
}

GrantTerms terms_of(const std::string& name) {
    GrantTerms terms;
    terms.grant = testkit::id_of<GrantId>(name);
    terms.custodian = kWalletCustodian;
    return terms;
}

/// Grants as a chain holds them.
class GrantChain final : public StateReader {
public:
    Result<std::optional<Bytes>> get(Contract, ByteView key) const override {
        const auto found = state_.find(to_bytes(key));
        return found == state_.end() ? std::optional<Bytes>{} : std::optional(found->second);
    }
    void add(const GrantTerms& terms, std::optional<Signer> control) {
        consent::GrantState state;
        state.custodian = kWalletCustodian;
        state.control_key = std::move(control);
        state.terms = terms.commitment();
        state.attested_by = state.control_key ? consent::AttestedBy::kWallet : consent::AttestedBy::kCustodian;
        state.status = consent::GrantStatus::kActive;
        const Bytes key = consent::grant_key(terms.grant);
        state_[key] = codec::encode(DecisionHead{1});
        state_[decision_key(key, 1)] = codec::encode(DecisionEntry{{}, codec::encode(state)});
    }

private:
    std::map<Bytes, Bytes> state_;
};

struct FindGrants : ::testing::Test {
    GrantChain chain;
    std::vector<GrantTerms> listed;
    WalletCustodian here{NetworkId{{1}}, kWalletCustodian, "hospital-a", "", {}, {}, 0, {}};

    void grant(const std::string& name, std::optional<Signer> control) {
        listed.push_back(terms_of(name));
        chain.add(listed.back(), std::move(control));
    }
    Result<std::vector<GrantId>> find() {
        return find_grants(here, listed, chain, [](std::uint32_t i) { return control_key_of("mary", i); });
    }
};

TEST_F(FindGrants, EachComesBackWithItsKeyAndTheNextKeyIsFresh) {
    grant("one", control_key_of("mary", 2));
    grant("two", control_key_of("mary", 0));
    grant("paper", std::nullopt);
    EXPECT_EQ(find().value(), std::vector<GrantId>{});
    ASSERT_EQ(here.grants.size(), 2U);
    EXPECT_EQ(here.grants[0].terms, listed[1]);
    EXPECT_EQ(here.grants[0].control, 0U);
    EXPECT_EQ(here.grants[1].terms, listed[0]);
    EXPECT_EQ(here.grants[1].control, 2U);
    EXPECT_EQ(here.next_control, 3U);
    ASSERT_TRUE(find());
    EXPECT_EQ(here.grants.size(), 2U) << "what is known is not taken twice";
}

TEST_F(FindGrants, TheSearchEndsAGapBehindTheLastThatWasFound) {
    grant("first", control_key_of("mary", kControlKeyGap - 1));
    grant("second", control_key_of("mary", 2 * kControlKeyGap - 1));
    grant("too far", control_key_of("mary", 3 * kControlKeyGap));
    EXPECT_EQ(find().value(), std::vector<GrantId>{testkit::id_of<GrantId>("too far")});
    EXPECT_EQ(here.grants.size(), 2U);
    EXPECT_EQ(here.next_control, 2 * kControlKeyGap);
}

TEST_F(FindGrants, GrantsOfAWalletBeforeThisOneAreNamedAndNotTaken) {
    grant("hers", control_key_of("mary", 0));
    grant("the old wallet's", control_key_of("lost", 0));
    EXPECT_EQ(find().value(), std::vector<GrantId>{testkit::id_of<GrantId>("the old wallet's")});
    EXPECT_EQ(here.grants.size(), 1U);
}

TEST_F(FindGrants, ACustodianThatListsWhatTheChainDoesNotHoldIsFoundOut) {
    grant("one", control_key_of("mary", 0));
    const auto refused = [&](const std::string& why) {
        const auto found = find();
        ASSERT_FALSE(found) << why;
        EXPECT_EQ(found.error().code, ErrorCode::kProofInvalid) << why;
        EXPECT_TRUE(here.grants.empty()) << why;
    };
    listed.front().until_ms += 1;
    refused("other terms than were granted");
    listed.front() = terms_of("never granted");
    refused("a grant that nobody made");
    listed.front() = terms_of("one");
    grant("two", control_key_of("mary", 0));
    refused("one control key over two grants");
}

}  // namespace
}  // namespace salus::cli
