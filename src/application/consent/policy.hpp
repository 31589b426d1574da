#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/terms.hpp"

namespace salus::application {

/// What a policy says of a purpose. The later, the stricter.
enum class PolicyRule {
    kAlways,          ///< no objection counts: the law demands it
    kUnlessObjected,  ///< allowed while no denial stands
    kGrantNeeded,     ///< only by a grant that permits it
};

/// The rules of a jurisdiction, adopted by vote; the document is JSON (docs/protocol.md, "Policy").
class Policy {
public:
    /// Reads a document: each purpose once without labels, then any exceptions by label; nothing unknown, nothing
    /// twice. Errors: kUsage, saying where it is wrong; kTooLarge
    static Result<Policy> parse(ByteView document);

    /// The strictest rule for this purpose and any of these labels.
    [[nodiscard]] PolicyRule rule(Purpose purpose, const std::vector<std::string>& labels) const;
    /// Whether someone in this role may break glass.
    [[nodiscard]] bool is_clinical(std::string_view role) const;
    /// For how long broken glass may stay open at most.
    [[nodiscard]] TimeMs break_glass_ms() const noexcept { return break_glass_ms_; }
    /// Duties that travel with what is disclosed.
    [[nodiscard]] const std::vector<std::string>& obligations() const noexcept { return obligations_; }
    [[nodiscard]] const std::string& jurisdiction() const noexcept { return jurisdiction_; }
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }

private:
    struct Row {
        Purpose purpose{};
        std::vector<std::string> labels;
        PolicyRule rule{};
    };
    friend class PolicyParser;

    std::string jurisdiction_;
    std::uint64_t version_ = 0;
    std::vector<Row> rows_;
    std::vector<std::string> clinical_roles_;
    TimeMs break_glass_ms_ = 0;
    std::vector<std::string> obligations_;
};

/// The document that `salus init` puts in force as version 1: consent for every purpose but emergencies and the
/// patient's own.
std::string default_policy_document(std::string_view jurisdiction);

}  // namespace salus::application
