#include "consensus/cometbft/application.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "consensus/cometbft/test_ledger.hpp"

namespace salus::consensus {
namespace {

class ApplicationTest : public ::testing::Test {
protected:
    abci::Response answer(const abci::Request& request) {
        auto response = application_.answer(request);
        EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().to_string());
        return response.value_or(abci::Response{});
    }
    ErrorCode refusal(const abci::Request& request) {
        const auto response = application_.answer(request);
        return response ? ErrorCode::kOk : response.error().code;
    }
    abci::Request begin() const {
        abci::Request request;
        request.mutable_init_chain()->set_chain_id(ledger_.era().chain_id);
        request.mutable_init_chain()->set_initial_height(1);
        return request;
    }
    static abci::Request block(std::int64_t height, const std::vector<std::string>& envelopes,
                               const std::string& hash = "hash") {
        abci::Request request;
        auto& finalize = *request.mutable_finalize_block();
        finalize.set_height(height);
        finalize.set_hash(hash);
        finalize.mutable_time()->set_seconds(1'700'000'000 + height);
        finalize.mutable_time()->set_nanos(5'999'999);
        finalize.set_proposer_address(std::string(20, 'p'));
        for (const auto& envelope : envelopes) finalize.add_txs(envelope);
        return request;
    }
    static abci::Request commit() {
        abci::Request request;
        request.mutable_commit();
        return request;
    }
    abci::InfoResponse info() {
        abci::Request request;
        request.mutable_info();
        return answer(request).info();
    }
    std::uint32_t code_of_query(const std::string& path) {
        abci::Request request;
        request.mutable_query()->set_path(path);
        return answer(request).query().code();
    }

    FakeLedger ledger_;
    std::vector<Application::Committed> committed_;
    ValidatorId named_ = *id_from_hex<ValidatorId>(std::string(40, 'b'));
    ValidatorId named_and_shut_out_ = *id_from_hex<ValidatorId>(std::string(40, 'f'));
    Application application_{
        ledger_, ledger_.era(), {named_, named_and_shut_out_}, [this](const Application::Committed& committed) {
            committed_.push_back(committed);
        }};
};

TEST_F(ApplicationTest, InfoTellsHeightNoughtUntilTheFirstCommitThenTheLastOnes) {
    EXPECT_EQ(info().last_block_height(), 0);
    answer(begin());
    const auto response = answer(block(1, {"a"})).finalize_block();
    EXPECT_EQ(info().last_block_height(), 0) << "nothing is durable before Commit";
    answer(commit());
    EXPECT_EQ(info().last_block_height(), 1);
    EXPECT_EQ(info().last_block_app_hash(), response.app_hash());
    EXPECT_EQ(info().app_version(), 1U);
}

TEST_F(ApplicationTest, InfoTellsHeightNoughtWhileTheLedgerStandsInAnEarlierEra) {
    ledger_.seen.lock()->tip.era = 7;
    ledger_.seen.lock()->tip.engine = 99;
    EXPECT_EQ(info().last_block_height(), 0);
}

TEST_F(ApplicationTest, InitChainBeginsTheEraWithItsParentsHashAndItsValidators) {
    const auto response = answer(begin()).init_chain();
    EXPECT_EQ(response.app_hash(), std::string(32, '\xEE'));
    ASSERT_EQ(response.validators_size(), 1);
    EXPECT_EQ(response.validators(0).power(), 10);
    EXPECT_EQ(response.validators(0).pub_key().ed25519(), std::string(32, 7));
    EXPECT_EQ(ledger_.seen.lock()->calls, std::vector<std::string>{"begin"});
}

TEST_F(ApplicationTest, InitChainRefusesAnotherChainAnotherHeightAndALedgerThatIsAhead) {
    auto other = begin();
    other.mutable_init_chain()->set_chain_id("another");
    EXPECT_EQ(refusal(other), ErrorCode::kConflict);
    auto later = begin();
    later.mutable_init_chain()->set_initial_height(2);
    EXPECT_EQ(refusal(later), ErrorCode::kConflict);
    answer(begin());
    answer(block(1, {"a"}));
    answer(commit());
    EXPECT_EQ(refusal(begin()), ErrorCode::kConflict);
}

TEST_F(ApplicationTest, CheckTxSaysNoMoreThanWhetherAnEnvelopeIsWorthOrdering) {
    abci::Request request;
    request.mutable_check_tx()->set_tx("a");
    EXPECT_EQ(answer(request).check_tx().code(), 0U);
    request.mutable_check_tx()->set_tx("x");
    request.mutable_check_tx()->set_type(1);
    EXPECT_EQ(answer(request).check_tx().code(), 1U);
    EXPECT_EQ(answer(request).check_tx().log(), "");
}

TEST_F(ApplicationTest, PrepareProposalGivesVerbatimWhatTheLedgerChooses) {
    abci::Request request;
    auto& prepare = *request.mutable_prepare_proposal();
    prepare.set_max_tx_bytes(3);
    for (const char* envelope : {"a", "x", "b", "c"}) prepare.add_txs(envelope);
    const auto response = answer(request).prepare_proposal();
    EXPECT_EQ(std::vector<std::string>(response.txs().begin(), response.txs().end()),
              (std::vector<std::string>{"a", "b"}));
    prepare.set_max_tx_bytes(-1);
    EXPECT_EQ(refusal(request), ErrorCode::kMalformedEncoding);
}

TEST_F(ApplicationTest, ProcessProposalRefusesTheMalformedAndTakesTheInadmissible) {
    abci::Request request;
    auto& process = *request.mutable_process_proposal();
    process.set_height(1);
    process.set_proposer_address(std::string(20, 'p'));
    process.add_txs("x");
    EXPECT_EQ(answer(request).process_proposal().status(), abci::ProcessProposalResponse::ACCEPT);
    process.add_txs("!");
    EXPECT_EQ(answer(request).process_proposal().status(), abci::ProcessProposalResponse::REJECT);
}

TEST_F(ApplicationTest, FinalizeBlockAnswersOneResultForEachEnvelopeWhateverItsBytes) {
    answer(begin());
    const auto response = answer(block(1, {"a", "", "x", "!"})).finalize_block();
    ASSERT_EQ(response.tx_results_size(), 4);
    EXPECT_EQ(response.tx_results(0).code(), 0U);
    for (int i = 1; i < 4; ++i) EXPECT_EQ(response.tx_results(i).code(), 1U);
    EXPECT_EQ(ledger_.seen.lock()->finalised.front().time_ms, 1'700'000'001'005U);
    EXPECT_EQ(to_hex(ledger_.seen.lock()->finalised.front().proposer.bytes), to_hex(Bytes(20, 'p')));
}

TEST_F(ApplicationTest, AnEmptyBlockLeavesTheHashAsItWas) {
    answer(begin());
    const auto full = answer(block(1, {"a"})).finalize_block().app_hash();
    answer(commit());
    EXPECT_EQ(answer(block(2, {})).finalize_block().app_hash(), full);
    answer(commit());
    EXPECT_EQ(ledger_.tip().engine, 2U);
    EXPECT_EQ(ledger_.tip().height, 1U);
}

TEST_F(ApplicationTest, FinalizeBlockTellsOfValidatorsAndParametersThatChange) {
    answer(begin());
    const Signer key{crypto::SignatureSuite::kEd25519, Bytes(32, 9)};
    ledger_.seen.lock()->tells.validators = {{key, 5}, {ledger_.era().validators.front().key, 0}};
    auto response = answer(block(1, {"a"})).finalize_block();
    ASSERT_EQ(response.validator_updates_size(), 2);
    EXPECT_EQ(response.validator_updates(0).pub_key().ed25519(), std::string(32, 9));
    EXPECT_EQ(response.validator_updates(0).power(), 5);
    EXPECT_EQ(response.validator_updates(1).power(), 0);
    EXPECT_FALSE(response.has_consensus_param_updates());
    answer(commit());
    ledger_.seen.lock()->tells.params = {2'000'000, 1};
    response = answer(block(2, {"b"})).finalize_block();
    EXPECT_EQ(response.consensus_param_updates().block().max_bytes(), 2'000'000);
    EXPECT_EQ(response.consensus_param_updates().block().max_gas(), -1);
    EXPECT_EQ(response.consensus_param_updates().version().app(), 1U);
}

TEST_F(ApplicationTest, EvidenceReachesTheLedger) {
    answer(begin());
    auto request = block(1, {});
    auto& misbehavior = *request.mutable_finalize_block()->add_misbehavior();
    misbehavior.set_type(1);
    misbehavior.mutable_validator()->set_address(std::string(20, 'v'));
    misbehavior.set_height(4);
    misbehavior.mutable_time()->set_seconds(3);
    misbehavior.set_total_voting_power(30);
    answer(request);
    const auto faults = ledger_.seen.lock()->finalised.front().faults;
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].kind, 1U);
    EXPECT_EQ(faults[0].engine_height, 4U);
    EXPECT_EQ(faults[0].time_ms, 3000U);
    EXPECT_EQ(faults[0].total_power, 30U);
    misbehavior.mutable_validator()->set_address("short");
    EXPECT_EQ(refusal(request), ErrorCode::kMalformedEncoding);
}

