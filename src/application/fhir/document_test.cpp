#include "application/fhir/document.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <algorithm>
#include <boost/json.hpp>
#include <random>

namespace salus::application {
namespace {

Result<Document> parse_json(std::string_view text, const DocumentLimits& limits = {}) {
    return Document::parse(to_bytes(text), limits);
}

std::string json_fault_of(std::string_view text) {
    const auto document = parse_json(text);
    if (document) return "accepted";
    EXPECT_EQ(document.error().code, ErrorCode::kJson);
    return document.error().message;
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(Document, GivesTheClientsBytesOfEveryValue) {
    const auto document = parse_json(R"( {"a": 1.50, "b" : [true, null,"x\u00e9\ud83d\ude00\n"], "c":{} } )");
    ASSERT_TRUE(document) << document.error().to_string();
    const JsonValue root = document->root();
    EXPECT_EQ(root.find("a")->raw(), "1.50");
    EXPECT_EQ(root.find("a")->kind(), JsonKind::kNumber);
    EXPECT_EQ(root.find("b")->raw(), R"([true, null,"x\u00e9\ud83d\ude00\n"])");
    std::vector<JsonKind> kinds;
    for (const JsonValue value : root.find("b")->children()) kinds.push_back(value.kind());
    EXPECT_EQ(kinds, (std::vector{JsonKind::kBoolean, JsonKind::kNull, JsonKind::kString}));
    std::vector<std::string> below;
    for (const JsonValue value : root.inside()) below.emplace_back(value.key());
    EXPECT_EQ(below, (std::vector<std::string>{"a", "b", "", "", "", "c"}));
    for (const JsonValue value : root.find("b")->children())
        if (value.is_string()) {
            EXPECT_EQ(value.text(), "x\xC3\xA9\xF0\x9F\x98\x80\n");
        }
    EXPECT_FALSE(root.find("d"));
    EXPECT_FALSE(root.at({"a", "b"}));
    EXPECT_EQ(root.raw().front(), '{');
}

TEST(Document, StaysGoodWhenItMoves) {
    auto document = parse_json(R"({"a":"b"})");
    ASSERT_TRUE(document);
    const JsonValue value = *document->root().find("a");
    const Document moved = std::move(*document);
    EXPECT_EQ(value.text(), "b");
    EXPECT_EQ(moved.root().text_at({"a"}), "b");
}

TEST(Document, RefusesWhatIsCutAnywhere) {
    const std::string whole = R"({"a":[1.5e-3,"\u00e9\\",{"b":true}],"c":null})";
    ASSERT_TRUE(parse_json(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_json(whole.substr(0, size))) << size;
}

TEST(Document, RefusesWhatIsTooLargeByOneByte) {
    EXPECT_TRUE(parse_json("[1234]", {.bytes_max = 6}));
    const auto refused = parse_json("[12345]", {.bytes_max = 6});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST(Document, TakesSixtyFourLevelsAndNotOneMore) {
    EXPECT_TRUE(parse_json(nested(64)));
    EXPECT_EQ(json_fault_of(nested(65)), "byte 64: too many levels");
    EXPECT_NE(json_fault_of(std::string(1'000'000, '[')), "accepted");
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
    EXPECT_NE(json_fault_of(objects), "accepted");
}

TEST(Document, RefusesAMemberTwiceInSmallAndLargeObjects) {
    EXPECT_EQ(json_fault_of(R"({"a":1,"b":2,"a":3})"), "byte 19: an object has a member twice");
    EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"));
    std::string many = "{";
    for (int i = 0; i < 50'000; ++i) many += fmt::format("\"k{}\":{},", i, i);
    EXPECT_TRUE(parse_json(many + "\"last\":0}"));
    EXPECT_NE(json_fault_of(many + "\"k25000\":0}"), "accepted");
}

TEST(Document, RefusesAnotherSpellingOfAMemberName) {
    EXPECT_EQ(json_fault_of(R"({"\u0069d":"x"})"), "byte 10: a member name has an escape");
}

TEST(Document, RefusesBytesThatAreNotUtf8) {
    for (const std::string_view bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80",
                                       "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"})
        EXPECT_EQ(json_fault_of("\"" + std::string(bad) + "\""), "byte 1: not UTF-8");
    for (const std::string_view good :
         {"\x7F", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(parse_json("\"" + std::string(good) + "\""));
    EXPECT_NE(json_fault_of("\xEF\xBB\xBF{}"), "accepted");
}

TEST(Document, RefusesControlCharactersRawAndEscaped) {
    for (const std::string_view bad :
         {R"("\u0000")", R"("\u001f")", R"("\b")", R"("\f")", "\"\x01\"", "\"\t\"", "\"\n\""})
        EXPECT_NE(json_fault_of(bad).find("a control character"), std::string::npos) << bad;
    EXPECT_NE(json_fault_of(std::string_view("\"\0\"", 3)), "accepted");
    EXPECT_TRUE(parse_json(R"("\t\n\r\u0009\u000a\u000D\u0020")"));
}

TEST(Document, RefusesHalfASurrogatePair) {
    for (const std::string_view bad :
         {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud800x")", R"("\ud800\u00")"})
        EXPECT_NE(json_fault_of(bad).find("half a surrogate"), std::string::npos) << bad;
}

TEST(Document, RefusesWhatIsNoJson) {
    for (const std::string_view bad :
         {"",          " ",           "{",         "}",           "[1,]",     "[,1]",      "{,}",   R"({"a"})",
          R"({"a":})", R"({"a":1,})", R"({a:1})",  "01",          "-",        "1.",        ".5",    "+1",
          "1e",        "1e+",         "0x1",       "NaN",         "Infinity", "-Infinity", "tru",   "True",
          "nul",       "'a'",         R"("\x41")", R"("\u12g4")", "[1 2]",    "[1;2]",     "{} {}", "{}x",
          "1 1",       "[]]",         "[}",        "/**/1",       "[1]//"})
        EXPECT_NE(json_fault_of(bad), "accepted") << bad;
    for (const std::string_view good :
         {"0", "-0", "-0.0E+10", "1e5", "[]", "{}", "\"\"", " \t\r\n[ ] ", "true", "null"})
        EXPECT_TRUE(parse_json(good)) << good;
}

TEST(Document, KeepsTheDigitsOfANumberThatNoDoubleHolds) {
    for (const std::string_view number :
         {"123e456789012345678", "1e-99999999999", "0.1000000000000000055511151231257827"}) {
        const auto document = parse_json(number);
        ASSERT_TRUE(document);
        EXPECT_EQ(document->root().raw(), number);
    }
}

TEST(Document, SaysWhereAndNeverWhat) {
    const std::string message = json_fault_of(R"({"name":"Hartmann" "birthDate":"1970-01-01"})");
    EXPECT_EQ(message, "byte 19: no comma or } here");
}

TEST(JsonString, WritesWhatTheScanReadsBack) {
    Bytes out;
    append_json_string(out, "a\"\\\xC3\xA9\t\n/\xFF");
    EXPECT_EQ(as_text(out), "\"a\\\"\\\\\xC3\xA9\\u0009\\u000a/\xEF\xBF\xBD\"");
    const auto back = Document::parse(out);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->root().text(), "a\"\\\xC3\xA9\t\n/\xEF\xBF\xBD");
}

/// JSON text from a seed, most of it good.
class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    std::string document() {
        value(0);
        if (pick(2) == 0) mutate();
        return out_;
    }

private:
    std::size_t pick(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
    void space() {
        while (pick(4) == 0) out_ += " \n\r\t"[pick(4)];
    }
    void string() {
        static constexpr std::array<std::string_view, 14> kParts{
            "a",    "b",   "id",  "\xC3\xA9", "\xF0\x9F\x98\x80", "\\n", "\\u00e9", "\\ud83d\\ude00",
            "\\\"", "\\/", "\\b", "\\u0000",  "\\ud800",          "7"};
        out_ += '"';
        while (pick(3) != 0) out_ += kParts[pick(pick(8) == 0 ? kParts.size() : 9)];
        out_ += '"';
    }
    void value(std::size_t depth) {
        space();
        switch (depth > 5 ? pick(4) : pick(6)) {
            case 0:
                string();
                break;
            case 1:
                out_ += std::array<std::string_view, 3>{"true", "false", "null"}[pick(3)];
                break;
            case 2:
                out_ += std::array<std::string_view, 6>{
                    "0", "1.50", "-3", "1e5", "12345678901234567890.10", "0.0E-7"}[pick(6)];
                break;
            case 3:
                out_ += "[]";
                break;
            case 4:
                container('[', ']', depth);
                break;
            default:
                container('{', '}', depth);
        }
        space();
    }
    void container(char open, char close, std::size_t depth) {
        out_ += open;
        for (std::size_t n = pick(5), i = 0; i < n; ++i) {
            if (i > 0) out_ += ',';
            if (open == '{') {
                space();
                if (pick(6) == 0)
                    string();
                else
                    out_ += fmt::format("\"k{}\"", i);
                space();
                out_ += ':';
            }
            value(depth + 1);
        }
        out_ += close;
    }
    void mutate() {
        for (std::size_t n = 1 + pick(3); n > 0 && !out_.empty(); --n) {
            const std::size_t at = pick(out_.size());
            switch (pick(4)) {
                case 0:
                    out_[at] = static_cast<char>(pick(256));
                    break;
                case 1:
                    out_.erase(at, 1 + pick(3));
                    break;
                case 2:
                    out_.insert(at, 1, "{}[]\",:0e.-\\u"[pick(13)]);
                    break;
                default:
                    out_.resize(at);
            }
        }
    }

    std::mt19937_64 random_;
    std::string out_;
};

bool is_stricter_rule(std::string_view message) {
    return message.find("member twice") != std::string_view::npos ||
           message.find("an escape") != std::string_view::npos ||
           message.find("control character") != std::string_view::npos;
}

void expect_same(JsonValue ours, const boost::json::value& theirs) {
    switch (ours.kind()) {
        case JsonKind::kNull:
            RC_ASSERT(theirs.is_null());
            break;
        case JsonKind::kBoolean:
            RC_ASSERT(theirs.is_bool());
            break;
        case JsonKind::kNumber:
            RC_ASSERT(theirs.is_number());
            break;
        case JsonKind::kString:
            RC_ASSERT(ours.text() == std::string_view(theirs.as_string()));
            break;
        case JsonKind::kArray: {
            std::size_t i = 0;
            for (const JsonValue child : ours.children()) expect_same(child, theirs.as_array().at(i++));
            RC_ASSERT(i == theirs.as_array().size());
            break;
        }
        case JsonKind::kObject: {
            std::size_t i = 0;
            for (const JsonValue child : ours.children()) {
                const auto* found = theirs.as_object().if_contains(child.key());
                RC_ASSERT(found != nullptr);
                expect_same(child, *found);
                ++i;
            }
            RC_ASSERT(i == theirs.as_object().size());
        }
    }
}

RC_GTEST_PROP(DocumentProperty, AgreesWithBoostButWhereItIsStricter, (const std::vector<std::uint64_t>& seeds)) {
    boost::json::parse_options options;
    options.max_depth = 64;
    for (const std::uint64_t seed : seeds) {
        const std::string text = Generator(seed).document();
        boost::json::error_code error;
        const auto theirs = boost::json::parse(text, error, {}, options);
        const auto ours = parse_json(text);
        if (ours && error) {
            // Boost turns numbers into doubles; we keep their digits, so no exponent is too large.
            RC_ASSERT(error == boost::json::error::exponent_overflow);
        } else if (ours) {
            expect_same(ours->root(), theirs);
        } else {
            RC_ASSERT(error || is_stricter_rule(ours.error().message));
        }
    }
}

}  // namespace
}  // namespace salus::application
