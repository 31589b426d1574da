#pragma once

#include "application/vault/vault.hpp"

/// The vault's tables as vault.cpp, anchor.cpp and the checker share them; nobody else looks inside.
namespace salus::application::rows {

// versions   one row a version, pending or anchored; `number` counts up and is never used again, so a salt is not
// either bodies     stand apart, so that the rows that are walked and changed stay small resources  what is anchored,
// and only that: a version above resources.version is pending appends    one row an append; no height: it is pending
// pads       openings of leaves that stand for nothing; strays: leaves on the chain that this vault has no row for
inline constexpr std::string_view kSteps[] = {
    "CREATE TABLE vault_meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);"
    "CREATE TABLE subjects (id BLOB PRIMARY KEY, patient TEXT NOT NULL, seq BIGINT NOT NULL, leaf BLOB NOT NULL);"
    "CREATE TABLE versions (number BIGINT PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL,"
    " subject BLOB NOT NULL, op BIGINT NOT NULL, written_ms BIGINT NOT NULL, origin BLOB, digest BLOB NOT NULL,"
    " kek BIGINT NOT NULL, incarnation BIGINT NOT NULL, leaf_index BIGINT NOT NULL, leaf BLOB NOT NULL, seq BIGINT NOT "
    "NULL,"
    " previous BLOB NOT NULL);"
    "CREATE UNIQUE INDEX versions_name ON versions (type, id, version);"
    "CREATE UNIQUE INDEX versions_leaf ON versions (leaf_index);"
    "CREATE TABLE bodies (number BIGINT PRIMARY KEY, data_key BLOB NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE resources (number BIGINT PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, subject BLOB NOT NULL,"
    " current BIGINT NOT NULL, version BIGINT NOT NULL);"
    "CREATE UNIQUE INDEX resources_name ON resources (type, id);"
    "CREATE INDEX resources_subject ON resources (subject, number);"
    "CREATE INDEX resources_type ON resources (type, number);"
    "CREATE UNIQUE INDEX resources_current ON resources (current);"
    "CREATE TABLE tokens (token BLOB NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (token, number));"
    "CREATE TABLE appends (first_index BIGINT PRIMARY KEY, leaves BIGINT NOT NULL, log BLOB NOT NULL, height BIGINT, "
    "time_ms BIGINT);"
    "CREATE TABLE pads (leaf_index BIGINT PRIMARY KEY, salt BLOB NOT NULL, noise BLOB NOT NULL);"
    "CREATE TABLE strays (leaf_index BIGINT PRIMARY KEY, leaf BLOB NOT NULL);"
    "CREATE TABLE requests (id TEXT PRIMARY KEY, digest BLOB NOT NULL, answer BLOB NOT NULL, append BIGINT NOT NULL)",
    // No table changes: the tags of AuditRecord, and the name under which search tokens are made, did.
    "",
};
/// What is in a vault of an earlier version would be read as something else, or not found.
inline constexpr std::uint64_t kOldestVersion = 2;

// Names in vault_meta.
inline constexpr std::string_view kOrganisation = "organisation";
inline constexpr std::string_view kIndexKey = "index key";       ///< sealed under the organisation's KEK
inline constexpr std::string_view kIncarnation = "incarnation";  ///< u64
inline constexpr std::string_view kNumber = "number";            ///< u64: all below were used
inline constexpr std::string_view kLog = "log";                  ///< LogFrontier of what is anchored

Result<std::optional<Bytes>> meta(Reading& reading, std::string_view name);
Status set_meta(Writing& writing, std::string_view name, ByteView value);
/// Errors: kCorrupt where it is missing
Result<std::uint64_t> meta_number(Reading& reading, std::string_view name);
Result<LogFrontier> log(Reading& reading);

/// Columns of a StoredVersion of table alias v, and their types for `select`.
inline constexpr std::string_view kVersionColumns =
    "v.number, v.type, v.id, v.version, v.subject, v.op, v.written_ms, v.origin, v.digest, v.kek, v.incarnation, "
    "v.leaf_index, v.leaf,"
    " v.seq, v.previous";
inline constexpr std::size_t kVersionColumnCount = 15;
std::vector<CellKind> version_kinds();
/// From the first kVersionColumnCount cells. Errors: kCorrupt
Result<StoredVersion> to_version(std::span<Cell> row);

/// The two salts of a version's leaf: of its content and of its place in the chain. They die with the KEK.
struct Salts {
    Salt content{};
    Salt chain{};
};
/// HKDF-SHA256(KEK, info "salus.salts.v1" || u64 generation || u64 incarnation || u8 length || type || u8 length || id
/// || u64 version || u64 number), 32 bytes
Salts salts(const Kek& kek, std::uint64_t incarnation, std::string_view type, std::string_view id,
            std::uint64_t version, std::uint64_t number);

/// What a sealed body, and its wrapped data key, is.
Bytes associated_data(const AccountId& organisation, std::string_view type, std::string_view id, std::uint64_t version,
                      std::uint64_t number);

struct SealedBody {
    Bytes data_key;
    Bytes body;
};
/// Draws a data key for this version alone, wraps it under `kek`, seals the body under it.
SealedBody seal_body(const Kek& kek, ByteView associated, ByteView body, Random& random);
/// Errors: kCorrupt
Result<Bytes> open_body(const Kek& kek, ByteView associated, ByteView data_key, ByteView body);

/// A subject's or the organisation's own.
KekKind kek_kind(const SubjectId& subject, const AccountId& organisation);

}  // namespace salus::application::rows
