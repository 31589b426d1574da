#include "node/policy_document.hpp"

#include "application/consent/policy.hpp"

namespace salus::node {

Result<PolicyDocument> read_policy_document(ByteView document) {
    SALUS_TRY(const application::Policy policy, application::Policy::parse(document));
    return PolicyDocument{policy.jurisdiction(), policy.version()};
}

std::string first_policy_document(std::string_view jurisdiction) {
    return application::default_policy_document(jurisdiction);
}

}  // namespace salus::node
