#include "consensus/cometbft/application.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "model/limits.hpp"

namespace salus::consensus {
namespace {

constexpr std::uint32_t kTaken = 0;
constexpr std::uint32_t kNotTaken = 1;
constexpr std::string_view kPeerById = "/p2p/filter/id/";
constexpr std::string_view kPeerByAddress = "/p2p/filter/addr/";

std::string text_of(ByteView bytes) { return std::string(as_text(bytes)); }

Result<TimeMs> time_ms_of(const google::protobuf::Timestamp& time) {
    constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999
    if (time.seconds() < 0 || time.seconds() > kSecondsMax || time.nanos() < 0 || time.nanos() > 999'999'999)
        return fail(ErrorCode::kMalformedEncoding, "a time before 1970 or after 9999");
    return static_cast<TimeMs>(time.seconds()) * 1000 + static_cast<TimeMs>(time.nanos()) / 1'000'000;
}

Result<std::uint64_t> unsigned_of(std::int64_t number) {
    if (number < 0) return fail(ErrorCode::kMalformedEncoding, "a negative number");
    return static_cast<std::uint64_t>(number);
}

Result<ValidatorId> validator_of(const std::string& address) {
    ValidatorId id;
    if (address.size() != id.bytes.size()) return fail(ErrorCode::kMalformedEncoding, "an address of another length");
    std::ranges::copy(as_bytes(address), id.bytes.begin());
    return id;
}

Result<Fault> fault_of(const abci::Misbehavior& misbehavior) {
    Fault fault;
    SALUS_TRY(fault.validator, validator_of(misbehavior.validator().address()));
    if (misbehavior.type() < 0) return fail(ErrorCode::kMalformedEncoding, "a negative kind of misbehaviour");
    fault.kind = static_cast<std::uint32_t>(misbehavior.type());
    SALUS_TRY(fault.engine_height, unsigned_of(misbehavior.height()));
    SALUS_TRY(fault.time_ms, time_ms_of(misbehavior.time()));
    SALUS_TRY(fault.total_power, unsigned_of(misbehavior.total_voting_power()));
    return fault;
}

template <class Texts>
std::vector<ByteView> views_of(const Texts& texts) {
    std::vector<ByteView> views;
    for (const std::string& text : texts) views.push_back(as_bytes(text));
    return views;
}

/// Of ProcessProposal and of FinalizeBlock, which tell the same. It refers to the request's bytes.
template <class Request>
Result<Proposal> proposal_of(const Request& request) {
    Proposal proposal;
    SALUS_TRY(proposal.engine, unsigned_of(request.height()));
    SALUS_TRY(proposal.time_ms, time_ms_of(request.time()));
    SALUS_TRY(proposal.proposer, validator_of(request.proposer_address()));
    proposal.envelopes = views_of(request.txs());
    for (const auto& misbehavior : request.misbehavior()) {
        SALUS_TRY(proposal.faults.emplace_back(), fault_of(misbehavior));
    }
    return proposal;
}

void set_update(abci::ValidatorUpdate& update, const Signer& key, std::uint64_t power) {
    update.mutable_pub_key()->set_ed25519(text_of(key.public_key));
    update.set_power(static_cast<std::int64_t>(power));
}

abci::FinalizeBlockResponse response_of(const Outcome& outcome) {
    abci::FinalizeBlockResponse response;
    for (const std::uint32_t code : outcome.codes) response.add_tx_results()->set_code(code);
    for (const ValidatorUpdate& update : outcome.validators)
        set_update(*response.add_validator_updates(), update.key, update.power);
    if (outcome.params) {
        auto& params = *response.mutable_consensus_param_updates();
        params.mutable_block()->set_max_bytes(static_cast<std::int64_t>(outcome.params->block_bytes_max));
        params.mutable_block()->set_max_gas(-1);
        params.mutable_version()->set_app(outcome.params->app_version);
    }
    response.set_app_hash(text_of(outcome.app_hash));
    return response;
}

}  // namespace

/// 0 until the first commit of the era: else CometBFT would not begin it.
EngineHeight Application::height() const {
    const Tip tip = ledger_.tip();
    return tip.era == era_.era ? tip.engine : 0;
}

Result<abci::Response> Application::answer(const abci::Request& request) {
    abci::Response response;
    switch (request.value_case()) {
        case abci::Request::kEcho:
            response.mutable_echo()->set_message(request.echo().message());
            break;
        case abci::Request::kFlush:
            response.mutable_flush();
            break;
        case abci::Request::kInfo: {
            auto& info = *response.mutable_info();
            info.set_data("salus");
            info.set_app_version(kProtocolVersion);
            info.set_last_block_height(static_cast<std::int64_t>(height()));
            info.set_last_block_app_hash(text_of(ledger_.tip().app_hash));
            break;
        }
        case abci::Request::kInitChain: {
            SALUS_TRY(*response.mutable_init_chain(), init_chain(request.init_chain()));
            break;
        }
        case abci::Request::kQuery:
            *response.mutable_query() = query(request.query());
            break;
        case abci::Request::kCheckTx:
            response.mutable_check_tx()->set_code(ledger_.check(as_bytes(request.check_tx().tx())) ? kTaken
                                                                                                   : kNotTaken);
            break;
        case abci::Request::kCommit:
            SALUS_TRY_STATUS(commit());
            response.mutable_commit();
            break;
        // No snapshots are offered, and none is taken.
        case abci::Request::kListSnapshots:
            response.mutable_list_snapshots();
            break;
        case abci::Request::kOfferSnapshot:
            response.mutable_offer_snapshot()->set_result(abci::OfferSnapshotResponse::ABORT);
            break;
        case abci::Request::kLoadSnapshotChunk:
            response.mutable_load_snapshot_chunk();
            break;
        case abci::Request::kApplySnapshotChunk:
            response.mutable_apply_snapshot_chunk()->set_result(abci::ApplySnapshotChunkResponse::ABORT);
            break;
        case abci::Request::kPrepareProposal: {
            SALUS_TRY(*response.mutable_prepare_proposal(), prepare(request.prepare_proposal()));
            break;
        }
        case abci::Request::kProcessProposal: {
            SALUS_TRY(*response.mutable_process_proposal(), process(request.process_proposal()));
            break;
        }
        // Votes carry nothing of ours: one that does is not of this network's programs.
        case abci::Request::kExtendVote:
            response.mutable_extend_vote();
            break;
        case abci::Request::kVerifyVoteExtension:
            response.mutable_verify_vote_extension()->set_status(
                request.verify_vote_extension().vote_extension().empty() ? abci::VerifyVoteExtensionResponse::ACCEPT
                                                                         : abci::VerifyVoteExtensionResponse::REJECT);
            break;
        case abci::Request::kFinalizeBlock: {
            SALUS_TRY(*response.mutable_finalize_block(), finalise(request.finalize_block()));
            break;
        }
        case abci::Request::VALUE_NOT_SET:
            return fail(ErrorCode::kUnsupported, "a request that this program does not know");
    }
    return response;
}

Result<abci::InitChainResponse> Application::init_chain(const abci::InitChainRequest& request) {
    if (request.chain_id() != era_.chain_id)
        return fail(ErrorCode::kConflict, "this CometBFT begins another chain than the era's");
    if (request.initial_height() != 1) return fail(ErrorCode::kConflict, "an era begins at engine height 1");
    if (height() != 0) return fail(ErrorCode::kConflict, "the ledger has blocks of this era, CometBFT has none");
    SALUS_TRY_STATUS(ledger_.begin(era_));
    abci::InitChainResponse response;
    for (const Validator& validator : era_.validators)
        set_update(*response.add_validators(), validator.key, validator.power);
    response.set_app_hash(text_of(ledger_.tip().app_hash));
    return response;
}

bool Application::lets_in(const ValidatorId& peer) const {
    const PeerStanding standing = ledger_.peer(peer);
    return standing == PeerStanding::kMember ||
           (standing == PeerStanding::kUnknown && std::ranges::find(named_, peer) != named_.end());
}

/// CometBFT asks before it takes a peer: by its address, which says nothing, and by its id, which is that of its key.
abci::QueryResponse Application::query(const abci::QueryRequest& request) const {
    abci::QueryResponse response;
    const std::string_view path = request.path();
    if (path.starts_with(kPeerByAddress)) return response;
    response.set_code(kNotTaken);
    if (!path.starts_with(kPeerById)) {
        response.set_log("there is no such query");
        return response;
    }
    const auto id = id_from_hex<ValidatorId>(path.substr(kPeerById.size()));
    if (id && lets_in(*id))
        response.set_code(kTaken);
    else
        response.set_log("this peer's key is not that of a member's node");
    return response;
}

Result<abci::PrepareProposalResponse> Application::prepare(const abci::PrepareProposalRequest& request) {
    SALUS_TRY(const TimeMs time_ms, time_ms_of(request.time()));
    SALUS_TRY(const std::uint64_t bytes_max, unsigned_of(request.max_tx_bytes()));
    abci::PrepareProposalResponse response;
    const auto envelopes = views_of(request.txs());
    for (const std::size_t chosen : ledger_.choose(envelopes, time_ms, bytes_max))
        response.add_txs(request.txs(static_cast<int>(chosen)));
    return response;
}

Result<abci::ProcessProposalResponse> Application::process(const abci::ProcessProposalRequest& request) {
    SALUS_TRY(const Proposal proposal, proposal_of(request));
    abci::ProcessProposalResponse response;
    response.set_status(ledger_.well_formed(proposal) ? abci::ProcessProposalResponse::ACCEPT
                                                      : abci::ProcessProposalResponse::REJECT);
    return response;
}

Result<abci::FinalizeBlockResponse> Application::finalise(const abci::FinalizeBlockRequest& request) {
    SALUS_TRY(const Proposal proposal, proposal_of(request));
    const auto finalised = finalised_.lock();
    if (*finalised) {
        const Finalised& before = **finalised;
        if (before.committed.engine == proposal.engine && before.block == request.hash()) return before.response;
        return fail(ErrorCode::kConflict,
                    "engine block " + std::to_string(before.committed.engine) + " was decided, and this is another");
    }
    if (const EngineHeight at = height(); proposal.engine != at + 1)
        return fail(ErrorCode::kConflict, "engine block " + std::to_string(proposal.engine) +
                                              " does not continue the ledger, which stands at " + std::to_string(at));
    Finalised made;
    made.block = request.hash();
    made.committed.engine = proposal.engine;
    for (const ByteView envelope : proposal.envelopes) made.committed.envelopes.push_back(crypto::sha256(envelope));
    made.committed.outcome = ledger_.finalise(proposal);
    SALUS_CHECK(made.committed.outcome.codes.size() == proposal.envelopes.size());
    made.response = response_of(made.committed.outcome);
    *finalised = std::move(made);
    return (*finalised)->response;
}

Status Application::commit() {
    const auto finalised = finalised_.lock();
    if (!*finalised) return fail(ErrorCode::kConflict, "a commit of nothing that was finalised");
    // Without the certificate: CometBFT has it only when the next block is decided.
    (void)ledger_.commit(std::nullopt);
    const Committed committed = std::move((*finalised)->committed);
    finalised->reset();
    on_committed_(committed);
    return {};
}

}  // namespace salus::consensus
