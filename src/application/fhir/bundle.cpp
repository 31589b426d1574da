#include "application/fhir/bundle.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <set>

#include "application/fhir/resource_types.hpp"
#include "base/check.hpp"

namespace salus::application {
namespace {

using FullUrls = std::set<std::string, std::less<>>;

tl::unexpected<Error> bad(std::string message) { return fail(ErrorCode::kFhirBundle, std::move(message)); }

/// A string member, empty where there is none.
Result<std::string> optional_text(JsonValue object, std::string_view name) {
    const auto member = object.find(name);
    if (!member) return std::string();
    if (!member->is_string()) return bad(fmt::format("{} is not a string", name));
    return member->text();
}

/// Whether `url` is Type or, of an update, Type/id; and those of the resource.
Status read_url(const std::string& url, BundleEntry& entry) {
    const std::string_view text = url;
    if (text.find('?') != std::string_view::npos)
        return fail(ErrorCode::kUnsupported, "conditional updates are not supported");
    if (entry.method == EntryMethod::kCreate) {
        if (text != entry.head.type)
            return fail(ErrorCode::kFhirResource, "request.url of a POST is the resource's type");
        return {};
    }
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || text.substr(0, slash) != entry.head.type ||
        entry.head.id != text.substr(slash + 1))
        return fail(ErrorCode::kFhirResource, "request.url of a PUT is the resource's type/id");
    entry.id = text.substr(slash + 1);
    return {};
}

Status read_method(JsonValue request, BundleEntry& entry) {
    SALUS_TRY(const std::string method, optional_text(request, "method"));
    if (method == "POST") {
        entry.method = EntryMethod::kCreate;
    } else if (method == "PUT") {
        entry.method = EntryMethod::kUpdate;
    } else if (method == "GET") {
        entry.method = EntryMethod::kRead;
    } else {
        static constexpr std::array<std::string_view, 3> kOthers{"HEAD", "DELETE", "PATCH"};
        if (std::find(kOthers.begin(), kOthers.end(), method) == kOthers.end())
            return bad("request.method is none of FHIR's");
        return fail(ErrorCode::kUnsupported,
                    fmt::format("{} is not supported in a Bundle: GET, POST and PUT are", method));
    }
    return {};
}

Status read_conditions(JsonValue request, BundleEntry& entry) {
    for (const std::string_view name : {"ifNoneMatch", "ifModifiedSince"})
        if (request.find(name))
            return fail(ErrorCode::kUnsupported, fmt::format("request.{} is not supported in a Bundle", name));
    SALUS_TRY(std::string none_exist, optional_text(request, "ifNoneExist"));
    SALUS_TRY(std::string match, optional_text(request, "ifMatch"));
    if (!none_exist.empty()) {
        if (entry.method != EntryMethod::kCreate) return bad("ifNoneExist belongs to POST");
        if (none_exist.starts_with(entry.head.type + "?")) none_exist.erase(0, entry.head.type.size() + 1);
        SALUS_TRY_STATUS(parse_condition(none_exist));
        entry.if_none_exist = std::move(none_exist);
    }
    if (match.empty() && request.find("ifMatch")) return bad("request.ifMatch is empty");
    if (!match.empty()) {
        if (entry.method != EntryMethod::kUpdate) return bad("ifMatch belongs to PUT");
        entry.if_match = std::move(match);
    }
    return {};
}

/// What a GET asks for.
Status read_target(const std::string& url, BundleEntry& entry) {
    if (url.empty()) return bad("there is no request.url");
    const std::size_t question = std::min(url.find('?'), url.size());
    entry.path = url.substr(0, question);
    if (entry.path.ends_with("$proof"))
        return fail(ErrorCode::kUnsupported, "a proof is no resource and fits into no Bundle: ask for it by itself");
    if (question < url.size()) {
        SALUS_TRY(entry.query, decode_form(std::string_view(url).substr(question + 1)));
    }
    return {};
}

Status read_entry(JsonValue value, BundleEntry& entry) {
    const auto resource = value.find("resource");
    const auto request = value.find("request");
    if (!request || !request->is_object()) return bad("there is no request");
    SALUS_TRY_STATUS(read_method(*request, entry));
    SALUS_TRY(const std::string url, optional_text(*request, "url"));
    if (entry.method == EntryMethod::kRead) {
        if (resource) return bad("a GET carries no resource");
        SALUS_TRY_STATUS(read_target(url, entry));
        return read_conditions(*request, entry);
    }
    if (!resource) return bad("there is no resource");
    SALUS_TRY(entry.head, read_head(*resource));
    SALUS_TRY_STATUS(read_url(url, entry));
    SALUS_TRY_STATUS(read_conditions(*request, entry));
    entry.resource = resource;
    entry.references = references_of(*resource);
    return {};
}

/// What a relative reference inside an entry stands for: the entry's own base with it. Source: FHIR R4, bundle.html
/// 2.36.4.1. Empty where the fullUrl is not RESTful.
std::string base_of(const std::string& full_url) {
    const Reference own = read_reference(full_url);
    if (own.kind != ReferenceKind::kAbsolute || own.id.empty()) return {};
    return full_url.substr(0, full_url.size() - own.type.size() - own.id.size() - 1);
}

Status check_references(const Bundle& bundle, const BundleEntry& entry, const FullUrls& full_urls) {
    for (const Reference& reference : entry.references) {
        if (reference.kind == ReferenceKind::kConditional) SALUS_TRY_STATUS(parse_condition(reference.query));
        if (reference.kind != ReferenceKind::kUrn || !reference.is_reference) continue;
        if (bundle.kind == BundleKind::kBatch)
            return fail(ErrorCode::kFhirReference, "entries of a batch cannot refer to each other");
        if (!full_urls.contains(reference.text))
            return fail(ErrorCode::kFhirReference, "a urn reference is no entry's fullUrl");
    }
    return {};
}

/// Whether the entry updates a resource that one before it updates.
bool is_second_update(const BundleEntry& entry, FullUrls& updated) {
    return entry.method == EntryMethod::kUpdate && !updated.insert(entry.head.type + "/" + entry.id).second;
}

Result<BundleKind> read_kind(JsonValue root) {
    const auto type = root.text_at({"resourceType"});
    if (!type || *type != "Bundle") return bad("the body is not a Bundle");
    const auto kind = root.text_at({"type"});
    if (kind == "transaction") return BundleKind::kTransaction;
    if (kind == "batch") return BundleKind::kBatch;
    return bad("the Bundle's type is neither transaction nor batch");
}

}  // namespace

