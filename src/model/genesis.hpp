#pragma once

#include <string>
#include <vector>

#include "model/certificate.hpp"
#include "model/contracts/governance.hpp"
#include "model/state_tree.hpp"

/// The state that a network begins with, and its name. Source: docs/protocol.md, "Genesis"
namespace salus {

enum class NetworkMode : std::uint32_t { kPrivate = 1, kConsortium = 2, kPublic = 3 };
constexpr bool is_known(NetworkMode mode) noexcept {
    return mode >= NetworkMode::kPrivate && mode <= NetworkMode::kPublic;
}

struct GenesisMember {
    FoundingAccount account;  ///< an organisation
    governance::Admit admission;

    static constexpr std::string_view kName = "GenesisMember";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &GenesisMember::account),
                                                 codec::field<2>("admission", &GenesisMember::admission));
    bool operator==(const GenesisMember&) const = default;
};

struct GenesisPolicy {
    std::string jurisdiction;
    std::uint64_t version = 0;
    Bytes document;

    static constexpr std::string_view kName = "GenesisPolicy";
    static constexpr auto kFields =
        codec::table(codec::field<1>("jurisdiction", &GenesisPolicy::jurisdiction, 16),
                     codec::field<2>("version", &GenesisPolicy::version),
                     codec::field<3>("document", &GenesisPolicy::document, kPolicyBytesMax));
    bool operator==(const GenesisPolicy&) const = default;
};

struct Genesis {
    std::uint32_t version = kProtocolVersion;
    std::string name;
    TimeMs time_ms = 0;
    NetworkMode mode{};
    EraRecord era;
    std::vector<GenesisMember> members;
    std::vector<governance::SetParameter> parameters;  ///< those that differ from the initial values
    std::vector<GenesisPolicy> policies;
    ByteArray<16> salt{};

    static constexpr std::string_view kName = "Genesis";
    static constexpr auto kFields =
        codec::table(codec::field<1>("version", &Genesis::version), codec::field<2>("name", &Genesis::name, 100),
                     codec::field<3>("time_ms", &Genesis::time_ms), codec::field<4>("mode", &Genesis::mode),
                     codec::field<5>("era", &Genesis::era), codec::field<6>("members", &Genesis::members, kMembersMax),
                     codec::field<7>("parameters", &Genesis::parameters, 100),
                     codec::field<8>("policies", &Genesis::policies, 100), codec::field<9>("salt", &Genesis::salt));
    bool operator==(const Genesis&) const = default;

    /// SHA-256("salus.genesis.v1" || encoding)
    [[nodiscard]] NetworkId network_id() const;
};

/// Decodes, and checks what the encoding cannot: ids that are the hashes of their accounts, one operator, no one twice,
/// parameters within their bounds, keys each used once.
/// Errors: kMalformedEncoding, kConfig, naming the member or parameter
Result<Genesis> parse_genesis(ByteView bytes);

/// The state at height 0, in the order of paths.
std::vector<StateChange> genesis_state(const Genesis& genesis);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(Genesis)
}  // namespace salus
