#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/strong_types.hpp"
#include "model/codec.hpp"

/// What a decision must know of a resource, read from its bytes. Labels come from a versioned table of codes and from
/// what the resource itself says; content that no rule can read (narrative and other words at any depth, contained
/// resources, attachments, Binary) counts as R.
namespace salus::application {

/// The table's version; a decision is repeated for a past block with the table of then.
inline constexpr std::uint32_t kLabelTableVersion = 1;

/// N R ETH ETHUD OPIOIDUD PSY SEX HIV. Source: HL7 v3 Confidentiality and ActCode, as IHE PCF names them
bool is_security_label(std::string_view label) noexcept;

struct ResourceFacts {
    std::string type;
    std::string id;
    std::vector<std::string> codes;   ///< "system|code", all there are anywhere in it
    std::vector<std::string> labels;  ///< ascending; never empty: N where nothing else
    std::vector<std::string>
        authors;  ///< references and "system|value" of recorder, author, performer, asserter, requester
    bool dated = false;
    TimeMs time_ms = 0;   ///< of what it tells, where dated: effective, onset, authored, the beginning of a period
    TimeMs until_ms = 0;  ///< behind its end, which for a period that is open is the last time there is

    static constexpr std::string_view kName = "ResourceFacts";
    static constexpr auto kFields = codec::table(
        codec::field<1>("type", &ResourceFacts::type), codec::field<2>("id", &ResourceFacts::id),
        codec::field<3>("codes", &ResourceFacts::codes), codec::field<4>("labels", &ResourceFacts::labels),
        codec::field<5>("authors", &ResourceFacts::authors), codec::field<6>("dated", &ResourceFacts::dated),
        codec::field<7>("time_ms", &ResourceFacts::time_ms), codec::field<8>("until_ms", &ResourceFacts::until_ms));
};

/// Errors: kUsage for what is not a FHIR resource in JSON: a decision that needs it refuses
Result<ResourceFacts> facts_of(ByteView resource);

}  // namespace salus::application
