#include "application/fhir/search_query.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <set>

#include "application/fhir/references.hpp"
#include "application/fhir/resource_types.hpp"
#include "base/encoding.hpp"

namespace salus::application {
namespace {

constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kFormBytesMax = 16U << 10U;
constexpr std::size_t kAlternativesMax = 500;

/// Names of parameters that are ours are said; what a client made up is not (a URL may hold names of people).
tl::unexpected<Error> bad_query(std::string message) { return fail(ErrorCode::kFhirSearch, std::move(message)); }

Result<std::string> percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            const auto byte = i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
            if (!byte) return bad_query("a percent sign without two hexadecimal digits");
            out.push_back(static_cast<char>(byte->front()));
            i += 2;
        }
    }
    if (!is_utf8(as_bytes(out))) return bad_query("a parameter is not UTF-8");
    return out;
}

void percent_encode(std::string& out, std::string_view text) {
    static constexpr std::string_view kFree = "-._~:/,|@";
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain || kFree.find(c) != std::string_view::npos)
            out.push_back(c);
        else
            out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
}

/// The parts of `value` between separators that no backslash stands before; their escapes stay.
std::vector<std::string_view> split_escaped(std::string_view value, char separator) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\') {
            ++i;
        } else if (value[i] == separator) {
            parts.push_back(value.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    parts.push_back(value.substr(begin));
    return parts;
}

Result<std::string> unescape_search(std::string_view part) {
    std::string out;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (part[i] == '\\') {
            ++i;
            if (i == part.size() || std::string_view(",|$\\").find(part[i]) == std::string_view::npos)
                return bad_query("a backslash before something that needs none");
        }
        out.push_back(part[i]);
    }
    return out;
}

Result<std::vector<std::string_view>> alternatives(std::string_view value) {
    auto parts = split_escaped(value, ',');
    if (parts.size() > kAlternativesMax) return bad_query("too many alternatives");
    if (std::any_of(parts.begin(), parts.end(), [](std::string_view p) { return p.empty(); }))
        return bad_query("an empty value");
    return parts;
}

/// The value with its own bars marked, so that the bar between system and value can only be that: else a value "s|v"
/// would be found as v of s.
std::string marked(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '|' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

std::string term_value(std::string_view system, std::string_view value) {
    return marked(system).append("|").append(marked(value));
}

/// system|code, |code, code, system|
Result<SearchTerm> identifier_term(std::string_view part) {
    const auto halves = split_escaped(part, '|');
    if (halves.size() > 2) return bad_query("an identifier is system|value");
    SALUS_TRY(std::string first, unescape_search(halves[0]));
    if (halves.size() == 1) return SearchTerm{"identifier", marked(first)};
    SALUS_TRY(const std::string second, unescape_search(halves[1]));
    if (first.empty() && second.empty()) return bad_query("an identifier is system|value");
    return SearchTerm{"identifier", term_value(first, second)};
}

Result<std::string> logical_id(std::string_view part) {
    SALUS_TRY(std::string id, unescape_search(part));
    if (!is_fhir_id(id)) return bad_query("a logical id is 1 to 64 of A-Z a-z 0-9 - .");
    return id;
}

/// 123, Patient/123, https://host/base/Patient/123
Result<std::string> patient_id(std::string_view part) {
    SALUS_TRY(std::string text, unescape_search(part));
    if (is_fhir_id(text)) return text;
    const Reference reference = read_reference(text);
    if (reference.type != "Patient" || reference.id.empty()) return bad_query("patient is an id or Patient/id");
    return reference.id;
}

Result<std::size_t> number(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return bad_query("_count is a number");
    return value;
}

template <class Value>
Status add_group(std::string_view value, Result<Value> (*read)(std::string_view),
                 std::vector<std::vector<Value>>& groups) {
    SALUS_TRY(const auto parts, alternatives(value));
    auto& group = groups.emplace_back();
    for (const std::string_view part : parts) {
        SALUS_TRY(auto one, read(part));
        group.push_back(std::move(one));
    }
    return {};
}

Status read_types(std::string_view value, SearchRequest& out) {
    SALUS_TRY(const auto parts, alternatives(value));
    if (!out.types.empty()) return bad_query("_type stands twice");
    for (const std::string_view part : parts) {
        if (find_resource_type(part) == nullptr) return bad_query("_type names no type of FHIR R4");
        out.types.emplace_back(part);
    }
    return {};
}

Status read_count(std::string_view value, SearchRequest& out) {
    SALUS_TRY(const std::size_t count, number(value));
    if (count == 0)
        out.summary_count = true;
    else
        out.count = std::min(count, kSearchCountMax);
    return {};
}

Status read_summary(std::string_view value, SearchRequest& out) {
    if (value == "count")
        out.summary_count = true;
    else if (value != "false")
        return bad_query("_summary is count or false");
    return {};
}

Status read_format(std::string_view value) {
    if (value == "json" || value == "application/json" || value == "application/fhir+json") return {};
    return bad_query("_format is json");
}

/// Whether `name` is known; then its value is taken over.
Result<bool> read_field(std::string_view name, const std::string& value, SearchRequest& out) {
    Status status;
    if (name == "_id")
        status = add_group(value, logical_id, out.ids);
    else if (name == "patient" || name == "subject" || name == "patient:Patient" || name == "subject:Patient")
        status = add_group(value, patient_id, out.patients);
    else if (name == "identifier")
        status = add_group(value, identifier_term, out.terms);
    else if (name == "_type")
        status = read_types(value, out);
    else if (name == "_count")
        status = read_count(value, out);
    else if (name == "_summary")
        status = read_summary(value, out);
    else if (name == "_format")
        status = read_format(value);
    else
        return false;
    if (!status) return fail(status.error());
    return true;
}

bool has_known_base(std::string_view name) {
    static const std::set<std::string_view> kKnown{"_id", "patient", "subject", "identifier", "_type", "_count"};
    return kKnown.contains(name.substr(0, name.find_first_of(":.")));
}

}  // namespace

