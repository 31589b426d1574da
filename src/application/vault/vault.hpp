#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "application/keys/key_store.hpp"
#include "application/vault/database.hpp"
#include "model/leaf.hpp"
#include "model/merkle_log.hpp"

/// An organisation's own data: what was stored, under which keys, as which leaf. Source: docs/protocol.md, "At rest"
namespace salus::application {

/// A keyed hash of a search parameter and a normalised value: what the index holds in place of the value.
using SearchToken = ByteArray<16>;

/// One anchored version of one resource.
struct StoredVersion {
    std::uint64_t row = 0;  ///< its number in the vault; also the attempt that its salts are derived from
    std::string type;       ///< FHIR resource type
    std::string id;         ///< FHIR logical id
    std::uint64_t version = 0;
    SubjectId subject;  ///< whose chain it stands in; the organisation's own id for what belongs to it
    RecordOp op{};
    TimeMs written_ms = 0;
    Hash origin{};
    Hash digest{};  ///< SHA-256 of the body
    std::uint64_t kek_generation = 0;
    std::uint64_t incarnation = 0;
    std::uint64_t leaf_index = 0;
    Hash leaf{};
    std::uint64_t seq = 0;
    Hash previous{};
};

/// A version with its bytes.
struct StoredResource {
    StoredVersion version;
    Bytes body;  ///< exactly the bytes that the leaf's digest is over
    bool current = false;
};

struct OpenedLeaf {
    LeafOpening opening;
    LeafChain chain;   ///< for the patient and an auditor only
    Hash nullifier{};  ///< whose absence on the chain says "not replaced"
};

struct SearchQuery {
    std::vector<std::string> types;  ///< empty: all
    std::vector<std::string> ids;    ///< empty: all
    std::optional<SubjectId> subject;
    /// Each group is an AND of alternatives (OR): identifier=a,b is one group of two.
    std::vector<std::vector<SearchToken>> tokens;
    std::uint64_t after = 0;  ///< continue behind this place (SearchPage::next)
    std::size_t count = 50;
    bool with_total = true;
    std::vector<SubjectId> without{};  ///< whose resources do not count
};
struct SearchPage {
    std::vector<StoredResource> resources;  ///< the current versions, in the order in which they were first stored
    std::optional<std::uint64_t> next;      ///< where the next page begins; nothing on the last
    std::uint64_t total = 0;                ///< where asked for
};

/// Errors of every function: kIo; kCorrupt where a stored row does not open or is not what its leaf says.
class Vault {
public:
    virtual ~Vault() = default;

    struct Parts {
        Database& database;
        KeyStore& keys;
        Random& random;
        AccountId organisation;
        std::size_t page_bytes_max = 32UL * 1024 * 1024;  ///< of bodies; one that is larger makes a page of its own
    };
    /// Errors: kSchema; kConflict where the database is another organisation's
    static Result<std::unique_ptr<Vault>> open(const Parts& parts);

    [[nodiscard]] virtual const AccountId& organisation() const = 0;
    /// The subject of what belongs to the organisation itself.
    [[nodiscard]] SubjectId own_subject() const { return SubjectId{organisation().bytes}; }
    [[nodiscard]] virtual Database& database() = 0;
    [[nodiscard]] virtual KeyStore& keys() = 0;

    /// The current version, or that one. Nothing where there is none (or it is not anchored yet).
    virtual Result<std::optional<StoredResource>> find(std::string_view type, std::string_view id,
                                                       std::optional<std::uint64_t> version = {}) = 0;
    /// The same without opening the body.
    virtual Result<std::optional<StoredVersion>> find_version(std::string_view type, std::string_view id,
                                                              std::optional<std::uint64_t> version = {}) = 0;
    /// Newest first, those below `before` (0: all), at most `count` and a page.
    virtual Result<std::vector<StoredResource>> history(std::string_view type, std::string_view id,
                                                        std::uint64_t before, std::size_t count) = 0;
    /// At most query.count, and Parts::page_bytes_max.
    virtual Result<SearchPage> search(const SearchQuery& query) = 0;
    /// Whose the resources are that match; opens none.
    virtual Result<std::vector<SubjectId>> subjects(const SearchQuery& query) = 0;
    /// How many resources match; opens none.
    virtual Result<std::uint64_t> count(const SearchQuery& query) = 0;

    /// The subject whose Patient resource has this id; nothing where none has.
    virtual Result<std::optional<SubjectId>> subject_of_patient(std::string_view patient_id) = 0;
    /// The id of the subject's Patient resource.
    virtual Result<std::optional<std::string>> patient_of(const SubjectId& subject) = 0;

    /// The leaf of a version, opened with the salts that its KEK gives. Errors: kGone where the KEK was erased
    virtual Result<OpenedLeaf> open_leaf(const StoredVersion& version) = 0;

    /// `value` is normalised by the caller (fhir/search_query.hpp); the same value under another parameter is another
    /// token.
    [[nodiscard]] virtual SearchToken token(std::string_view parameter, std::string_view value) const = 0;

    /// The vault's own account of its log on the chain.
    virtual Result<LogFrontier> log_frontier() = 0;
};

}  // namespace salus::application
