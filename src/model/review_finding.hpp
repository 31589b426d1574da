#pragma once

#include <string>

#include "model/manifest.hpp"

namespace salus {

/// What the privacy officer found; its hash stands on the chain.
struct ReviewFinding {
    Salt salt{};
    BreakGlassId opening;
    StaffCredential officer;
    bool justified = false;
    std::string text;

    static constexpr std::string_view kName = "ReviewFinding";
    static constexpr auto kFields = codec::table(
        codec::field<1>("salt", &ReviewFinding::salt), codec::field<2>("opening", &ReviewFinding::opening),
        codec::field<3>("officer", &ReviewFinding::officer), codec::field<4>("justified", &ReviewFinding::justified),
        codec::field<5>("text", &ReviewFinding::text, 4000));
    bool operator==(const ReviewFinding&) const = default;
    /// SHA-256("salus.finding.v1" || encoding)
    [[nodiscard]] Hash commitment() const;
};

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(ReviewFinding)
}  // namespace salus
