#include "application/fhir/writes.hpp"

#include <sstream>

#include "application/fhir/conditions.hpp"
#include "application/fhir/entry_plan.hpp"
#include "application/fhir/references.hpp"
#include "base/encoding.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kRequestClaim = "request/";

/// What an entry is judged by, and what others are while it is pending.
Claims::Names names_of(const BundleEntry& entry) {
    Claims::Names names;
    claim_terms(names, entry.head.type, terms_of(*entry.resource));
    if (entry.method == EntryMethod::kUpdate)
        Claims::add(names, claim_of(entry.head.type, entry.id), ClaimMode::kExclusive);
    if (entry.if_none_exist) claim_condition(names, entry.head.type, *entry.if_none_exist, ClaimMode::kExclusive);
    for (const Reference& reference : entry.references)
        if (reference.kind == ReferenceKind::kConditional)
            claim_condition(names, reference.type, reference.query, ClaimMode::kLook);
    return names;
}

/// Whether two entries of a batch can be judged at once: neither waits for the other.
bool go_together(const Claims::Names& held, const Claims::Names& more) {
    for (const auto& [name, mode] : more) {
        const auto found = held.find(name);
        if (found == held.end()) continue;
        if ((static_cast<unsigned>(found->second) | static_cast<unsigned>(mode)) ==
            static_cast<unsigned>(ClaimMode::kExclusive))
            return false;
    }
    return true;
}

void merge(Claims::Names& into, const Claims::Names& more) {
    for (const auto& [name, mode] : more) Claims::add(into, name, mode);
}

constexpr std::string_view kNothing = "-";  ///< in the place of a read, which is answered anew

/// "201 Patient 7f.. 1 1767225600000 subject", a line an entry: what a repeated request is answered.
Bytes to_answer(const std::vector<Stored>& entries) {
    std::string out;
    for (const Stored& stored : entries)
        out += std::to_string(stored.status) + " " + (stored.type.empty() ? std::string(kNothing) : stored.type) + " " +
               (stored.id.empty() ? std::string(kNothing) : stored.id) + " " + std::to_string(stored.version) + " " +
               std::to_string(stored.written_ms) + " " + to_hex(stored.subject) + "\n";
    return to_bytes(out);
}

/// replacements_for names the entry itself.
Error named(std::size_t entry, const Error& error) {
    return error.message.starts_with("Bundle.entry[") ? error : at_entry(entry, error);
}

class Store {
public:
    Store(const FhirParts& parts, const Caller& caller, const Bundle& bundle, const StoreRequest& request)
        : parts_(parts), caller_(caller), bundle_(bundle), request_(request) {}

    Result<std::vector<Result<Stored>>> transaction();
    Result<std::vector<Result<Stored>>> batch();

private:
    Result<std::optional<std::vector<Stored>>> remembered(const std::string& id);
    /// One round of a batch: entries that do not wait for one another. What stops the round is the error of its
    /// entries: those of rounds before it stand.
    void round(const std::vector<std::size_t>& entries, Claims::Names names, std::vector<Result<Stored>>& results);
    Status try_round(const std::vector<std::size_t>& entries, Claims::Names names,
                     std::vector<Result<Stored>>& results);

    const FhirParts& parts_;
    const Caller& caller_;
    const Bundle& bundle_;
    const StoreRequest& request_;
};

Result<std::optional<std::vector<Stored>>> Store::remembered(const std::string& id) {
    if (id.empty()) return std::optional<std::vector<Stored>>{};
    SALUS_TRY(const auto known, parts_.anchor.remembered(id));
    if (!known) return std::optional<std::vector<Stored>>{};
    if (known->digest != request_.digest)
        return fail(ErrorCode::kConflict, "another body was sent under this request id");
    SALUS_TRY(auto entries, from_answer(known->answer));
    return std::optional(std::move(entries));
}

Result<std::vector<Result<Stored>>> Store::transaction() {
    Claims::Names names;
    for (const BundleEntry& entry : bundle_.entries)
        if (entry.writes()) merge(names, names_of(entry));
    if (!request_.id.empty()) Claims::add(names, std::string(kRequestClaim) + request_.id, ClaimMode::kExclusive);
    SALUS_TRY(const auto held, parts_.claims.take(std::move(names)));
    SALUS_TRY(const auto before, remembered(request_.id));
    if (before) return std::vector<Result<Stored>>(before->begin(), before->end());

    EntryPlanner planner(parts_, caller_, bundle_);
    const auto order = storing_order(bundle_);
    const auto assigned = planner.assign(order);
    for (std::size_t i = 0; i < order.size(); ++i)
        if (!assigned[i]) return fail(named(order[i], assigned[i].error()));
    Write write;
    for (const std::size_t i : order)
        if (const Status planned = planner.plan(i, write); !planned) return fail(named(i, planned.error()));
    SALUS_TRY_STATUS(planner.register_subjects(write));
    write.request_id = request_.id;
    write.request_digest = request_.digest;
    write.request_answer = to_answer(planner.stored());
    if (!write.versions.empty()) SALUS_TRY_STATUS(parts_.anchor.write_one(std::move(write)));
    return std::vector<Result<Stored>>(planner.stored().begin(), planner.stored().end());
}

