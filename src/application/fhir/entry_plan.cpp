#include "application/fhir/entry_plan.hpp"

#include <set>

#include "application/fhir/resource_types.hpp"
#include "application/fhir/response_bundle.hpp"
#include "base/encoding.hpp"
#include "base/time_text.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kNothingToUpdate = "an update needs a resource that stands; ids are made by the server";

}  // namespace

Result<Match> EntryPlanner::look_up(const std::string& type, const std::string& condition) {
    const auto known = seen_.find({type, condition});
    if (known != seen_.end()) return known->second;
    SALUS_TRY(auto found, find_single(parts_, caller_, type, condition));
    return seen_.emplace(Condition{type, condition}, std::move(found)).first->second;
}

Result<std::string> EntryPlanner::resolve(const Reference& reference) {
    SALUS_TRY(const auto found, look_up(reference.type, reference.query));
    if (!found.found)
        return fail(ErrorCode::kFhirReference, "no " + reference.type + " matches a conditional reference");
    return found.found->type + "/" + found.found->id;
}

std::vector<Status> EntryPlanner::assign(std::span<const std::size_t> entries) {
    found_.resize(bundle_.entries.size());
    std::vector<std::optional<std::string>> ids(bundle_.entries.size());
    std::vector<Status> statuses;
    std::set<Condition> created;
    for (const std::size_t i : entries) {
        Status& status = statuses.emplace_back();
        const BundleEntry& entry = bundle_.entries[i];
        if (!entry.if_none_exist) continue;
        auto found = look_up(entry.head.type, *entry.if_none_exist);
        if (!found) {
            status = tl::make_unexpected(found.error());
        } else if (found->found) {
            ids[i] = found->found->id;
            found_[i] = std::move(found->found);
        } else if (found->hidden) {
            status = fail(ErrorCode::kForbidden, "what ifNoneExist asks for is not the caller's to know");
        } else if (!created.emplace(entry.head.type, *entry.if_none_exist).second) {
            status = fail(ErrorCode::kFhirBundle, "another entry would be created under the same ifNoneExist");
        }
    }
    assignment_ = assign_ids(bundle_, ids, [&] { return to_hex(parts_.random.bytes<16>()); });
    return statuses;
}

/// Whose a named resource is: one of this Bundle's, or one that stands. `whatever` allows other types than Patient.
Result<SubjectId> EntryPlanner::subject_of(const Reference& reference, bool whatever) {
    const bool own_url =
        reference.kind == ReferenceKind::kAbsolute && reference.text.starts_with(parts_.base_url + "/");
    const bool here =
        (reference.kind == ReferenceKind::kRelative || own_url) && (whatever || reference.type == "Patient");
    if (here) {
        if (const auto ours = owners_.find(reference.type + "/" + reference.id); ours != owners_.end())
            return ours->second;
        SALUS_TRY(const auto stands, parts_.vault.find_version(reference.type, reference.id));
        bool visible = false;
        if (stands) {
            SALUS_TRY(visible, parts_.rules.sees(caller_, stands->subject));
        }
        if (visible) return stands->subject;
    }
    return fail(ErrorCode::kFhirOwner, whatever ? "it does not say whose it is: what it names is not stored here"
                                                : "it names a patient whom this organisation does not know");
}

Result<SubjectId> EntryPlanner::owner(const BundleEntry& entry, const std::string& id,
                                      std::span<const Replacement> replacements, Write& write) {
    SALUS_TRY(const Owner owner, owner_of(*entry.resource, replacements));
    switch (owner.kind) {
        case Owner::Kind::kOrganisation:
            return parts_.vault.own_subject();
        case Owner::Kind::kPatient:
            return subject_of(resolved(*owner.reference, replacements), false);
        case Owner::Kind::kSameAs:
            return subject_of(resolved(*owner.reference, replacements), true);
        case Owner::Kind::kSelf:
            break;
    }
    if (entry.method == EntryMethod::kUpdate) {
        SALUS_TRY(const auto subject, parts_.vault.subject_of_patient(id));
        if (!subject) return fail(ErrorCode::kNotFound, std::string(kNothingToUpdate));
        return *subject;
    }
    const auto subject = parts_.random.id<SubjectId>();
    write.subjects.push_back({subject, id});
    return subject;
}

void EntryPlanner::add(std::size_t i, const SubjectId& subject, std::uint64_t version,
                       std::span<const Replacement> replacements, Write& write) {
    const BundleEntry& entry = bundle_.entries[i];
    NewVersion& out = write.versions.emplace_back();
    out.type = entry.head.type;
    out.id = assignment_.ids[i];
    out.version = version;
    out.subject = subject;
    out.op = version == 1 ? RecordOp::kCreate : RecordOp::kUpdate;
    out.written_ms = now_ms_;
    out.body = splice(*entry.resource, {out.id, std::to_string(version), to_iso_time(now_ms_)}, replacements);
    for (const SearchTerm& term : terms_of(*entry.resource))
        out.tokens.push_back(parts_.vault.token(term.parameter, term.value));
    stored_[i] = {version == 1 ? 201U : 200U, out.type, out.id, version, now_ms_, subject};
}

Status EntryPlanner::update(std::size_t i, SubjectId subject, std::span<const Replacement> replacements, Write& write) {
    const BundleEntry& entry = bundle_.entries[i];
    SALUS_TRY(const auto current, parts_.vault.find(entry.head.type, entry.id));
    bool visible = false;
    if (current) {
        SALUS_TRY(visible, parts_.rules.sees(caller_, current->version.subject));
    }
    if (!visible) return fail(ErrorCode::kNotFound, std::string(kNothingToUpdate));
    const StoredVersion& v = current->version;
    if (entry.if_match && *entry.if_match != "*" && version_of_etag(*entry.if_match) != v.version)
        return fail(ErrorCode::kFhirVersion, "the current version is " + etag_of(v.version));
    if (v.subject != subject)
        return fail(ErrorCode::kFhirOwner, "an update does not move a resource to another patient");
    SALUS_TRY(const auto document, Document::parse(current->body));
    if (content_digest(document.root()) == content_digest(*entry.resource, replacements)) {
        stored_[i] = {200, v.type, v.id, v.version, v.written_ms, v.subject};
        return {};
    }
    add(i, subject, v.version + 1, replacements, write);
    return {};
}

Status EntryPlanner::plan(std::size_t i, Write& write) {
    const BundleEntry& entry = bundle_.entries[i];
    if (found_[i]) {
        stored_[i] = {
            200, found_[i]->type, found_[i]->id, found_[i]->version, found_[i]->written_ms, found_[i]->subject};
        owners_[entry.head.type + "/" + found_[i]->id] = found_[i]->subject;
        return {};
    }
    SALUS_TRY(const auto replacements, replacements_for(bundle_, i, assignment_, [&](const Reference& reference) {
                  return resolve(reference);
              }));
    SALUS_TRY(const auto subject, owner(entry, assignment_.ids[i], replacements, write));
    owners_[entry.head.type + "/" + assignment_.ids[i]] = subject;
    if (entry.method == EntryMethod::kUpdate) return update(i, subject, replacements, write);
    add(i, subject, 1, replacements, write);
    return {};
}

Status EntryPlanner::register_subjects(const Write& write) const {
    std::vector<SubjectId> subjects;
    for (const NewSubject& subject : write.subjects) subjects.push_back(subject.id);
    return parts_.vault.keys().create_subjects(subjects);
}

}  // namespace salus::application
