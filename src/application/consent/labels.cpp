#include "application/consent/labels.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <limits>

#include "base/time_text.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> kLabels = {"N", "R", "ETH", "ETHUD", "OPIOIDUD", "PSY", "SEX", "HIV"};

constexpr std::string_view kSnomed = "http://snomed.info/sct";
constexpr std::string_view kLoinc = "http://loinc.org";
constexpr std::string_view kIcd10 = "http://hl7.org/fhir/sid/icd-10-cm";

struct CodeRule {
    std::string_view system;
    std::string_view code;
    bool prefix;
    std::string_view label;
};

/// Version 1. A narrow table of plain cases; a custodian's terminology service will bring the rest.
constexpr CodeRule kCodeRules[] = {
    {kSnomed, "86406008", false, "HIV"},
    {kSnomed, "165816005", false, "HIV"},
    {kSnomed, "62479008", false, "HIV"},
    {kLoinc, "75622-1", false, "HIV"},
    {kLoinc, "56888-1", false, "HIV"},
    {kLoinc, "25836-8", false, "HIV"},
    {kIcd10, "B20", true, "HIV"},
    {kIcd10, "Z21", true, "HIV"},
    {kSnomed, "7200002", false, "ETHUD"},
    {kSnomed, "15167005", false, "ETHUD"},
    {kIcd10, "F10", true, "ETHUD"},
    {kSnomed, "5602001", false, "OPIOIDUD"},
    {kSnomed, "231477003", false, "OPIOIDUD"},
    {kSnomed, "55680006", false, "OPIOIDUD"},
    {kIcd10, "F11", true, "OPIOIDUD"},
    {kSnomed, "6525002", false, "ETH"},
    {kSnomed, "361055000", false, "ETH"},
    {kIcd10, "F19", true, "ETH"},
    {kSnomed, "36923009", false, "PSY"},
    {kSnomed, "370143000", false, "PSY"},
    {kSnomed, "47505003", false, "PSY"},
    {kSnomed, "58214004", false, "PSY"},
    {kSnomed, "13746004", false, "PSY"},
    {kIcd10, "F2", true, "PSY"},
    {kIcd10, "F3", true, "PSY"},
    {kIcd10, "F4", true, "PSY"},
    {kSnomed, "8098009", false, "SEX"},
    {kIcd10, "A5", true, "SEX"},
    {kIcd10, "A6", true, "SEX"},
};

constexpr std::string_view kAuthorFields[] = {"author", "recorder", "performer", "asserter", "requester", "prescriber"};
constexpr std::string_view kTimeFields[] = {
    "effectiveDateTime", "effectiveInstant", "onsetDateTime", "performedDateTime", "authoredOn", "occurrenceDateTime",
    "recordedDate",      "issued",           "date",          "created",           "started",    "effectivePeriod",
    "performedPeriod",   "billablePeriod",   "period"};

/// Members that hold words where FHIR has them: a narrative, a note, a conclusion, a string as a value.
constexpr std::string_view kWords[] = {
    "div",           "note",        "conclusion",         "comment",       "summary",     "description", "valueString",
    "valueMarkdown", "instruction", "patientInstruction", "contentString", "answerString"};
constexpr std::string_view kAttachments[] = {"attachment", "presentedForm", "photo", "content", "image"};

