#include "model/leaf.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>

#include "crypto/hash.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/manifest.hpp"
#include "model/terms.hpp"

namespace salus {
namespace {

LeafContent sample_content() {
    LeafContent content;
    content.salt = {1};
    content.custodian.bytes = {2};
    content.type = "Observation";
    content.id = "o1";
    content.version = 3;
    content.op = RecordOp::kUpdate;
    content.written_ms = 4;
    content.origin = {5};
    content.digest = {6};
    return content;
}

void add(Bytes& out, ByteView part) {
    append(out, big_endian(static_cast<std::uint32_t>(part.size())));
    append(out, part);
}

TEST(Leaf, IsHashedAsTheProtocolSays) {
    const LeafContent content = sample_content();
    Bytes bytes = to_bytes("salus.record.v1");
    append(bytes, content.salt);
    add(bytes, content.custodian);
    add(bytes, as_bytes("Observation"));
    add(bytes, as_bytes("o1"));
    add(bytes, big_endian(std::uint64_t{3}));
    add(bytes, big_endian(std::uint32_t{2}));
    add(bytes, big_endian(std::uint64_t{4}));
    add(bytes, content.origin);
    add(bytes, big_endian(std::uint32_t{1}));
    add(bytes, content.digest);
    EXPECT_EQ(content.hash(), crypto::sha256(bytes));

    const LeafChain chain{{7}, 8, {9}};
    Bytes chain_bytes = to_bytes("salus.chain.v1");
    append(chain_bytes, chain.salt);
    append(chain_bytes, big_endian(std::uint64_t{8}));
    append(chain_bytes, chain.previous);
    EXPECT_EQ(chain.hash(), crypto::sha256(chain_bytes));

    Bytes leaf{0};
    append(leaf, content.hash());
    append(leaf, chain.hash());
    EXPECT_EQ((LeafOpening{content, chain.hash(), 0}.leaf()), crypto::sha256(leaf));
}

TEST(Leaf, EachFieldCounts) {
    std::set<Hash> hashes;
    const std::function<void(LeafContent&)> changes[] = {
        [](LeafContent&) {},
        [](LeafContent& c) { c.salt[15] = 1; },
        [](LeafContent& c) { c.custodian.bytes[1] = 1; },
        [](LeafContent& c) { c.type = "Observatio", c.id = "no1"; },
        [](LeafContent& c) { c.version = 4; },
        [](LeafContent& c) { c.op = RecordOp::kError; },
        [](LeafContent& c) { c.written_ms = 5; },
        [](LeafContent& c) { c.origin[0] = 0; },
        [](LeafContent& c) { c.digest_suite = 2; },
        [](LeafContent& c) { c.digest[31] = 1; },
    };
    for (const auto& change : changes) {
        LeafContent content = sample_content();
        change(content);
        EXPECT_TRUE(hashes.insert(content.hash()).second);
    }
}

TEST(Leaf, APadLooksLikeAnyOtherAndANullifierIsNotItsSalt) {
    EXPECT_NE(pad_leaf({1}, {}), pad_leaf({2}, {}));
    EXPECT_NE(pad_leaf({1}, {}), pad_leaf({1}, {1}));
    EXPECT_NE(superseded_nullifier({1}), superseded_nullifier({2}));
    EXPECT_EQ(superseded_nullifier({1}), superseded_nullifier({1}));
}

TEST(Audit, ALeafHidesItsEventsBehindASalt) {
    Bytes bytes{0};
    append(bytes, ByteArray<16>{1});
    append(bytes, big_endian(std::uint64_t{2}));
    append(bytes, Hash{3});
    EXPECT_EQ(audit::audit_leaf({1}, 2, {3}), crypto::sha256(bytes));
}

TEST(Disclosure, ATagIsMadeByTheViewKeyAndItsIndex) {
    const Bytes key(32, 1);
    EXPECT_NE(disclosure::disclosure_tag(key, 1), disclosure::disclosure_tag(key, 2));
    EXPECT_NE(disclosure::disclosure_tag(key, 1), disclosure::disclosure_tag(Bytes(32, 2), 1));
}

TEST(Terms, TheChainShowsTheEndRoundedUpToTheHour) {
    const auto shown = [](TimeMs until) {
        GrantTerms terms;
        terms.until_ms = until;
        return terms.not_after_ms();
    };
    EXPECT_EQ(shown(0), 0U);
    EXPECT_EQ(shown(1), kHourMs);
    EXPECT_EQ(shown(kHourMs), kHourMs);
    EXPECT_EQ(shown(kHourMs + 1), 2 * kHourMs);
    const TimeMs last = std::numeric_limits<TimeMs>::max() / kHourMs * kHourMs;
    EXPECT_EQ(shown(std::numeric_limits<TimeMs>::max()), last);
}

TEST(Terms, EveryPurposeAndBasisHasACodeOfItsOwn) {
    for (std::uint32_t i = 1; is_known(static_cast<Purpose>(i)); ++i)
        EXPECT_EQ(purpose_from_code(purpose_code(static_cast<Purpose>(i))), static_cast<Purpose>(i));
    for (std::uint32_t i = 1; is_known(static_cast<Basis>(i)); ++i)
        EXPECT_EQ(basis_from_name(basis_name(static_cast<Basis>(i))), static_cast<Basis>(i));
    EXPECT_EQ(purpose_code(Purpose::kPayment), "HPAYMT");
    EXPECT_EQ(purpose_code(static_cast<Purpose>(11)), "");
    EXPECT_EQ(purpose_from_code("treat"), std::nullopt);
    EXPECT_EQ(basis_from_name(""), std::nullopt);
}

TEST(Commitments, CoverEveryFieldUnderATagOfTheirOwn) {
    GrantTerms terms;
    terms.decide = Decide::kPermit;
    EXPECT_EQ(terms.commitment(), crypto::tagged_hash("salus.terms.v1", {codec::encode(terms)}));
    Manifest manifest;
    EXPECT_EQ(manifest.commitment(), crypto::tagged_hash("salus.manifest.v1", {codec::encode(manifest)}));
    BreakGlassTerms glass;
    EXPECT_EQ(glass.commitment(), crypto::tagged_hash("salus.breakglass.v1", {codec::encode(glass)}));
}

}  // namespace
}  // namespace salus