Error at_entry(std::size_t entry, const Error& error) {
    Error out = error;
    out.message = fmt::format("Bundle.entry[{}]: {}", entry, error.message);
    return out;
}

Result<Bundle> parse_bundle(Bytes bytes, const DocumentLimits& limits, std::size_t entries_max) {
    SALUS_TRY(auto document, Document::parse(std::move(bytes), limits));
    return read_bundle(std::move(document), entries_max);
}

Result<Bundle> read_bundle(Document document, std::size_t entries_max) {
    Bundle bundle{std::move(document), {}, {}};
    const JsonValue root = bundle.document.root();
    SALUS_TRY(bundle.kind, read_kind(root));
    const auto list = root.find("entry");
    if (!list) return bundle;
    if (!list->is_array()) return bad("Bundle.entry is not an array");

    FullUrls full_urls;
    FullUrls updated;
    const auto judge = [&](std::size_t index, BundleEntry& entry, const Status& status) -> Status {
        if (status) return {};
        if (bundle.kind == BundleKind::kTransaction) return fail(at_entry(index, status.error()));
        entry.fault = at_entry(index, status.error());
        return {};
    };
    const auto read = [&](JsonValue value, BundleEntry& entry) -> Status {
        if (!value.is_object()) return bad("an entry is an object");
        SALUS_TRY(entry.full_url, optional_text(value, "fullUrl"));
        if (!entry.full_url.empty() && !full_urls.insert(entry.full_url).second)
            return bad("another entry has the same fullUrl");
        SALUS_TRY_STATUS(read_entry(value, entry));
        if (is_second_update(entry, updated)) return bad("another entry updates the same resource");
        return {};
    };
    for (const JsonValue value : list->children()) {
        const std::size_t index = bundle.entries.size();
        if (index == entries_max)
            return fail(ErrorCode::kTooLarge, fmt::format("the Bundle has more than {} entries", entries_max));
        BundleEntry& entry = bundle.entries.emplace_back();
        SALUS_TRY_STATUS(judge(index, entry, read(value, entry)));
    }
    for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
        BundleEntry& entry = bundle.entries[i];
        if (!entry.fault) SALUS_TRY_STATUS(judge(i, entry, check_references(bundle, entry, full_urls)));
    }
    return bundle;
}

