#include "base/check.hpp"
#include "model/evidence.hpp"
#include "model/sample_chain.hpp"

namespace {

using namespace salus;

/// Something of every kind to prove, under a block that its operator has certified.
class ProvableChain : public SampleChain {
public:
    ProvableChain() {
        records::LogState log;
        for (std::uint8_t i = 0; i < 16; ++i) log.append(Hash{i});
        set(Contract::kRecords, records::log_key(a), log);
        decide(Contract::kConsent, consent::grant_key(GrantId{}), 1,
               consent::GrantState{a, {}, {}, kHourMs, consent::AttestedBy::kCustodian, consent::GrantStatus::kActive});
        set(Contract::kDisclosure, disclosure::row_key(a, Hash{}), disclosure::RowState{a, {}, 1, {}, 0, next_place()});
        for (int i = 0; i < 3; ++i) add_block({filler(), filler()});
    }
};

/// Puts what was mutated under a header that is good, so that it is looked at.
void certify_evidence(Evidence& evidence, const ProvableChain& chain) {
    evidence.version = 1;
    evidence.header = chain.blocks.back().header;
    evidence.certificate = chain.certificates.back();
    evidence.eras = {chain.genesis.era};
    evidence.era_proofs.clear();
    evidence.genesis = codec::encode(chain.genesis);
}

}  // namespace

/// Evidence that decodes is its own encoding and can be judged; none that a fuzzer makes is good of another network,
/// and none shows of this one what is not so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto evidence = from_evidence_file({data, size});
    if (!evidence) return 0;
    SALUS_CHECK(equal(to_evidence_file(*evidence), {data, size}));
    SALUS_CHECK(!verify_evidence(*evidence, NetworkId{}, std::nullopt).good);

    static const ProvableChain chain;
    certify_evidence(*evidence, chain);
    if (!verify_evidence(*evidence, chain.network, std::nullopt).good) return 0;
    for (const ProvenState& state : evidence->states)
        SALUS_CHECK(chain.tree.value(state_path(state.contract, state.key)) ==
                    (state.present ? std::optional(state.value) : std::nullopt));
    for (const ProvenBlock& block : evidence->blocks)
        SALUS_CHECK(block.header == chain.blocks.at(block.header.height - 1).header);
    // The rows and grants of this chain commit to nothing that could be opened, its leaves to no record.
    SALUS_CHECK(evidence->records.empty() && evidence->disclosures.empty() && evidence->grants.empty());
    return 0;
}
