#include "application/fhir/references.hpp"

#include <algorithm>
#include <array>

#include "application/fhir/resource_types.hpp"

namespace salus::application {
namespace {

bool is_urn(std::string_view text) { return text.starts_with("urn:uuid:") || text.starts_with("urn:oid:"); }

bool is_link_member(std::string_view name) {
    static constexpr std::array<std::string_view, 5> kLinks{"url", "valueUri", "valueUrl", "valueUuid", "valueOid"};
    return std::find(kLinks.begin(), kLinks.end(), name) != kLinks.end();
}

/// Whether `path` ends in Type/id or Type/id/_history/version, alone or behind a slash; then they are set.
bool take_type_and_id(std::string_view path, bool alone, Reference& out) {
    if (const auto history = path.find("/_history/"); history != std::string_view::npos) {
        if (!is_fhir_id(path.substr(history + 10))) return false;
        path = path.substr(0, history);
    }
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view id = path.substr(slash + 1);
    std::string_view type = path.substr(0, slash);
    if (const auto before = type.rfind('/'); before != std::string_view::npos) {
        if (alone) return false;
        type = type.substr(before + 1);
    }
    if (!is_fhir_id(id) || find_resource_type(type) == nullptr) return false;
    out.type = type;
    out.id = id;
    return true;
}

}  // namespace

Reference read_reference(std::string_view text, Span span) {
    Reference out{ReferenceKind::kOther, span, std::string(text), {}, {}, {}};
    if (text.starts_with('#')) {
        out.kind = ReferenceKind::kContained;
    } else if (is_urn(text)) {
        out.kind = ReferenceKind::kUrn;
    } else if (text.starts_with("http://") || text.starts_with("https://")) {
        out.kind = ReferenceKind::kAbsolute;
        take_type_and_id(text, false, out);
    } else if (const auto mark = text.find('?'); mark != std::string_view::npos) {
        if (find_resource_type(text.substr(0, mark)) != nullptr) {
            out.kind = ReferenceKind::kConditional;
            out.type = text.substr(0, mark);
            out.query = text.substr(mark + 1);
        }
    } else if (take_type_and_id(text, true, out)) {
        out.kind = ReferenceKind::kRelative;
    }
    return out;
}

std::vector<Reference> references_of(JsonValue resource) {
    std::vector<Reference> out;
    for (const JsonValue value : resource.inside()) {
        if (!value.is_string()) continue;
        const bool reference = value.key() == "reference";
        if (!reference && !is_link_member(value.key())) continue;
        std::string text = value.text();
        if (!reference && !is_urn(text)) continue;
        out.push_back(read_reference(text, value.span()));
        out.back().is_reference = reference;
    }
    return out;
}

Reference resolved(const Reference& reference, std::span<const Replacement> replacements) {
    const auto found = std::lower_bound(replacements.begin(), replacements.end(), reference.span.begin,
                                        [](const Replacement& r, std::uint32_t begin) { return r.span.begin < begin; });
    if (found == replacements.end() || found->span != reference.span) return reference;
    Reference out = read_reference(found->text, reference.span);
    out.is_reference = reference.is_reference;
    return out;
}

}  // namespace salus::application
