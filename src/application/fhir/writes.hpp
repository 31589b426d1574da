#pragma once

#include <optional>
#include <string>
#include <vector>

#include "application/fhir/bundle.hpp"
#include "application/fhir/service.hpp"

/// Stores what clients send: one resource, a batch, a transaction.
namespace salus::application {

/// What became of one entry.
struct Stored {
    unsigned status = 0;  ///< 201 created, 200 updated or found as it is; 0: a read, which stores nothing
    std::string type;
    std::string id;
    std::uint64_t version = 0;
    TimeMs written_ms = 0;
    SubjectId subject;

    [[nodiscard]] std::string location() const { return type + "/" + id + "/_history/" + std::to_string(version); }
};

struct StoreRequest {
    std::string id;  ///< of a client that may repeat itself; empty: none
    Hash digest{};   ///< of the body
};

/// Judges every entry by what stands once nobody else is writing it, gives ids, splices, finds the owners, and has it
/// all anchored: a transaction wholly or not at all, a batch's entries each for itself. Errors (of a transaction, or of
/// the request): those of the entries, with the entry named; kConflict (the request id was used for another body);
/// those of Anchor::write
/// Reads are passed over.
Result<std::vector<Result<Stored>>> store_bundle(const FhirParts& parts, const Caller& caller, const Bundle& bundle,
                                                 const StoreRequest& request);

/// What a repeated request is answered, of RememberedRequest::answer. Errors: kCorrupt
Result<std::vector<Stored>> from_answer(ByteView answer);

/// A Bundle of one entry, so that a lone create or update is judged in the same way. `id` makes it an update.
/// Errors: kJson, kFhir*
Result<Bundle> single_entry(Bytes body, std::string_view type, std::optional<std::string> id,
                            std::optional<std::string_view> if_match, std::optional<std::string_view> if_none_exist);

}  // namespace salus::application
