#include "application/fhir/bundle.hpp"
#include "application/fhir/resource_types.hpp"
#include "base/check.hpp"

/// Every entry without a fault can be stored, and no urn reference is left in what a transaction stores.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    using namespace salus::application;
    const auto bundle = parse_bundle(Bytes(data, data + size), {}, 100);
    if (!bundle) return 0;
    const Assignment ids = assign_ids(*bundle, std::vector<std::optional<std::string>>(bundle->entries.size()),
                                      [] { return std::string("new"); });
    for (const std::size_t i : storing_order(*bundle)) {
        const auto replacements =
            replacements_for(*bundle, i, ids, [](const Reference& r) -> Result<std::string> { return r.type + "/1"; });
        SALUS_CHECK(replacements.has_value());
        (void)owner_of(*bundle->entries[i].resource, *replacements);
        const auto stored =
            Document::parse(splice(*bundle->entries[i].resource, {ids.ids[i], "1", "t"}, *replacements));
        SALUS_CHECK(stored && read_head(stored->root()));
        for (const Reference& reference : references_of(stored->root()))
            SALUS_CHECK(reference.kind != ReferenceKind::kUrn || !reference.is_reference);
    }
    return 0;
}