TEST_F(ApplicationTest, ABlockThatIsToldAgainIsAnsweredAgainAndExecutedOnce) {
    answer(begin());
    const auto first = answer(block(1, {"a"}));
    const auto again = answer(block(1, {"a"}));
    EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
    EXPECT_EQ(ledger_.seen.lock()->finalised.size(), 1U);
    EXPECT_EQ(refusal(block(1, {"a"}, "another hash")), ErrorCode::kConflict);
    answer(commit());
    EXPECT_EQ(committed_.size(), 1U);
}

TEST_F(ApplicationTest, RefusesABlockThatDoesNotFollowAndACommitOfNothing) {
    EXPECT_EQ(refusal(commit()), ErrorCode::kConflict);
    answer(begin());
    EXPECT_EQ(refusal(block(2, {})), ErrorCode::kConflict);
    EXPECT_EQ(refusal(block(-1, {})), ErrorCode::kMalformedEncoding);
    answer(block(1, {}));
    answer(commit());
    EXPECT_EQ(refusal(block(1, {})), ErrorCode::kConflict) << "it is durable";
    EXPECT_EQ(refusal(commit()), ErrorCode::kConflict);
}

TEST_F(ApplicationTest, RefusesTimesThatNoClockShows) {
    auto early = block(1, {});
    early.mutable_finalize_block()->mutable_time()->set_seconds(-1);
    EXPECT_EQ(refusal(early), ErrorCode::kMalformedEncoding);
    auto late = block(1, {});
    late.mutable_finalize_block()->mutable_time()->set_seconds(253'402'300'800);
    EXPECT_EQ(refusal(late), ErrorCode::kMalformedEncoding);
    auto odd = block(1, {});
    odd.mutable_finalize_block()->mutable_time()->set_nanos(1'000'000'000);
    EXPECT_EQ(refusal(odd), ErrorCode::kMalformedEncoding);
}

TEST_F(ApplicationTest, TellsWhatWasCommittedByEnvelope) {
    answer(begin());
    answer(block(1, {"a", "x"}));
    answer(commit());
    ASSERT_EQ(committed_.size(), 1U);
    EXPECT_EQ(committed_[0].engine, 1U);
    EXPECT_TRUE(committed_[0].outcome.made_block);
    EXPECT_EQ(committed_[0].envelopes,
              (std::vector<Hash>{crypto::sha256(as_bytes("a")), crypto::sha256(as_bytes("x"))}));
}

TEST_F(ApplicationTest, TakesMembersNodesAsPeersAndNobodyElse) {
    const std::string member = to_hex(validator_id(ledger_.era().validators.front().key).bytes);
    EXPECT_EQ(code_of_query("/p2p/filter/id/" + member), 0U);
    EXPECT_EQ(code_of_query("/p2p/filter/id/" + std::string(40, 'a')), 1U);
    EXPECT_EQ(code_of_query("/p2p/filter/id/" + to_hex(named_.bytes)), 0U) << "the chain may not know it yet";
    EXPECT_EQ(code_of_query("/p2p/filter/id/" + to_hex(named_and_shut_out_.bytes)), 1U) << "the chain knows better";
    EXPECT_EQ(code_of_query("/p2p/filter/id/" + member + "00"), 1U);
    EXPECT_EQ(code_of_query("/p2p/filter/id/"), 1U);
    EXPECT_EQ(code_of_query("/p2p/filter/addr/10.0.0.1:26656"), 0U);
    EXPECT_EQ(code_of_query("/store/key"), 1U);
}

TEST_F(ApplicationTest, OffersNoSnapshotAndTakesNone) {
    abci::Request request;
    request.mutable_list_snapshots();
    EXPECT_TRUE(answer(request).has_list_snapshots());
    request.mutable_offer_snapshot();
    EXPECT_EQ(answer(request).offer_snapshot().result(), abci::OfferSnapshotResponse::ABORT);
    request.mutable_load_snapshot_chunk();
    EXPECT_EQ(answer(request).load_snapshot_chunk().chunk(), "");
    request.mutable_apply_snapshot_chunk();
    EXPECT_EQ(answer(request).apply_snapshot_chunk().result(), abci::ApplySnapshotChunkResponse::ABORT);
}

TEST_F(ApplicationTest, VotesCarryNothingOfOurs) {
    abci::Request request;
    request.mutable_extend_vote();
    EXPECT_EQ(answer(request).extend_vote().vote_extension(), "");
    request.mutable_verify_vote_extension();
    EXPECT_EQ(answer(request).verify_vote_extension().status(), abci::VerifyVoteExtensionResponse::ACCEPT);
    request.mutable_verify_vote_extension()->set_vote_extension("something");
    EXPECT_EQ(answer(request).verify_vote_extension().status(), abci::VerifyVoteExtensionResponse::REJECT);
}

TEST_F(ApplicationTest, EchoesAndRefusesWhatItDoesNotKnow) {
    abci::Request request;
    request.mutable_echo()->set_message("hello");
    EXPECT_EQ(answer(request).echo().message(), "hello");
    EXPECT_EQ(refusal(abci::Request{}), ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace salus::consensus
