#include "crypto/mnemonic.hpp"

#include <gtest/gtest.h>

#include "crypto/test_vectors.hpp"
#include "testing/platform.hpp"

namespace salus::crypto {
namespace {

std::string repeated(std::string_view words, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) (out += words) += ' ';
    return out;
}

Key256 entropy_from_hex(std::string_view hex) { return Key256(array_from_hex<32>(hex).value()); }

std::string refusal(std::string_view words) {
    const auto entropy = entropy_from_words(words);
    if (entropy) return "";
    EXPECT_EQ(entropy.error().code, ErrorCode::kUsage);
    return entropy.error().message;
}

// The vectors of 32 bytes that BIP-39 points to (trezor/python-mnemonic), each confirmed with that package.
TEST(Mnemonic, FollowsTheVectorsOfBip39) {
    const std::pair<Key256, std::string> kVectors[] = {
        {entropy_from_hex(std::string(64, '0')), repeated("abandon", 23) + "art"},
        {entropy_from_hex(std::string(64, 'f')), repeated("zoo", 23) + "vote"},
        {entropy_from_hex("7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"),
         repeated("legal winner thank year wave sausage worth useful", 2) +
             "legal winner thank year wave sausage worth title"},
        {entropy_from_hex("8080808080808080808080808080808080808080808080808080808080808080"),
         repeated("letter advice cage absurd amount doctor acoustic avoid", 2) +
             "letter advice cage absurd amount doctor acoustic bless"},
        {entropy_from_hex("68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c"),
         "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis "
         "maple dilemma loan word shrug inflict delay length"},
        {entropy_from_hex("f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f"),
         "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol "
         "group space point ten exist slush involve unfold"},
    };
    for (const auto& [entropy, words] : kVectors) {
        EXPECT_EQ(as_text(words_from_entropy(entropy).expose()), words);
        EXPECT_TRUE(equal(entropy_from_words(words)->expose(), entropy.expose())) << words;
    }
}

TEST(Mnemonic, GivesBackEveryEntropy) {
    testing::SeededRandom random;
    for (int i = 0; i < 1000; ++i) {
        const Key256 entropy(random.bytes<32>());
        const SecretBytes words = words_from_entropy(entropy);
        ASSERT_TRUE(equal(entropy_from_words(as_text(words.expose()))->expose(), entropy.expose()));
    }
}

TEST(Mnemonic, ReadsEitherCaseAndAnyBlanks) {
    EXPECT_EQ(refusal("\t Abandon\r\n" + repeated("ABANDON ", 22) + "art \n"), "");
}

TEST(Mnemonic, RefusesAWrongCount) {
    EXPECT_EQ(refusal(""), "24 words are needed; there are 0");
    EXPECT_EQ(refusal(repeated("abandon", 23)), "24 words are needed; there are 23");
    EXPECT_EQ(refusal(repeated("abandon", 24) + "art"), "24 words are needed; there are 25");
}

TEST(Mnemonic, NamesThePositionOfAnUnknownWordAndNotTheWord) {
    for (const std::string_view unknown : {"abandom", "abandonned", "zzz", "aban", "a", "\xc3\xa9t\xc3\xa9"})
        EXPECT_EQ(refusal("abandon " + std::string(unknown) + " " + repeated("abandon", 21) + "art"),
                  "word 2 is not in the BIP-39 English list");
}

TEST(Mnemonic, RefusesAWrongChecksumAndWordsOutOfOrder) {
    EXPECT_NE(refusal(repeated("abandon", 24)), "");
    EXPECT_NE(refusal("art " + repeated("abandon", 23)), "");
}

}  // namespace
}  // namespace salus::crypto
