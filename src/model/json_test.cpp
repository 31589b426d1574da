#include "model/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "model/sample_chain.hpp"
#include "model/sample_message.hpp"
#include "model/transaction_json.hpp"

namespace salus::json {
namespace {

using ::testing::HasSubstr;

RC_GTEST_PROP(Json, EveryMessageIsReadAsItWasWritten, (std::uint64_t seed)) {
    each_message([&]<class M>() {
        const M message = MessageMaker(seed).make<M>();
        const auto read = from_json<M>(to_json(message));
        RC_ASSERT(read.has_value());
        RC_ASSERT(codec::encode(*read) == codec::encode(message));
    });
}

TEST(Json, AMessageIsWrittenWithItsNames) {
    Receipt receipt;
    receipt.contract = Contract::kConsent;
    receipt.code = 5001;
    EXPECT_EQ(to_json(receipt), R"({"id":")" + std::string(64, '0') +
                                    R"(","contract":"consent","code":5001,"events":")" + std::string(64, '0') +
                                    R"("})");
    governance::Proposal proposal;
    proposal.action = governance::SetParameter{governance::Parameter::kAuditIntervalMs, 18446744073709551615ULL};
    EXPECT_THAT(
        to_json(proposal),
        HasSubstr(R"("action":{"SetParameter":{"parameter":"audit-interval-ms","value":18446744073709551615}})"));
    governance::MemberState member;
    member.kind = governance::OrganisationKind::kPayer;
    member.status = governance::MemberStatus::kActive;
    member.licences = {"a\"b\\\n"};
    EXPECT_THAT(to_json(member), HasSubstr(R"("licences":["a\"b\\\u000a"])"));
}

TEST(Json, NamesAndNumbersOfEnumsAreRead) {
    EXPECT_EQ(from_json<identity::SetStatus>(R"({"account":"00000000000000000000000000000001","status":"suspended"})")
                  ->status,
              identity::AccountStatus::kSuspended);
    EXPECT_EQ(from_json<identity::SetStatus>(R"({"account":"00000000000000000000000000000001","status":2})")->status,
              identity::AccountStatus::kSuspended);
}

template <codec::Message M>
std::string refusal(std::string_view text) {
    const auto read = from_json<M>(text);
    return read ? "accepted" : read.error().message;
}

TEST(Json, WhatDoesNotFitIsNamed) {
    const auto refused = [](const char* text, const char* why) {
        EXPECT_THAT(refusal<identity::SetStatus>(text), HasSubstr(why)) << text;
    };
    refused("", "not well-formed");
    refused("{", "not well-formed");
    refused("[]", "SetStatus is not an object");
    refused(R"({"status":"suspended"})", "account is missing");
    refused(R"({"account":"00000000000000000000000000000001"})", "status is missing");
    refused(R"({"account":"00","status":"suspended"})", "account is not of 16 bytes");
    refused(R"({"account":"zz","status":"suspended"})", "account is not hexadecimal");
    refused(R"({"account":7,"status":"suspended"})", "account is not hexadecimal");
    refused(R"({"account":"00000000000000000000000000000001","status":"TLS"})", "status has an unknown name");
    refused(R"({"account":"00000000000000000000000000000001","status":9})", "unknown value");
    refused(R"({"account":"00000000000000000000000000000001","status":"suspended","x":1})", "unknown member");
    refused(R"({"account":"00000000000000000000000000000001","status":"suspended","status":"suspended"})",
            "not well-formed");
    refused(R"({"account":"00000000000000000000000000000001","status":"suspended"} x)", "more follows");
    EXPECT_THAT(refusal<governance::ParameterState>(R"({"value":-1})"), HasSubstr("not well-formed"));
    EXPECT_THAT(refusal<governance::ParameterState>(R"({"value":1.0})"), HasSubstr("not well-formed"));
    EXPECT_THAT(refusal<governance::ParameterState>(R"({"value":"1"})"), HasSubstr("value is not a whole number"));
    EXPECT_THAT(refusal<governance::ParameterState>(R"({"value":18446744073709551616})"), HasSubstr("not well-formed"));
    EXPECT_EQ(refusal<governance::ParameterState>("{}"), "accepted");
    EXPECT_THAT(refusal<Place>(R"({"height":1,"index":4294967296})"), HasSubstr("index is too large"));
    EXPECT_THAT(refusal<identity::Payload>(R"({"action":{}})"), HasSubstr("one member"));
    EXPECT_THAT(refusal<identity::Payload>(R"({"action":{"Nothing":{}}})"), HasSubstr("unknown message"));
    EXPECT_THAT(refusal<governance::MemberState>("{\"kind\":1,\"status\":1,\"jurisdiction\":\"\xff\"}"),
                HasSubstr("not well-formed"));
    EXPECT_THAT(refusal<governance::MemberState>(R"({"kind":1,"status":1,"jurisdiction":"12345678901234567"})"),
                HasSubstr("more bytes than 16"));
}

