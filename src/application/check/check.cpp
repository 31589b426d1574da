#include "application/check/check.hpp"

#include <algorithm>

#include "application/check/check_rows.hpp"
#include "application/check/sealed_rows.hpp"
#include "application/fhir/document.hpp"
#include "application/fhir/search_query.hpp"
#include "application/vault/rows.hpp"
#include "model/contracts/records.hpp"

namespace salus::application {
namespace {

constexpr std::uint64_t kChunk = 1'000;  ///< leaves looked at in one snapshot

std::string name_of(const StoredVersion& v) { return v.type + "/" + v.id + "/_history/" + std::to_string(v.version); }
std::string leaf_name(std::uint64_t index) { return "leaf " + std::to_string(index); }

/// What the vault has at some leaf indices.
struct Chunk {
    std::vector<std::pair<std::uint64_t, Result<StoredVersion>>> versions;
    std::vector<std::tuple<std::uint64_t, Salt, ByteArray<32>>> pads;
    std::vector<std::tuple<std::uint64_t, Hash>> strays;
};

Result<Chunk> read_chunk(Reading& reading, std::uint64_t begin, std::uint64_t end) {
    Chunk chunk;
    const std::string sql =
        "SELECT " + std::string(rows::kVersionColumns) +
        ", v.leaf_index FROM versions v WHERE v.leaf_index >= :begin AND v.leaf_index < :end ORDER BY v.leaf_index";
    auto kinds = rows::version_kinds();
    kinds.push_back(CellKind::kInteger);
    const CellView params[] = {to_cell(begin), to_cell(end)};
    SALUS_TRY_STATUS(reading.select(sql, params, kinds, [&](std::span<Cell> row) {
        std::uint64_t index = 0;
        from_cell(row[rows::kVersionColumnCount], index);
        chunk.versions.emplace_back(index, rows::to_version(row));
    }));
    SALUS_TRY(
        chunk.pads,
        (reading.query<std::uint64_t, Salt, ByteArray<32>>(
            "SELECT leaf_index, salt, noise FROM pads WHERE leaf_index >= :begin AND leaf_index < :end", begin, end)));
    SALUS_TRY(chunk.strays,
              (reading.query<std::uint64_t, Hash>(
                  "SELECT leaf_index, leaf FROM strays WHERE leaf_index >= :begin AND leaf_index < :end", begin, end)));
    return chunk;
}

class Checker : SealedRows {
public:
    Checker(Vault& vault, const StateReader& state, const LogReader& log, CheckReport& report)
        : SealedRows(vault, report), state_(state), log_(log) {}

    Status run(const std::function<void(std::uint64_t, std::uint64_t)>& progress);

private:
    Status check_leaves(std::uint64_t begin, std::uint64_t end);
    Status check_version(const StoredVersion& version, const Hash& chain_leaf);
    Status check_currency(const StoredVersion& version, const Hash& nullifier);
    Status check_index(const StoredVersion& version, const Bytes& body);