void Store::round(const std::vector<std::size_t>& entries, Claims::Names names, std::vector<Result<Stored>>& results) {
    if (entries.empty()) return;
    const Status done = try_round(entries, std::move(names), results);
    if (done) return;
    for (const std::size_t i : entries) results[i] = tl::make_unexpected(done.error());
}

Status Store::try_round(const std::vector<std::size_t>& entries, Claims::Names names,
                        std::vector<Result<Stored>>& results) {
    SALUS_TRY(const auto held, parts_.claims.take(std::move(names)));
    EntryPlanner planner(parts_, caller_, bundle_);
    const auto assigned = planner.assign(entries);
    std::vector<Write> writes;
    std::vector<std::size_t> written;
    for (std::size_t e = 0; e < entries.size(); ++e) {
        const std::size_t i = entries[e];
        const std::string id = request_.id.empty() ? std::string() : request_.id + "#" + std::to_string(i);
        SALUS_TRY(const auto before, remembered(id));
        if (before && !before->empty()) {
            results[i] = before->front();
            continue;
        }
        Write write;
        Status status = assigned[e];
        if (status) status = planner.plan(i, write);
        if (status) status = planner.register_subjects(write);
        if (!status) {
            results[i] = tl::make_unexpected(status.error());
            continue;
        }
        results[i] = planner.stored()[i];
        if (write.versions.empty()) continue;
        write.request_id = id;
        write.request_digest = request_.digest;
        write.request_answer = to_answer({planner.stored()[i]});
        writes.push_back(std::move(write));
        written.push_back(i);
    }
    const auto placed = parts_.anchor.write(std::move(writes));
    for (std::size_t w = 0; w < written.size(); ++w)
        if (!placed[w]) results[written[w]] = tl::make_unexpected(placed[w].error());
    return {};
}

Result<std::vector<Result<Stored>>> Store::batch() {
    std::vector<Result<Stored>> results(bundle_.entries.size(),
                                        Result<Stored>(fail(ErrorCode::kInternal, "not reached")));
    std::vector<std::size_t> entries;
    Claims::Names names;
    for (std::size_t i = 0; i < bundle_.entries.size(); ++i) {
        const BundleEntry& entry = bundle_.entries[i];
        if (entry.fault) {
            results[i] = tl::make_unexpected(*entry.fault);
            continue;
        }
        if (entry.reads()) {
            results[i] = Stored{};
            continue;
        }
        auto more = names_of(entry);
        if (!request_.id.empty())
            Claims::add(more, std::string(kRequestClaim) + request_.id + "#" + std::to_string(i),
                        ClaimMode::kExclusive);
        if (!go_together(names, more)) {
            round(std::exchange(entries, {}), std::exchange(names, {}), results);
        }
        merge(names, more);
        entries.push_back(i);
    }
    round(entries, std::move(names), results);
    return results;
}

}  // namespace

Result<std::vector<Stored>> from_answer(ByteView answer) {
    std::vector<Stored> out;
    std::istringstream lines{std::string(as_text(answer))};
    Stored stored;
    std::string subject;
    while (lines >> stored.status >> stored.type >> stored.id >> stored.version >> stored.written_ms >> subject) {
        const auto id = id_from_hex<SubjectId>(subject);
        if (!id) return fail(ErrorCode::kCorrupt, "a remembered answer does not decode");
        stored.subject = *id;
        out.push_back(stored);
    }
    return out;
}

Result<std::vector<Result<Stored>>> store_bundle(const FhirParts& parts, const Caller& caller, const Bundle& bundle,
                                                 const StoreRequest& request) {
    Store store(parts, caller, bundle, request);
    return bundle.kind == BundleKind::kTransaction ? store.transaction() : store.batch();
}

Result<Bundle> single_entry(Bytes body, std::string_view type, std::optional<std::string> id,
                            std::optional<std::string_view> if_match, std::optional<std::string_view> if_none_exist) {
    if (id && if_none_exist) return fail(ErrorCode::kUsage, "If-None-Exist belongs to POST");
    if (!id && if_match) return fail(ErrorCode::kUsage, "If-Match belongs to PUT");
    if (if_match && if_match->empty()) return fail(ErrorCode::kUsage, "If-Match is empty");
    if (if_none_exist && if_none_exist->empty()) return fail(ErrorCode::kUsage, "If-None-Exist is empty");
    SALUS_TRY(auto document, Document::parse(std::move(body)));
    Bundle bundle{std::move(document), BundleKind::kBatch, {}};
    BundleEntry& entry = bundle.entries.emplace_back();
    entry.resource = bundle.document.root();
    SALUS_TRY(entry.head,
              read_head_for(*entry.resource, type, id ? std::optional<std::string_view>(*id) : std::nullopt));
    entry.method = id ? EntryMethod::kUpdate : EntryMethod::kCreate;
    entry.id = id.value_or("");
    if (if_match) entry.if_match = std::string(*if_match);
    if (if_none_exist) {
        SALUS_TRY_STATUS(parse_condition(*if_none_exist));
        entry.if_none_exist = std::string(*if_none_exist);
    }
    entry.references = references_of(*entry.resource);
    for (const Reference& reference : entry.references) {
        if (reference.kind == ReferenceKind::kConditional) SALUS_TRY_STATUS(parse_condition(reference.query));
        if (reference.kind == ReferenceKind::kUrn && reference.is_reference)
            return fail(ErrorCode::kFhirReference, "a urn reference means something only inside a transaction");
    }
    return bundle;
}

}  // namespace salus::application