Assignment assign_ids(const Bundle& bundle, std::span<const std::optional<std::string>> found,
                      const std::function<std::string()>& new_id) {
    SALUS_CHECK(found.size() == bundle.entries.size());
    Assignment out;
    for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
        const BundleEntry& entry = bundle.entries[i];
        std::string& id = out.ids.emplace_back();
        if (!entry.writes()) continue;
        id = entry.method == EntryMethod::kUpdate ? entry.id : found[i] ? *found[i] : new_id();
        if (!entry.full_url.empty()) out.targets.emplace(entry.full_url, entry.head.type + "/" + id);
    }
    return out;
}

Result<std::vector<Replacement>> replacements_for(const Bundle& bundle, std::size_t entry, const Assignment& assignment,
                                                  const ResolveCondition& resolve) {
    const BundleEntry& from = bundle.entries.at(entry);
    const std::string base = bundle.kind == BundleKind::kTransaction ? base_of(from.full_url) : std::string();
    std::vector<Replacement> out;
    for (const Reference& reference : from.references) {
        if (reference.kind == ReferenceKind::kConditional) {
            auto target = resolve(reference);
            if (!target) return fail(at_entry(entry, target.error()));
            out.push_back({reference.span, *std::move(target)});
            continue;
        }
        if (bundle.kind == BundleKind::kBatch) continue;
        const bool relative = reference.kind == ReferenceKind::kRelative;
        if (relative && base.empty()) continue;
        const auto target = assignment.targets.find(relative ? base + reference.text : reference.text);
        if (target != assignment.targets.end()) out.push_back({reference.span, target->second});
    }
    return out;
}

namespace {

/// Puts entries behind those of the same bundle that they name; where they name each other in a circle, the bundle's
/// order stays.
class DependencyOrder {
public:
    DependencyOrder(const Bundle& bundle, const std::vector<std::size_t>& entries) : bundle_(bundle) {
        for (const std::size_t i : entries) {
            const BundleEntry& entry = bundle.entries[i];
            if (!entry.full_url.empty()) places_.emplace(entry.full_url, i);
            if (entry.method == EntryMethod::kUpdate) places_.emplace(entry.head.type + "/" + entry.id, i);
        }
        for (const std::size_t i : entries) visit(i);
    }
    [[nodiscard]] const std::vector<std::size_t>& order() const noexcept { return order_; }

private:
    /// Without recursion: a chain may be as long as the bundle.
    void visit(std::size_t first) {
        std::vector<std::pair<std::size_t, std::size_t>> path;  ///< an entry, and which of its references comes next
        if (seen_.insert(first).second) path.emplace_back(first, 0);
        while (!path.empty()) {
            auto& [entry, next] = path.back();
            const auto& references = bundle_.entries[entry].references;
            if (next == references.size()) {
                order_.push_back(entry);
                path.pop_back();
                continue;
            }
            const auto target = place_of(entry, references[next++]);
            if (target && seen_.insert(*target).second) path.emplace_back(*target, 0);
        }
    }

    [[nodiscard]] std::optional<std::size_t> place_of(std::size_t entry, const Reference& reference) const {
        auto found = places_.find(reference.text);
        if (found == places_.end() && reference.kind == ReferenceKind::kRelative)
            found = places_.find(base_of(bundle_.entries[entry].full_url) + reference.text);
        return found == places_.end() ? std::nullopt : std::optional(found->second);
    }

    const Bundle& bundle_;
    std::map<std::string, std::size_t, std::less<>> places_;
    std::set<std::size_t> seen_;
    std::vector<std::size_t> order_;
};

std::size_t storing_rank(const ResourceType& type) {
    if (type.owned_by == OwnedBy::kOrganisation) return 0;
    if (type.name == "Patient") return 1;
    return type.owned_by == OwnedBy::kTarget ? 3 : 2;
}

}  // namespace

std::vector<std::size_t> storing_order(const Bundle& bundle) {
    std::array<std::vector<std::size_t>, 4> ranks;
    for (std::size_t i = 0; i < bundle.entries.size(); ++i)
        if (bundle.entries[i].writes())
            ranks[storing_rank(*find_resource_type(bundle.entries[i].head.type))].push_back(i);
    ranks[3] = DependencyOrder(bundle, ranks[3]).order();
    std::vector<std::size_t> order;
    for (const auto& rank : ranks) order.insert(order.end(), rank.begin(), rank.end());
    return order;
}

}  // namespace salus::application