/// Text of a member, empty where there is none.
std::string_view text_of(const json::object& object, std::string_view member) {
    const json::value* value = object.if_contains(member);
    const json::string* text = value ? value->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

class FactReader {
public:
    explicit FactReader(ResourceFacts& facts) : facts_(facts) {}

    void read(const json::object& resource) {
        facts_.type = text_of(resource, "resourceType");
        facts_.id = text_of(resource, "id");
        if (facts_.type == "Binary" || facts_.type == "DocumentReference" || facts_.type == "Media" ||
            resource.contains("text") || resource.contains("contained"))
            label("R");
        for (std::string_view field : kAuthorFields)
            if (const json::value* value = resource.if_contains(field)) author(*value);
        for (std::string_view field : kTimeFields)
            if (const json::value* value = resource.if_contains(field); value && !facts_.dated) time(*value);
        if (const json::value* meta = resource.if_contains("meta"); meta && meta->is_object())
            if (const json::value* security = meta->as_object().if_contains("security");
                security && security->is_array())
                for (const json::value& coding : security->as_array()) own_label(coding);
        walk({}, resource);
        finish();
    }

private:
    void label(std::string_view label) { facts_.labels.emplace_back(label); }

    /// A label of the resource's own; one that we do not know is a restriction that we cannot read.
    void own_label(const json::value& coding) {
        const std::string_view code = coding.is_object() ? text_of(coding.as_object(), "code") : std::string_view();
        if (code == "V") return label("R");
        label(is_security_label(code) ? code : "R");
    }

    void author(const json::value& value) {
        if (const json::array* array = value.if_array()) {
            for (const json::value& element : *array) author(element);
        } else if (const json::object* object = value.if_object()) {
            if (const std::string_view reference = text_of(*object, "reference"); !reference.empty())
                facts_.authors.emplace_back(reference);
            if (const json::value* identifier = object->if_contains("identifier");
                identifier && identifier->is_object())
                facts_.authors.push_back(std::string(text_of(identifier->as_object(), "system")) + "|" +
                                         std::string(text_of(identifier->as_object(), "value")));
            if (const json::value* actor = object->if_contains("actor")) author(*actor);
        }
    }

    void time(const json::value& value) {
        std::optional<TimeSpan> span;
        if (const json::object* period = value.if_object()) {
            // A side that is not there is open; one that cannot be read leaves the whole without a date.
            const bool open_start = !period->contains("start");
            const bool open_end = !period->contains("end");
            const auto start = iso_time_span(open_start ? "0001" : text_of(*period, "start"));
            const auto end = iso_time_span(open_end ? "9999" : text_of(*period, "end"));
            if (start && end && start->from_ms < end->until_ms && !(open_start && open_end))
                span = TimeSpan{start->from_ms, open_end ? std::numeric_limits<TimeMs>::max() : end->until_ms};
        } else if (const json::string* text = value.if_string()) {
            span = iso_time_span(*text);
        }
        facts_.dated = span.has_value();
        facts_.time_ms = span ? span->from_ms : 0;
        facts_.until_ms = span ? span->until_ms : 0;
    }

    /// Every coding at any depth, and whether there is content beside them. `name`: of the member that holds it.
    void walk(std::string_view name, const json::value& value) {
        if (const json::array* array = value.if_array()) {
            for (const json::value& element : *array) walk(name, element);
        } else if (const json::object* object = value.if_object()) {
            const std::string_view system = text_of(*object, "system");
            const std::string_view code = text_of(*object, "code");
            if (!system.empty() && !code.empty()) coding(system, code);
            if (has_unreadable(name, *object)) label("R");
            for (const auto& [inner, member] : *object) walk(inner, member);
        }
    }

    /// Words and files in which no rule finds a code.
    static bool has_unreadable(std::string_view name, const json::object& object) {
        if (object.contains("data")) return true;
        if (object.contains("url") && is_attachment(name, object)) return true;
        if (object.contains("text") && !reads_text(name, object)) return true;
        return std::any_of(std::begin(kWords), std::end(kWords), [&](std::string_view words) {
            const json::value* value = object.if_contains(words);
            return value && (value->is_string() || value->is_array());
        });
    }

    /// Extensions and canonical resources have a url as well: an attachment is known by where it stands, or by what
    /// else it has.
    static bool is_attachment(std::string_view name, const json::object& object) {
        const auto known = [&](std::string_view one) { return one == name; };
        return std::any_of(std::begin(kAttachments), std::end(kAttachments), known) || name.ends_with("Attachment") ||
               object.contains("contentType") || object.contains("size") || object.contains("hash");
    }

    /// The text of a concept repeats its codes; that of a name or an address is none of medicine.
    static bool reads_text(std::string_view name, const json::object& object) {
        const json::value* coding = object.if_contains("coding");
        return (coding && coding->is_array() && !coding->as_array().empty()) || name == "name" || name == "address";
    }

    void coding(std::string_view system, std::string_view code) {
        facts_.codes.push_back(std::string(system) + "|" + std::string(code));
        for (const CodeRule& rule : kCodeRules)
            if (system == rule.system && (rule.prefix ? code.starts_with(rule.code) : code == rule.code))
                label(rule.label);
    }

    void finish() {
        for (auto* list : {&facts_.codes, &facts_.labels, &facts_.authors}) {
            std::sort(list->begin(), list->end());
            list->erase(std::unique(list->begin(), list->end()), list->end());
        }
        if (facts_.labels.empty()) label("N");
    }

    ResourceFacts& facts_;
};

}  // namespace

bool is_security_label(std::string_view label) noexcept {
    return std::find(kLabels.begin(), kLabels.end(), label) != kLabels.end();
}

Result<ResourceFacts> facts_of(ByteView resource) {
    boost::system::error_code error;
    const json::value root = json::parse(as_text(resource), error, {}, {.max_depth = 64});
    if (error || !root.is_object()) return fail(ErrorCode::kUsage, "the resource cannot be read for a decision");
    ResourceFacts facts;
    FactReader(facts).read(root.as_object());
    if (facts.type.empty()) return fail(ErrorCode::kUsage, "the resource has no type");
    return facts;
}

}  // namespace salus::application
