#include "model/evidence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/cometbft/sample_validators.hpp"
#include "model/export.hpp"
#include "testing/platform.hpp"

namespace salus::cometbft {
namespace {

using ::testing::HasSubstr;

/// A chain that was founded under CometBFT, whose validators are others from its second block on.
class CometBftChain : public ::testing::Test {
protected:
    CometBftChain() {
        chain.genesis.era = first.era();
        for (auto& validator : chain.genesis.era.validators) validator.organisation = chain.a;
        chain.network = chain.genesis.network_id();
        chain.tip_hash = chain.network.bytes;
        chain.era = chain.genesis.era;
        chain.tree = MemoryTree{};
        chain.tree.apply(genesis_state(chain.genesis));
        for (std::uint64_t height = 1; height <= 3; ++height) chain.add_block({chain.filler()});
        // Block n is made at the engine's height 10 n, and carried by the header above.
        chain.certificates = {{first.certificate(first.header(11, hash(0), second))},
                              {second.certificate(second.header(21, hash(1)))},
                              {second.certificate(second.header(31, hash(2)))}};
    }
    [[nodiscard]] Hash hash(std::size_t block) const { return chain.blocks[block].header.hash(); }

    [[nodiscard]] Evidence evidence() const {
        Evidence out;
        out.header = chain.blocks[2].header;
        out.certificate = chain.certificates[2];
        out.eras = {chain.genesis.era};
        out.genesis = codec::encode(chain.genesis);
        return out;
    }

    const SampleValidators first{{10, 10, 10, 10}};
    const SampleValidators second{{10, 10, 10}, 80};
    SampleChain chain;
};

TEST_F(CometBftChain, EvidenceIsGoodForTheValidatorsThatItsChangesLeadTo) {
    Evidence file = evidence();
    file.validator_changes = {first.certificate(first.header(11, hash(0), second)),
                              second.certificate(second.header(12, hash(0)))};
    file = from_evidence_file(to_evidence_file(file)).value();
    Verdict verdict = verify_evidence(file, chain.network, std::nullopt);
    EXPECT_TRUE(verdict.good);
    EXPECT_THAT(verdict.vouches, HasSubstr("3 of 3 validators of CometBFT"));
    EXPECT_TRUE(verdict.by_validators);
    file.validator_changes.pop_back();
    verdict = verify_evidence(file, chain.network, std::nullopt);
    EXPECT_FALSE(verdict.good);
    EXPECT_THAT(verdict.statements.back().text, HasSubstr("of the validators trusted before"));
}

TEST_F(CometBftChain, EvidenceOfTheFirstValidatorsNeedsNoChange) {
    Evidence file = evidence();
    EXPECT_FALSE(verify_evidence(file, chain.network, std::nullopt).good);
    file.header = chain.blocks[0].header;
    file.certificate = chain.certificates[0];
    const Verdict verdict = verify_evidence(file, chain.network, std::nullopt);
    EXPECT_TRUE(verdict.good);
    EXPECT_THAT(verdict.vouches, HasSubstr("4 of 4 validators of CometBFT"));
}

class CollectingSink final : public ByteSink {
public:
    Status write(ByteView bytes) override {
        append(out, bytes);
        return {};
    }
    Bytes out;
};

class BytesSource final : public ByteSource {
public:
    explicit BytesSource(ByteView bytes) : left_(bytes) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), left_.size());
        std::ranges::copy(left_.first(count), out.begin());
        left_ = left_.subspan(count);
        return count;
    }

private:
    ByteView left_;
};

/// Why the export of the chain is refused.
std::string export_refused(const SampleChain& chain, const std::vector<std::optional<Certificate>>& certificates) {
    CollectingSink sink;
    ExportWriter writer(sink);
    EXPECT_TRUE(writer.begin(codec::encode(chain.genesis)));
    for (std::size_t i = 0; i < chain.blocks.size(); ++i)
        EXPECT_TRUE(writer.add_block(codec::encode(chain.blocks[i]), certificates[i]));
    EXPECT_TRUE(writer.finish());
    BytesSource source(sink.out);
    testing::InlineExecutor executor;
    auto reader = ExportReader::open(source, executor);
    if (!reader) return reader.error().to_string();
    while (true) {
        const auto next = (*reader)->next();
        if (!next) return next.error().to_string();
        if (!*next) return "accepted";
    }
}

TEST_F(CometBftChain, TheCertificatesOfAnExportLeadToOneAnother) {
    const auto& own = chain.certificates;
    const Certificate adjacent{second.certificate(second.header(12, hash(1)))};
    EXPECT_EQ(export_refused(chain, {own[0], adjacent, own[2]}), "accepted");
    EXPECT_EQ(export_refused(chain, {own[0], adjacent, std::nullopt}), "accepted");
    EXPECT_THAT(export_refused(chain, {own[0], own[1], own[2]}), HasSubstr("of the validators trusted before"));
    EXPECT_THAT(export_refused(chain, {std::nullopt, adjacent, own[2]}), HasSubstr("of the validators trusted before"));
    EXPECT_THAT(export_refused(chain, {own[0], adjacent, Certificate{first.certificate(first.header(31, hash(2)))}}),
                HasSubstr("of the validators trusted before"));
}

}  // namespace
}  // namespace salus::cometbft
