#include "application/fhir/resource.hpp"
#include "application/fhir/resource_types.hpp"
#include "application/fhir/search_query.hpp"
#include "base/check.hpp"

/// What passes the scan is nested in itself as its brackets say; what is a resource can be spliced, and stays the same
/// but for the server's members.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    using namespace salus::application;
    const auto document = Document::parse(Bytes(data, data + size));
    if (!document) return 0;
    const JsonValue root = document->root();
    std::uint32_t at = root.span().begin;
    for (const JsonValue value : root.inside()) {
        SALUS_CHECK(value.span().begin >= at && value.span().end <= root.span().end);
        SALUS_CHECK(value.is(value.text()) == value.is_string());
        at = value.span().begin;
    }
    if (!read_head(root)) return 0;
    if (const auto owner = owner_of(root))
        SALUS_CHECK(owner->reference.has_value() ==
                    (owner->kind == Owner::Kind::kPatient || owner->kind == Owner::Kind::kSameAs));
    const ServerMembers members{"id-1", "7", "2026-01-01T00:00:00Z"};
    std::vector<Replacement> replacements;
    for (const Reference& reference : references_of(root)) replacements.push_back({reference.span, "Patient/1"});
    const auto stored = Document::parse(splice(root, members, replacements));
    SALUS_CHECK(stored.has_value());
    const auto head = read_head(stored->root());
    SALUS_CHECK(head && head->id == members.id && head->version_id == members.version_id);
    SALUS_CHECK(content_digest(stored->root()) == content_digest(root, replacements));
    SALUS_CHECK(splice(stored->root(), members) == stored->bytes());
    SALUS_CHECK(terms_of(stored->root()) == terms_of(root));
    return 0;
}
