#include "application/reading/assemble.hpp"

#include <algorithm>

namespace salus::application {
namespace {

constexpr std::size_t kPage = 500;

class Assembler {
public:
    Assembler(Vault& vault, const Scope& scope, const std::vector<StandingConsent>& consents, const Policy& policy,
              const DecisionRequest& request)
        : vault_(vault), scope_(scope), consents_(consents), policy_(policy), request_(request) {}

    Result<Assembled> run() {
        SearchQuery query;
        query.types = scope_.types;
        query.subject = request_.subject;
        query.count = kPage;
        query.with_total = false;
        for (bool more = true; more;) {
            SALUS_TRY(SearchPage page, vault_.search(query));
            for (StoredResource& resource : page.resources) SALUS_TRY_STATUS(take(std::move(resource)));
            more = page.next.has_value();
            query.after = page.next.value_or(0);
        }
        return std::move(out_);
    }

private:
    Status take(StoredResource resource) {
        const StoredVersion& version = resource.version;
        if (version.written_ms < scope_.since_ms) return {};
        const auto& wanted = scope_.instances;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), version.type + "/" + version.id) == wanted.end())
            return {};
        auto facts = facts_of(resource.body);
        if (!facts) return {};
        const Decision decision = decide(consents_, policy_, request_, &*facts);
        if (!decision.allowed) return {};

        SALUS_TRY(OpenedLeaf leaf, vault_.open_leaf(version));
        bytes_ += resource.body.size();
        if (bytes_ > kAnswerBytesMax)
            return fail(ErrorCode::kTooLarge, "the answer would have more than " + std::to_string(kAnswerBytesMax) +
                                                  " bytes: ask for fewer types, or since a date");
        if (decision.ruling == Ruling::kPermit)
            for (const GrantId& grant : decision.consents)
                if (std::find(out_.grants.begin(), out_.grants.end(), grant) == out_.grants.end())
                    out_.grants.push_back(grant);
        out_.resources.push_back({std::move(leaf.opening), std::move(resource.body), facts->labels,
                                  scope_.with_chain ? std::optional(leaf.chain) : std::nullopt});
        out_.facts.push_back(*std::move(facts));
        return {};
    }

    Vault& vault_;
    const Scope& scope_;
    const std::vector<StandingConsent>& consents_;
    const Policy& policy_;
    const DecisionRequest& request_;
    Assembled out_;
    std::size_t bytes_ = 0;
};

}  // namespace

Result<Assembled> assemble(Vault& vault, const Scope& scope, const std::vector<StandingConsent>& consents,
                           const Policy& policy, const DecisionRequest& request) {
    return Assembler(vault, scope, consents, policy, request).run();
}

}  // namespace salus::application
