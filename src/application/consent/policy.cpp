#include "application/consent/policy.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "application/consent/labels.hpp"
#include "model/limits.hpp"

namespace salus::application {

namespace json = boost::json;

namespace {

constexpr char kPolicyFormat[] = "salus.policy.v1";

}  // namespace

/// Reads a policy, refusing at the first thing that is not as it must be.
class PolicyParser {
public:
    Result<Policy> parse(ByteView document) {
        if (document.size() > kPolicyBytesMax)
            return fail(ErrorCode::kTooLarge, "a policy document has at most 64 KiB");
        boost::system::error_code error;
        const json::value root = json::parse(as_text(document), error, {}, {.max_depth = 8});
        if (error) return fail(ErrorCode::kUsage, "the policy is not JSON: " + error.message());
        SALUS_TRY(const json::object* top, object(root, "the policy",
                                                  {"format", "jurisdiction", "version", "rules", "clinicalRoles",
                                                   "breakGlassMinutes", "obligations"}));
        if (top->at("format") != kPolicyFormat) return wrong("format", "is not \"" + std::string(kPolicyFormat) + "\"");
        SALUS_TRY(policy_.jurisdiction_, text(top->at("jurisdiction"), "jurisdiction", 16));
        SALUS_TRY(policy_.version_, number(top->at("version"), "version", 1, 1'000'000'000));
        SALUS_TRY(policy_.clinical_roles_, texts(top->at("clinicalRoles"), "clinicalRoles", 64));
        SALUS_TRY(const std::uint64_t minutes,
                  number(top->at("breakGlassMinutes"), "breakGlassMinutes", 1, kBreakGlassMs / 60'000));
        policy_.break_glass_ms_ = minutes * 60'000;
        SALUS_TRY(policy_.obligations_, texts(top->at("obligations"), "obligations", 300));
        SALUS_TRY_STATUS(rules(top->at("rules")));
        return std::move(policy_);
    }

private:
    static tl::unexpected<Error> wrong(std::string_view where, std::string_view what) {
        return fail(ErrorCode::kUsage, "the policy: " + std::string(where) + " " + std::string(what));
    }

    /// An object with exactly these members; those behind `optional` of them may be left out.
    static Result<const json::object*> object(const json::value& value, std::string_view where,
                                              std::initializer_list<std::string_view> members,
                                              std::string_view optional = {}) {
        const json::object* out = value.if_object();
        if (!out) return wrong(where, "is not an object");
        for (std::string_view member : members)
            if (member != optional && !out->contains(member))
                return wrong(where, "has no \"" + std::string(member) + "\"");
        for (const auto& [name, unused] : *out)
            if (std::find(members.begin(), members.end(), std::string_view(name)) == members.end())
                return wrong(where, "has an unknown member \"" + std::string(name) + "\"");
        return out;
    }
    static Result<std::string> text(const json::value& value, std::string_view where, std::size_t max) {
        const json::string* out = value.if_string();
        if (!out || out->empty() || out->size() > max)
            return wrong(where, "is not a text of 1 to " + std::to_string(max) + " bytes");
        return std::string(*out);
    }
    static Result<std::uint64_t> number(const json::value& value, std::string_view where, std::int64_t low,
                                        std::uint64_t high) {
        const std::int64_t* out = value.if_int64();
        if (!out || *out < low || static_cast<std::uint64_t>(*out) > high)
            return wrong(where, "is not a number from " + std::to_string(low) + " to " + std::to_string(high));
        return static_cast<std::uint64_t>(*out);
    }
    static Result<std::vector<std::string>> texts(const json::value& value, std::string_view where, std::size_t max) {
        const json::array* array = value.if_array();
        if (!array || array->size() > 100) return wrong(where, "is not a list of at most 100 texts");
        std::vector<std::string> out;
        for (const json::value& element : *array) {
            SALUS_TRY(std::string one, text(element, where, max));
            if (std::find(out.begin(), out.end(), one) != out.end()) return wrong(where, "names \"" + one + "\" twice");
            out.push_back(std::move(one));
        }
        return out;
    }

    Status rules(const json::value& value) {
        const json::array* array = value.if_array();
        if (!array || array->size() > 200) return wrong("rules", "is not a list of at most 200 rules");
        std::set<std::pair<Purpose, std::string>> seen;
        for (const json::value& element : *array) {
            SALUS_TRY(const json::object* row, object(element, "a rule", {"purpose", "rule", "labels"}, "labels"));
            Policy::Row out;
            SALUS_TRY(const std::string purpose, text(row->at("purpose"), "a rule's purpose", 16));
            const auto known = purpose_from_code(purpose);
            if (!known) return wrong("rules", "name an unknown purpose \"" + purpose + "\"");
            out.purpose = *known;
            SALUS_TRY(const std::string rule, text(row->at("rule"), "a rule's rule", 32));
            SALUS_TRY(out.rule, rule_from(rule));
            if (row->contains("labels")) {
                SALUS_TRY(out.labels, texts(row->at("labels"), "a rule's labels", 64));
                if (out.labels.empty()) return wrong("a rule's labels", "are empty: leave them out");
            }
            for (const std::string& label : out.labels)
                if (!is_security_label(label)) return wrong("rules", "name an unknown label \"" + label + "\"");
            for (const std::string& label : out.labels.empty() ? std::vector<std::string>{""} : out.labels)
                if (!seen.emplace(out.purpose, label).second)
                    return wrong("rules", "speak twice of " + purpose + (label.empty() ? "" : " and " + label));
            policy_.rows_.push_back(std::move(out));
        }
        for (std::uint32_t p = 1; is_known(static_cast<Purpose>(p)); ++p)
            if (!seen.contains({static_cast<Purpose>(p), ""}))
                return wrong("rules", "say nothing of " + std::string(purpose_code(static_cast<Purpose>(p))));
        return {};
    }

    static Result<PolicyRule> rule_from(std::string_view name) {
        if (name == "always") return PolicyRule::kAlways;
        if (name == "unless-objected") return PolicyRule::kUnlessObjected;
        if (name == "grant-needed") return PolicyRule::kGrantNeeded;
        return wrong("rules", "know no \"" + std::string(name) + "\"");
    }

    Policy policy_;
};

Result<Policy> Policy::parse(ByteView document) { return PolicyParser().parse(document); }

PolicyRule Policy::rule(Purpose purpose, const std::vector<std::string>& labels) const {
    PolicyRule general = PolicyRule::kGrantNeeded;
    std::optional<PolicyRule> strictest;
    for (const Row& row : rows_) {
        if (row.purpose != purpose) continue;
        if (row.labels.empty()) general = row.rule;
        const bool named = std::any_of(row.labels.begin(), row.labels.end(), [&](const std::string& label) {
            return std::find(labels.begin(), labels.end(), label) != labels.end();
        });
        if (named) strictest = std::max(strictest.value_or(row.rule), row.rule);
    }
    return strictest.value_or(general);
}

bool Policy::is_clinical(std::string_view role) const {
    return std::find(clinical_roles_.begin(), clinical_roles_.end(), role) != clinical_roles_.end();
}

std::string default_policy_document(std::string_view jurisdiction) {
    return R"({
  "format": ")" +
           std::string(kPolicyFormat) + R"(",
  "jurisdiction": ")" +
           std::string(jurisdiction) + R"(",
  "version": 1,
  "rules": [
    {"purpose": "TREAT", "rule": "grant-needed"},
    {"purpose": "ETREAT", "rule": "always"},
    {"purpose": "BTG", "rule": "always"},
    {"purpose": "HPAYMT", "rule": "grant-needed"},
    {"purpose": "HOPERAT", "rule": "grant-needed"},
    {"purpose": "HRESCH", "rule": "grant-needed"},
    {"purpose": "CLINTRCH", "rule": "grant-needed"},
    {"purpose": "PUBHLTH", "rule": "grant-needed"},
    {"purpose": "PATRQT", "rule": "always"},
    {"purpose": "FAMRQT", "rule": "grant-needed"}
  ],
  "clinicalRoles": ["physician", "emergency-physician", "nurse", "paramedic"],
  "breakGlassMinutes": 240,
  "obligations": ["no-redisclosure", "stated-purpose-only"]
}
)";
}

}  // namespace salus::application