    const StateReader& state_;
    const LogReader& log_;
    std::uint64_t tokens_ = 0;  ///< that the versions give
};

/// Whether what the chain says of its being replaced is what the vault says.
Status Checker::check_currency(const StoredVersion& version, const Hash& nullifier) {
    SALUS_TRY(const auto superseded,
              state_.get(Contract::kRecords, records::superseded_key(vault_.organisation(), nullifier)));
    SALUS_TRY(const auto current, vault_.find_version(version.type, version.id));
    if (!current) return {};  // found by check_version
    const bool replaced = current->version > version.version;
    if (replaced && !superseded) altered(name_of(version), "the vault has a later version; the chain was not told");
    if (!replaced && superseded)
        find(Finding::Kind::kMissing, name_of(version),
             "the chain says it was replaced; the vault has no later version");
    return {};
}

Status Checker::check_version(const StoredVersion& version, const Hash& chain_leaf) {
    ++report_.versions;
    if (version.leaf != chain_leaf)
        altered(name_of(version),
                "its row names another leaf than the chain has at " + std::to_string(version.leaf_index));
    const auto opened = vault_.open_leaf(version);
    if (!opened) {
        altered(name_of(version), opened.error().message);
    } else {
        if (opened->opening.leaf() != chain_leaf) altered(name_of(version), "its leaf is not the chain's");
        SALUS_TRY_STATUS(check_currency(version, opened->nullifier));
    }
    const auto stored = vault_.find(version.type, version.id, version.version);
    if (!stored)
        altered(name_of(version), stored.error().message);
    else if (!*stored)
        find(Finding::Kind::kMissing, name_of(version), "its body or the entry of its resource is gone");
    else
        SALUS_TRY_STATUS(check_index(version, (*stored)->body));
    return {};
}

/// Whether the version is found by all that it is to be found by.
Status Checker::check_index(const StoredVersion& version, const Bytes& body) {
    const auto document = Document::parse(body);
    if (!document) {
        altered(name_of(version), document.error().to_string());
        return {};
    }
    const auto terms = terms_of(document->root());
    tokens_ += terms.size();
    return vault_.database().read([&](Reading& reading) -> Status {
        for (const SearchTerm& term : terms) {
            SALUS_TRY(const auto found, reading.query_value<std::uint64_t>(
                                            "SELECT COUNT(*) FROM tokens WHERE token = :token AND number = :number",
                                            vault_.token(term.parameter, term.value), version.row));
            if (found.value_or(0) == 0)
                find(Finding::Kind::kMissing, name_of(version), "an entry of the search index is gone");
        }
        return {};
    });
}

Status Checker::check_leaves(std::uint64_t begin, std::uint64_t end) {
    SALUS_TRY(const Chunk chunk,
              vault_.database().read([&](Reading& reading) { return read_chunk(reading, begin, end); }));
    std::vector<bool> known(end - begin);
    const auto chain_leaf = [&](std::uint64_t index) {
        known[index - begin] = true;
        return log_.node(0, index);
    };
    for (const auto& [index, version] : chunk.versions) {
        SALUS_TRY(const Hash leaf, chain_leaf(index));
        if (version)
            SALUS_TRY_STATUS(check_version(*version, leaf));
        else
            altered(leaf_name(index), version.error().message);
    }
    for (const auto& [index, salt, noise] : chunk.pads) {
        ++report_.pads;
        SALUS_TRY(const Hash leaf, chain_leaf(index));
        if (pad_leaf(salt, noise) != leaf)
            altered(leaf_name(index), "the opening of a pad does not give the chain's leaf");
    }
    for (const auto& [index, noted] : chunk.strays) {
        SALUS_TRY(const Hash leaf, chain_leaf(index));
        find(Finding::Kind::kMissing, leaf_name(index),
             leaf == noted ? "its row was lost when a backup was restored" : "noted as another leaf");
    }
    for (std::uint64_t index = begin; index < end; ++index)
        if (!known[index - begin])
            find(Finding::Kind::kMissing, leaf_name(index), "the chain has it, the vault has no row for it");
    return {};
}

Status Checker::run(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const auto keys = vault_.keys().check();
    if (keys)
        report_.keys = *keys;
    else
        altered("the key store", keys.error().message);

    SALUS_TRY(const auto stored,
              read_value<records::LogState>(state_, Contract::kRecords, records::log_key(vault_.organisation())));
    const LogFrontier theirs = stored.value_or(LogFrontier{});
    SALUS_TRY(const LogFrontier mine, vault_.log_frontier());
    if (theirs.count < mine.count)
        find(Finding::Kind::kMissing, leaf_name(theirs.count) + " to " + std::to_string(mine.count - 1),
             "the vault has them, the chain ends before");
    else if (theirs.count == mine.count && theirs.root() != mine.root())
        altered("the vault's account of its log", "its root is not the chain's");
    for (std::uint64_t begin = 0; begin < theirs.count; begin += kChunk) {
        const std::uint64_t end = std::min(begin + kChunk, theirs.count);
        SALUS_TRY_STATUS(check_leaves(begin, end));
        if (progress) progress(end, theirs.count);
    }
    check_rows(vault_, {theirs.count, tokens_}, report_);
    return {};
}

}  // namespace

std::string_view kind_name(Finding::Kind kind) noexcept {
    switch (kind) {
        case Finding::Kind::kMissing:
            return "missing";
        case Finding::Kind::kExtra:
            return "extra";
        case Finding::Kind::kAltered:
            return "altered";
    }
    return "altered";
}

Result<CheckReport> check_vault(Vault& vault, const StateReader& state, const LogReader& log,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    CheckReport report;
    SALUS_TRY_STATUS(Checker(vault, state, log, report).run(progress));
    return report;
}

}  // namespace salus::application