TEST(Json, NestingHasAnEnd) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse(nested(kDepthMax)));
    EXPECT_FALSE(parse(nested(kDepthMax + 1)));
    EXPECT_FALSE(parse(nested(100'000)));
}

TEST(Json, ValuesHaveAnEnd) {
    EXPECT_TRUE(parse("[1,2,{}]", 4));
    for (const char* five : {"[1,2,3,4]", "[true,null,[],\"a\"]", R"({"a":{"b":{"c":{"d":1}}}})", "[[[[[]]]]]"}) {
        EXPECT_TRUE(parse(five, 5)) << five;
        const auto refused = parse(five, 4);
        ASSERT_FALSE(refused) << five;
        EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
    }
}

TEST(Json, ATransactionIsShownWithItsPayloadAndReadBack) {
    SampleChain chain;
    records::Payload payload{records::Append{0, Bytes(32 * 16, 7), {}}};
    const Transaction transaction = chain.transaction(chain.key_a, chain.a, Contract::kRecords, codec::encode(payload));
    const std::string text = transaction_to_json(transaction.bytes);
    EXPECT_THAT(text, HasSubstr(R"("contract":"records","payload":{"action":{"Append":{"first_index":0,)"));
    EXPECT_THAT(text, HasSubstr("\"id\":\"" + to_hex(transaction.id)));
    EXPECT_EQ(transaction_from_json(text).value(), transaction.bytes);

    std::string other = text;
    other.replace(other.find(to_hex(transaction.id)), 2, "zz");
    EXPECT_THAT(transaction_from_json(other).error().message, HasSubstr("id is of another body"));
    EXPECT_FALSE(transaction_from_json("{}"));
    EXPECT_FALSE(transaction_from_json(R"({"body":{},"signatures":[]})"));
}

TEST(Json, APayloadThatDoesNotDecodeIsShownInHexadecimal) {
    SampleChain chain;
    for (const Contract contract : {Contract::kRecords, Contract::kSupply}) {
        const Transaction transaction = chain.transaction(chain.key_a, chain.a, contract, Bytes{0xff, 0x01});
        const std::string text = transaction_to_json(transaction.bytes);
        EXPECT_THAT(text, HasSubstr(R"("payload":"ff01")"));
        EXPECT_EQ(transaction_from_json(text).value(), transaction.bytes);
    }
    EXPECT_EQ(transaction_to_json(Bytes{0xff}), R"({"bytes":"ff"})");
}

TEST(Json, ABlockIsShownWithItsHash) {
    SampleChain chain;
    const Block& block = chain.add_block({chain.filler()});
    const auto value = parse(block_to_json(block)).value();
    EXPECT_EQ(value.member("hash")->text, to_hex(block.header.hash()));
    EXPECT_EQ(value.member("header")->member("height")->number, 1U);
    EXPECT_EQ(value.member("transactions")->elements.size(), 1U);
}

}  // namespace
}  // namespace salus::json
