#include "cli/torture/witness.hpp"

#include <boost/json/parse.hpp>

#include "cli/answers.hpp"
#include "cli/chain_state.hpp"
#include "cli/torture/posting.hpp"
#include "model/contracts/disclosure.hpp"

namespace salus::cli::torture {
namespace {

namespace json = boost::json;

const json::value& member(const json::value& object, std::string_view name) {
    static const json::value kNothing;
    const json::value* value = object.is_object() ? object.get_object().if_contains(name) : nullptr;
    return value != nullptr ? *value : kNothing;
}

Result<std::uint64_t> version_of(const json::value& resource) {
    SALUS_TRY(const std::string text, text_of(member(resource, "meta"), "versionId"));
    return std::strtoull(text.c_str(), nullptr, 10);
}

class NodeWitness final : public Witness {
public:
    NodeWitness(const Door& door, Api api) : door_(door), api_(std::move(api)) {}

    Result<std::vector<Match>> search(std::string_view type, const std::vector<std::string>& identifiers) override {
        std::string target = fhir(std::string(type) + "?_count=100&identifier=");
        for (std::size_t i = 0; i < identifiers.size(); ++i)
            target +=
                (i == 0 ? "" : ",") + transport::url_encode(std::string(kIdentifierSystem) + "|" + identifiers[i]);
        SALUS_TRY(const json::value answer, api_.get(target));
        std::vector<Match> out;
        for (const json::value& entry : list_of(answer, "entry")) {
            const json::value& resource = member(entry, "resource");
            SALUS_TRY(const std::string id, text_of(resource, "id"));
            const json::array& known = list_of(resource, "identifier");
            SALUS_TRY(std::string value, text_of(known.empty() ? json::value() : known.front(), "value"));
            out.push_back({std::string(type) + "/" + id, std::move(value)});
        }
        return out;
    }

    Result<std::optional<Version>> read(const std::string& reference) override {
        auto answer = api_.get(fhir(reference));
        if (!answer && answer.error().code == ErrorCode::kNotFound) return std::optional<Version>{};
        SALUS_TRY(const json::value resource, std::move(answer));
        Version out;
        SALUS_TRY(out.number, version_of(resource));
        const bool patient = reference.starts_with("Patient/");
        SALUS_TRY(out.said, number_of(resource, patient ? "multipleBirthInteger" : "valueInteger"));
        return std::optional(out);
    }

    Result<std::vector<std::uint64_t>> history(const std::string& reference) override {
        SALUS_TRY(const json::value answer, api_.get(fhir(reference + "/_history?_count=100")));
        std::vector<std::uint64_t> out;
        for (const json::value& entry : list_of(answer, "entry")) {
            SALUS_TRY(const std::uint64_t version, version_of(member(entry, "resource")));
            out.push_back(version);
        }
        return out;
    }

    Result<std::vector<std::string>> repeat(const Posting& posting) override {
        Written request = request_of(posting);
        request.target = Door::at_custodian("/fhir/R4" + request.target);
        SALUS_TRY(const auto response,
                  api_.call("POST", request.target, std::move(request.headers), std::move(request.body)));
        boost::system::error_code unreadable;
        return references_in(posting, json::parse(as_text(response.body), unreadable));
    }

    Result<std::vector<Consent>> consents(const std::string& patient) override {
        SALUS_TRY(const json::value answer,
                  api_.get(Door::at_custodian("/desk/consents?patient=" + patient.substr(patient.find('/') + 1))));
        std::vector<Consent> out;
        for (const json::value& entry : list_of(answer, "entry")) {
            SALUS_TRY(const std::string id, text_of(member(entry, "resource"), "id"));
            SALUS_TRY(const std::string status, text_of(member(entry, "resource"), "status"));
            const auto grant = id_from_hex<GrantId>(id);
            if (!grant) return fail(ErrorCode::kCorrupt, "a consent's id is not a grant's");
            out.push_back({*grant, status == "active"});
        }
        return out;
    }

    Result<std::optional<consent::GrantStatus>> on_chain(const GrantId& grant) override {
        SALUS_TRY(const auto state,
                  read_decision<consent::GrantState>(ChainState(api_), Contract::kConsent, consent::grant_key(grant)));
        if (!state) return std::optional<consent::GrantStatus>{};
        return std::optional(state->value.status);
    }

    Result<bool> row_stands(const Hash& tag) override {
        SALUS_TRY(const auto value,
                  ChainState(api_).get(Contract::kDisclosure, disclosure::row_key(door_.custodian, tag)));
        return value.has_value();
    }

    Result<std::uint64_t> events(const std::string& patient) override {
        SALUS_TRY(const json::value answer,
                  api_.get(Door::at_custodian("/audit?count=1&patient=" + patient.substr(patient.find('/') + 1))));
        return number_of(answer, "total");
    }

private:
    static std::string fhir(const std::string& path) { return Door::at_custodian("/fhir/R4/" + path); }

    const Door& door_;
    Api api_;
};

}  // namespace

Result<std::unique_ptr<Witness>> node_witness(const Door& door) {
    SALUS_TRY(Api api, door.custodian_api());
    return std::unique_ptr<Witness>(std::make_unique<NodeWitness>(door, std::move(api)));
}

}  // namespace salus::cli::torture
