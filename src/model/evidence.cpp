#include "model/evidence.hpp"

#include <algorithm>
#include <map>

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "model/era.hpp"
#include "model/era_certificates.hpp"
#include "model/evidence_verifier.hpp"

namespace salus {
namespace evidence {
namespace {

constexpr std::string_view kMagic = "SALUSEV1";

/// The state that a list of proofs shows; what it does not show is not known.
class ProvenReader : public StateReader {
public:
    /// Errors: kProofInvalid
    static Result<ProvenReader> over(const std::vector<ProvenState>& states, const Hash& root) {
        ProvenReader reader;
        for (const ProvenState& state : states) {
            SALUS_TRY_STATUS(check_proven_state(state, root));
            reader.values_[{state.contract, state.key}] =
                state.present ? std::optional<Bytes>(state.value) : std::nullopt;
        }
        return reader;
    }

    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override {
        const auto found = values_.find({contract, to_bytes(key)});
        if (found == values_.end()) return unproven("the evidence lacks a state value that decides");
        return found->second;
    }

private:
    std::map<std::pair<Contract, Bytes>, std::optional<Bytes>> values_;
};

}  // namespace

std::string Verifier::as_of() const {
    return " as of block " + std::to_string(evidence_.header.height) + ", " + to_iso_time(evidence_.header.time_ms);
}

bool Verifier::state_result(const std::string& what, const Shown& shown) {
    verdict_.statements.push_back({shown.has_value(), what + ": " + (shown ? *shown : shown.error().to_string())});
    return shown.has_value();
}

template <class Thing>
std::vector<char> Verifier::check_each(const char* what, const std::vector<Thing>& things,
                                       Shown (Verifier::*check)(const Thing&) const) {
    std::vector<char> good;
    for (const Thing& thing : things) {
        const std::string name = std::string(what) + " " + std::to_string(good.size() + 1);
        good.push_back(state_result(name, (this->*check)(thing)) ? 1 : 0);
    }
    return good;
}

Shown Verifier::check_network(const std::optional<NetworkId>& network) {
    SALUS_TRY(genesis_, parse_genesis(evidence_.genesis));
    const NetworkId id = genesis_->network_id();
    if (evidence_.header.network_id != id) return unproven("the header is of another network than the genesis");
    if (network && *network != id) return unproven("this is network " + to_hex(id) + ", not the one asked for");
    return "\"" + genesis_->name + "\", " + to_hex(id) + (network ? "" : " (as the file says: compare it)");
}

Status Verifier::check_later_era(std::size_t i) const {
    const EraRecord& record = evidence_.eras[i];
    const ProvenEra& proof = evidence_.era_proofs[i - 1];
    const BlockHeader& header = evidence_.header;
    if (proof.parent.version != kProtocolVersion) return unproven("its parent is of an unknown version");
    if (proof.parent.network_id != header.network_id) return unproven("its parent is of another network");
    SALUS_TRY_STATUS(
        check_certificate(proof.certificate, proof.parent, evidence_.eras[i - 1], proof.validator_changes));
    SALUS_TRY_STATUS(check_inclusion(history_leaf(proof.parent.hash()), proof.parent.height - 1, header.height - 1,
                                     proof.path, header.history_root));
    SALUS_TRY(const ProvenReader state, ProvenReader::over(proof.states, proof.parent.state_root));
    return check_era(record, evidence_.eras[i - 1], proof.parent, state);
}

Shown Verifier::check_eras() {
    const auto& eras = evidence_.eras;
    if (!genesis_) return unproven("the genesis is not good");
    if (eras.empty() || eras.front() != genesis_->era) return unproven("the first era is not the genesis'");
    if (evidence_.era_proofs.size() + 1 != eras.size()) return unproven("not one proof for each later era");
    for (std::size_t i = 1; i < eras.size(); ++i)
        if (auto status = check_later_era(i); !status)
            return unproven("era " + std::to_string(eras[i].era) + ": " + status.error().to_string());
    return std::to_string(eras.size()) + (eras.size() == 1 ? " era" : " eras, each signed by the members it needs");
}

Shown Verifier::check_header() {
    const BlockHeader& header = evidence_.header;
    if (evidence_.version != 1) return unproven("evidence of an unknown version");
    if (header.version != kProtocolVersion) return unproven("a header of an unknown version");
    if (evidence_.eras.empty()) return unproven("no era");
    const EraRecord& era = evidence_.eras.back();
    SALUS_TRY_STATUS(check_certificate(evidence_.certificate, header, era, evidence_.validator_changes));
    if (header.height == era.first_height) {
        const Hash& parent = era.era == 1 ? header.network_id.bytes : era.parent_hash;
        if (header.parent_hash != parent) return unproven("the era's first block does not continue its parent");
    }
    verdict_.vouches = who_vouches(evidence_.certificate);
    verdict_.by_validators = era.engine == EngineKind::kCometBft;
    return std::to_string(header.height) + " of era " + std::to_string(header.era) + ", " +
           to_iso_time(header.time_ms) + ", " + to_hex(header.hash()) + "; who vouches: " + verdict_.vouches;
}

Shown Verifier::check_checkpoint(const Checkpoint& checkpoint) const {
    const std::string name = std::to_string(checkpoint.height);
    if (checkpoint.network_id != evidence_.header.network_id) return unproven("it is of another network");
    if (checkpoint.height > evidence_.header.height)
        return unproven("block " + name + " was seen, and the evidence ends at block " +
                        std::to_string(evidence_.header.height));
    const auto matches = [&](const BlockHeader& header) {
        return header.height == checkpoint.height && header.era == checkpoint.era &&
               header.hash() == checkpoint.block_hash;
    };
    if (matches(evidence_.header)) return "block " + name + " is the certified one";
    for (std::size_t i = 0; i < evidence_.blocks.size(); ++i)
        if (good_blocks_[i] != 0 && matches(evidence_.blocks[i].header))
            return "block " + name + " stands in its history";
    return unproven("nothing shows that block " + name + ", which was seen, stands in this history");
}

Verdict Verifier::run(const std::optional<NetworkId>& network, const std::optional<Checkpoint>& checkpoint) {
    verdict_.height = evidence_.header.height;
    verdict_.time_ms = evidence_.header.time_ms;
    // What stands under a header that nobody vouches for shows nothing: it is not looked at.
    const bool founded = state_result("network", check_network(network)) && state_result("eras", check_eras()) &&
                         state_result("block", check_header());
    if (founded) {
        good_states_ = check_each("state", evidence_.states, &Verifier::check_state_value);
        good_leaves_ = check_each("leaf", evidence_.leaves, &Verifier::check_leaf);
        good_blocks_ = check_each("earlier block", evidence_.blocks, &Verifier::check_block);
        check_each("transaction", evidence_.transactions, &Verifier::check_transaction);
        check_each("record", evidence_.records, &Verifier::check_record);
        check_each("audit event", evidence_.audit_events, &Verifier::check_audit_event);
        const auto good_grants = check_each("grant", evidence_.grants, &Verifier::check_grant);
        const auto good_rows = check_each("disclosure", evidence_.disclosures, &Verifier::check_disclosure);
        for (std::size_t row = 0; row < good_rows.size(); ++row)
            for (std::size_t grant = 0; grant < good_grants.size(); ++grant) {
                const auto& named = evidence_.disclosures[row].manifest.grants;
                const auto& terms = evidence_.grants[grant].terms;
                if (good_rows[row] == 0 || good_grants[grant] == 0 || std::ranges::count(named, terms.grant) == 0)
                    continue;
                state_result("disclosure " + std::to_string(row + 1) + " under grant " + std::to_string(grant + 1),
                             check_under_grant(evidence_.disclosures[row], evidence_.grants[grant]));
            }
        if (checkpoint) state_result("checkpoint", check_checkpoint(*checkpoint));
    }
    verdict_.good = std::ranges::all_of(verdict_.statements, &Statement::holds);
    return std::move(verdict_);
}

}  // namespace evidence

Verdict verify_evidence(const Evidence& evidence, const std::optional<NetworkId>& network,
                        const std::optional<Checkpoint>& checkpoint) {
    return evidence::Verifier(evidence).run(network, checkpoint);
}

Bytes to_evidence_file(const Evidence& evidence) {
    Bytes out = to_bytes(evidence::kMagic);
    append(out, codec::encode(evidence));
    return out;
}

Result<Evidence> from_evidence_file(ByteView bytes) {
    const std::size_t magic = evidence::kMagic.size();
    if (bytes.size() < magic || !equal(bytes.first(magic), as_bytes(evidence::kMagic)))
        return fail(ErrorCode::kMalformedEncoding, "this is not a file of evidence");
    return codec::decode<Evidence>(bytes.subspan(magic));
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(Evidence)
}  // namespace salus