Result<std::vector<FormField>> decode_form(std::string_view form) {
    if (form.size() > kFormBytesMax) return bad_query("the parameters have more than 16 KiB");
    std::vector<FormField> fields;
    while (!form.empty()) {
        const auto end = form.find('&');
        const std::string_view field = form.substr(0, end);
        form = end == std::string_view::npos ? std::string_view{} : form.substr(end + 1);
        if (field.empty()) continue;
        const auto equals = field.find('=');
        SALUS_TRY(auto name, percent_decode(field.substr(0, equals)));
        SALUS_TRY(auto value,
                  percent_decode(equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1)));
        if (fields.size() == kFieldsMax) return bad_query("there are more than 64 parameters");
        fields.push_back({std::move(name), std::move(value)});
    }
    return fields;
}

std::string encode_form(std::span<const FormField> fields) {
    std::string out;
    for (const FormField& field : fields) {
        if (!out.empty()) out.push_back('&');
        percent_encode(out, field.name);
        out.push_back('=');
        percent_encode(out, field.value);
    }
    return out;
}

Result<SearchRequest> parse_search(std::span<const FormField> fields, SearchHandling handling) {
    SearchRequest out;
    for (const FormField& field : fields) {
        if (field.value.empty()) continue;  // FHIR R4, search.html: a parameter without a value says nothing
        if (field.name == "page") {
            out.page = field.value;
            continue;
        }
        SALUS_TRY(const bool known, read_field(field.name, field.value, out));
        if (known) {
            out.applied.push_back(field);
        } else if (has_known_base(field.name)) {
            return bad_query(fmt::format("a modifier or a chain of {} is not supported",
                                         std::string_view(field.name).substr(0, field.name.find_first_of(":."))));
        } else if (handling == SearchHandling::kStrict) {
            return bad_query(
                "a parameter is not supported; known are _id, _type, identifier, patient, subject, _count, "
                "_summary and _format");
        } else if (std::find(out.ignored.begin(), out.ignored.end(), field.name) == out.ignored.end()) {
            out.ignored.push_back(field.name);
        }
    }
    return out;
}

Result<SearchTerm> certain_identifier(std::string_view text) {
    const auto halves = split_escaped(text, '|');
    if (halves.size() != 2 || halves[0].empty() || halves[1].empty())
        return bad_query("an identifier is system|value, both of them");
    return identifier_term(text);
}

Result<SearchRequest> parse_condition(std::string_view query) {
    SALUS_TRY(const auto fields, decode_form(query));
    SALUS_TRY(auto out, parse_search(fields, SearchHandling::kStrict));
    if (out.ids.empty() && out.terms.empty() && out.patients.empty())
        return bad_query("a condition needs one of _id, identifier and patient");
    return out;
}

std::vector<SearchTerm> terms_of(JsonValue resource) {
    std::set<SearchTerm> terms;
    const auto add = [&terms](JsonValue identifier) {
        const auto value = identifier.text_at({"value"});
        const std::string system = identifier.text_at({"system"}).value_or("");
        if (value && !value->empty()) {
            terms.insert({"identifier", marked(*value)});
            terms.insert({"identifier", term_value(system, *value)});
        }
        if (!system.empty()) terms.insert({"identifier", term_value(system, "")});
    };
    if (const auto identifier = resource.find("identifier")) {
        if (identifier->is_object()) add(*identifier);
        for (const JsonValue one : identifier->children()) add(one);
    }
    return {terms.begin(), terms.end()};
}

std::string search_link(std::string_view base, std::span<const FormField> applied, std::string_view page) {
    std::vector<FormField> fields(applied.begin(), applied.end());
    if (!page.empty()) fields.push_back({"page", std::string(page)});
    std::string out(base);
    if (!fields.empty()) out.append("?").append(encode_form(fields));
    return out;
}

}  // namespace salus::application
