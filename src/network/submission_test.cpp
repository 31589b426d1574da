#include "network/submission.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "model/transaction_json.hpp"
#include "testkit/world.hpp"

namespace salus::network {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";

Result<Submission> parse_text(std::string_view json) { return parse_submission(kJson, as_bytes(json)); }

Transaction some_transaction() {
    testkit::World world;
    return world.by(world.net.hospital_a, audit::Payload{audit::FileRoot{1, testkit::hash_of("root")}});
}

TEST(Submission, takes_one_transaction_as_base64_or_as_an_object) {
    const auto transaction = some_transaction();
    for (const std::string& text :
         {"\"" + to_base64(transaction.bytes) + "\"", json::transaction_to_json(transaction.bytes)}) {
        const auto one = parse_text(text);
        ASSERT_TRUE(one) << one.error().to_string();
        EXPECT_TRUE(one->single);
        EXPECT_EQ(one->transactions, std::vector<Bytes>{transaction.bytes});
        const auto two = parse_text("[" + text + "," + text + "]");
        ASSERT_TRUE(two);
        EXPECT_FALSE(two->single);
        EXPECT_EQ(two->transactions.size(), 2U);
    }
}

TEST(Submission, takes_length_delimited_bytes) {
    const auto transaction = some_transaction();
    Bytes body;
    for (int i = 0; i < 3; ++i) {
        codec::write_varint(body, transaction.bytes.size());
        append(body, transaction.bytes);
    }
    const auto three = parse_submission(kTransactionsType, body);
    ASSERT_TRUE(three);
    EXPECT_FALSE(three->single);
    EXPECT_EQ(three->transactions, std::vector(3, transaction.bytes));
    for (std::size_t size = 1; size < transaction.bytes.size() + 2; ++size)
        EXPECT_FALSE(parse_submission(kTransactionsType, ByteView(body).first(size))) << size;
}

TEST(Submission, refuses_what_is_no_transaction_and_names_its_place) {
    for (const std::string bad : {"", "{", "null", "7", "true", "\"a\"", "\"@@@@\"", "{}", R"({"body":"00"})",
                                  R"({"a":1,"a":1})", "[\"AAAA\",7]", "\"\xFF\"", "\"AAAA\" x"})
        EXPECT_EQ(parse_text(bad).error().code, ErrorCode::kMalformedEncoding) << bad;
    EXPECT_NE(parse_text("[\"AAAA\",7]").error().message.find("element 1"), std::string::npos);
    EXPECT_FALSE(parse_text(std::string(100'000, '[')));
}

TEST(Submission, refuses_none_and_too_many) {
    EXPECT_EQ(parse_text("[]").error().code, ErrorCode::kUsage);
    EXPECT_EQ(parse_submission(kTransactionsType, {}).error().code, ErrorCode::kUsage);
    EXPECT_TRUE(parse_submission(kTransactionsType, Bytes(kSubmissionMax)));
    EXPECT_EQ(parse_submission(kTransactionsType, Bytes(kSubmissionMax + 1)).error().code, ErrorCode::kTooLarge);
    // What comes behind the last that is taken is not even looked at.
    Bytes behind(kSubmissionMax);
    behind.push_back(0xFF);
    EXPECT_EQ(parse_submission(kTransactionsType, behind).error().code, ErrorCode::kTooLarge);
    std::string numbers = "[0";
    for (std::size_t i = 0; i < json::kValuesMax; ++i) numbers += ",0";
    EXPECT_EQ(parse_text(numbers + "]").error().code, ErrorCode::kTooLarge);
}

TEST(Submission, is_taken_in_two_media_types_only) {
    for (const std::string type : {"", "text/plain", "application/jsonx", "application/octet-stream"})
        EXPECT_EQ(parse_submission(type, as_bytes("[\"AAAA\"]")).error().code, ErrorCode::kUnsupportedMediaType)
            << type;
    EXPECT_TRUE(parse_submission("Application/JSON ; charset=utf-8", as_bytes("[\"AAAA\"]")));
}

TEST(Submission, answers_each_transaction_by_what_became_of_it) {
    const auto transaction = some_transaction();
    Submitted done{transaction.id, 7, 1, 1000, {}};
    EXPECT_EQ(submitted_json(done, transaction.bytes),
              R"({"id":")" + to_hex(transaction.id) +
                  R"(","height":7,"index":1,"time_ms":1000,"status":"done","code":0,"name":"ok"})");
    EXPECT_EQ(submitted_response(done, transaction.bytes).status, 200U);
    Submitted failed = done;
    failed.receipt.code = 4;
    EXPECT_NE(submitted_json(failed, transaction.bytes).find(R"("status":"failed","code":4,"name":"not-found")"),
              std::string::npos);
    const auto problem = submitted_response(failed, transaction.bytes);
    EXPECT_EQ(problem.status, 404U);
    EXPECT_NE(as_text(problem.body).find(R"("height":7)"), std::string_view::npos);
    EXPECT_EQ(problem.header("location"), "/v1/transactions/" + to_hex(transaction.id));
    const Result<Submitted> refused = fail(ErrorCode::kInadmissibleExpired, "too late");
    EXPECT_EQ(submitted_json(refused, transaction.bytes),
              R"({"id":")" + to_hex(transaction.id) +
                  R"(","status":"refused","code":200,"name":"inadmissible-expired","detail":"too late"})");
    EXPECT_EQ(submitted_response(refused, Bytes{1}).status, 409U);
    EXPECT_NE(submitted_json(refused, Bytes{1}).find(R"("id":null)"), std::string::npos);
}

}  // namespace
}  // namespace salus::network
