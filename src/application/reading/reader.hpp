#pragma once

#include "application/house.hpp"
#include "application/reading/exchange.hpp"
#include "application/reading/new_blocks.hpp"
#include "base/platform/executor.hpp"
#include "model/evidence.hpp"
#include "model/reading.hpp"

namespace salus::application {

/// What staff of ours want to read at a custodian.
struct FetchRequest {
    AccountId custodian;
    std::optional<ByteArray<16>> handle;  ///< of a referral
    std::string identifier;               ///< "system|value", where there is no handle
    std::optional<GrantId> grant;
    Purpose purpose = Purpose::kTreat;
    Basis basis = Basis::kGrant;
    std::string law;
    std::vector<std::string> types;
    std::vector<std::string> instances;
    TimeMs since_ms = 0;
    std::string reason;
    TimeMs open_ms = 0;
    std::optional<ByteArray<16>> request_id;  ///< to repeat a request
};

/// What came back, checked against the chain.
struct Fetched {
    ByteArray<16> request_id{};
    std::vector<AnsweredResource> resources;
    std::vector<std::string> obligations;
    ReadReceipt receipt;
    Evidence evidence;       ///< resources, leaves, currency, row
    Verdict verdict;         ///< of it
    bool confirmed = false;  ///< whether the custodian has our receipt
};

/// Of resources that answers to one reading at several custodians may have in all.
inline constexpr std::size_t kFetchedBytesMax = 128UL * 1024 * 1024;

/// The asking side. Thread-safe.
class Reader {
public:
    /// `patience`: for our own node to have the blocks that the custodian's had when it answered
    Reader(const House& house, Exchange& exchange, std::chrono::milliseconds patience = std::chrono::seconds(10))
        : house_(house), exchange_(exchange), blocks_(house.ledger), patience_(patience) {}

    /// Asks, opens, checks each resource against the custodian's log and the manifest against its row, confirms.
    /// Errors: the custodian's own; kProofInvalid, naming what does not hold: nothing of it is shown then; kUsage;
    /// kNotFound
    Result<Fetched> fetch(const Caller& caller, const FetchRequest& request);

    /// The same at several custodians at once, as many as `executor` has threads: what each answered, in their order.
    /// None hides another's. Errors of one: as above; kTooLarge where the others' answers have filled kFetchedBytesMax
    std::vector<Result<Fetched>> fetch_all(const Caller& caller, const std::vector<FetchRequest>& requests,
                                           Executor& executor);

private:
    Result<ReadRequest> build(const Caller& caller, const FetchRequest& request) const;
    Result<Fetched> check(const ReadReply& reply, const ReadRequest& request) const;
    bool confirm(const ReadReply& reply, const ReadRequest& request);

    const House& house_;
    Exchange& exchange_;
    const NewBlocks blocks_;
    const std::chrono::milliseconds patience_;
};

}  // namespace salus::application
