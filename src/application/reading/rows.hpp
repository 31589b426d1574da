#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "application/access/bindings.hpp"
#include "application/consent/labels.hpp"
#include "application/vault/claims.hpp"
#include "model/reading.hpp"

namespace salus::application {

/// Where a disclosure's row is. Numbers are stored.
enum class RowPhase : std::uint32_t {
    kUndecided = 1,  ///< on its way to the chain under its index
    kFiled = 2,
    kFree = 3,  ///< refused or expired: it has no index any more, the next row takes it
    kLate = 4,  ///< of an emergency: answered, waits for an index
};
/// What became of the answer. Numbers are stored.
enum class Delivery : std::uint32_t { kNotSent = 1, kUnconfirmed = 2, kDelivered = 3 };
std::string_view delivery_name(Delivery delivery) noexcept;

/// A place in a subject's list.
struct TagPlace {
    std::uint64_t epoch = 0;
    std::uint64_t index = 0;
    Hash tag{};
};

/// A disclosure as the custodian keeps it.
struct DisclosureRow {
    std::uint64_t number = 0;  ///< in the vault
    SubjectId subject;
    RowPhase phase{};
    std::optional<TagPlace> place;
    Manifest manifest;
    Bytes reply;  ///< ReadReply; empty once it is no longer kept
    TimeMs reply_until_ms = 0;
    std::vector<ResourceFacts> facts;  ///< of what the answer holds, while it is kept
    Delivery delivery = Delivery::kNotSent;
    std::optional<IntentReceipt> intent;
};

/// An answer is kept for a repeated request for so long, and its row is filed within it or not at all.
inline constexpr TimeMs kReplyKeptMs = 60'000;

/// One custodian's disclosure rows: one undecided row a subject, indexes without a gap. Thread-safe.
class Rows {
public:
    /// Registers with the outbox. Errors: kSchema
    static Result<std::unique_ptr<Rows>> open(const House& house, Bindings& bindings);

    /// Makes others who disclose of this subject wait. Errors: kBusy
    Result<Claims::Held> claim(const SubjectId& subject);
    /// Where the next row stands. Pre: the claim is held. Errors: kBusy where one is undecided
    Result<TagPlace> next(const SubjectId& subject);

    /// Stores row and answer durably, files the row and waits until it stands. Pre: the claim is held; `row.place` is
    /// next's Errors: that of the contract, where the index is free again; kTimeout; kConflict where the request is
    /// known
    Result<network::Submitted> file(const DisclosureRow& row);
    /// Stores a row that comes after its answer; `tick` files it until it stands.
    Status keep_late(const DisclosureRow& row);

    Result<std::optional<DisclosureRow>> find(const AccountId& requester, const ByteArray<16>& request_id) const;
    /// A subject's rows that are filed or late, in their order.
    Result<std::vector<DisclosureRow>> of_subject(const SubjectId& subject) const;
    /// The same as `view` has them: filed is what stands in it. The vault hears of a block a little after it, and may
    /// have heard of a later one. Pre: `view` was taken before the call
    Result<std::vector<DisclosureRow>> of_subject(const SubjectId& subject, const network::LedgerView& view) const;

    Status mark(std::uint64_t number, Delivery delivery);
    /// With the reader's word; the answer is no longer kept.
    Status delivered(std::uint64_t number, const DeliveryReceipt& receipt);

    /// Gives late rows their index and files them; forgets answers whose time is over.
    Status tick();

private:
    Rows(const House& house, Bindings& bindings) : house_(&house), bindings_(&bindings) {}
    Status insert(Writing& writing, const DisclosureRow& row) const;
    Result<DisclosureRow> complete(Reading& reading, std::uint64_t number) const;
    Status file_late(std::uint64_t number);

    const House* house_;
    Bindings* bindings_;
    Claims claims_;
};

}  // namespace salus::application
