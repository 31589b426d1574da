#include "application/vault/vault.hpp"

#include <deque>

#include "application/vault/id_list.hpp"
#include "application/vault/rows.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kIndexKeyName = "salus.vault.index.v1";

constexpr std::string_view kBodiesJoin =
    "resources r JOIN versions v ON v.type = r.type AND v.id = r.id JOIN bodies b ON b.number = v.number WHERE ";

/// A statement that is put together from parts, with its parameters in order.
class Composed {
public:
    explicit Composed(std::string text) : text_(std::move(text)) {}
    Composed& add(std::string_view text) {
        text_ += text;
        return *this;
    }
    template <class T>
    Composed& bind(const T& value) {
        text_ += next_name();
        params_.push_back(to_cell(value));
        return *this;
    }
    /// Of as many as there are. Pre: not empty
    template <class Id>
    Composed& bind_ids(const std::vector<Id>& ids) {
        const Bytes& bytes = joined_.emplace_back(joined(ids));
        const std::string size_name = next_name();
        params_.push_back(to_cell(bytes.size()));
        text_ += id_list<Id>(size_name, next_name());
        params_.push_back(to_cell(bytes));
        return *this;
    }
    template <class Values>
    Composed& bind_list(const Values& values) {
        add("(");
        for (bool first = true; const auto& value : values) {
            if (!std::exchange(first, false)) add(", ");
            bind(value);
        }
        return add(")");
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<CellView>& params() const { return params_; }

private:
    [[nodiscard]] std::string next_name() const { return ":p" + std::to_string(params_.size()); }

    std::string text_;
    std::vector<CellView> params_;
    std::deque<Bytes> joined_;  ///< what parameters refer to: it does not move
};

/// The conditions of a search on table r; values are bound, never written into the text.
void add_conditions(Composed& sql, const SearchQuery& query) {
    if (!query.types.empty()) sql.add(" AND r.type IN ").bind_list(query.types);
    if (!query.ids.empty()) sql.add(" AND r.id IN ").bind_list(query.ids);
    if (query.subject) sql.add(" AND r.subject = ").bind(*query.subject);
    if (!query.without.empty()) sql.add(" AND r.subject NOT IN ").bind_ids(query.without);
    for (const auto& alternatives : query.tokens)
        sql.add(" AND r.current IN (SELECT number FROM tokens WHERE token IN ").bind_list(alternatives).add(")");
}

class SqlVault final : public Vault {
public:
    explicit SqlVault(const Parts& parts) : parts_(parts) {}

    Status begin();
    [[nodiscard]] const AccountId& organisation() const override { return parts_.organisation; }
    [[nodiscard]] Database& database() override { return parts_.database; }
    [[nodiscard]] KeyStore& keys() override { return parts_.keys; }

    Result<std::optional<StoredResource>> find(std::string_view type, std::string_view id,
                                               std::optional<std::uint64_t> version) override;
    Result<std::optional<StoredVersion>> find_version(std::string_view type, std::string_view id,
                                                      std::optional<std::uint64_t> version) override;
    Result<std::vector<StoredResource>> history(std::string_view type, std::string_view id, std::uint64_t before,
                                                std::size_t count) override;
    Result<SearchPage> search(const SearchQuery& query) override;
    Result<std::vector<SubjectId>> subjects(const SearchQuery& query) override;
    Result<std::uint64_t> count(const SearchQuery& query) override;
    Result<std::optional<SubjectId>> subject_of_patient(std::string_view patient_id) override;
    Result<std::optional<std::string>> patient_of(const SubjectId& subject) override;
    Result<OpenedLeaf> open_leaf(const StoredVersion& version) override;
    [[nodiscard]] SearchToken token(std::string_view parameter, std::string_view value) const override;
    Result<LogFrontier> log_frontier() override;

private:
    /// A row of a version, its sealed body, and the number of the resource's current version.
    struct SealedRow {
        StoredVersion version;
        Bytes data_key;
        Bytes body;
        std::uint64_t current = 0;
        std::uint64_t resource = 0;
    };
    /// How many of the first rows make a page, and whether there are more.
    struct Fit {
        std::size_t count = 0;
        bool more = false;
    };
    Result<Fit> fit(std::string_view where, std::span<const CellView> params, std::size_t count);
    Result<std::vector<SealedRow>> rows(std::string_view where, std::span<const CellView> params);
    Result<StoredResource> open_row(const SealedRow& row);
    Result<std::vector<StoredResource>> open_rows(const std::vector<SealedRow>& rows);
    Result<std::shared_ptr<const Kek>> kek_of(const StoredVersion& version);

    const Parts parts_;
    crypto::SecretBytes index_key_;
};

Status SqlVault::begin() {
    SALUS_TRY_STATUS(parts_.database.migrate("vault", rows::kSteps, rows::kOldestVersion));
    SALUS_TRY(const auto owner,
              parts_.database.read([](Reading& reading) { return rows::meta(reading, rows::kOrganisation); }));
    if (owner && !equal(*owner, parts_.organisation))
        return fail(ErrorCode::kConflict, "the vault is another organisation's");
    if (!owner) {
        const auto drawn = parts_.random.bytes<32>();
        SALUS_TRY(const auto sealed,
                  parts_.keys.seal(KekKind::kOrganisation, parts_.organisation.bytes, as_bytes(kIndexKeyName), drawn));
        const Status made = parts_.database.transaction([&](Writing& writing) -> Status {
            SALUS_TRY_STATUS(rows::set_meta(writing, rows::kOrganisation, parts_.organisation));
            SALUS_TRY_STATUS(rows::set_meta(writing, rows::kIndexKey, sealed));
            SALUS_TRY_STATUS(rows::set_meta(writing, rows::kIncarnation, big_endian(std::uint64_t{1})));
            SALUS_TRY_STATUS(rows::set_meta(writing, rows::kNumber, big_endian(std::uint64_t{1})));
            SALUS_TRY_STATUS(writing.run("INSERT INTO subjects (id, patient, seq, leaf) VALUES (:id, '', 0, :leaf)",
                                         parts_.organisation, Hash{}));
            return {};
        });
        SALUS_TRY_STATUS(made);
    }
    SALUS_TRY(const auto sealed,
              parts_.database.read([](Reading& reading) { return rows::meta(reading, rows::kIndexKey); }));
    if (!sealed) return fail(ErrorCode::kCorrupt, "the vault has no index key");
    SALUS_TRY(auto key,
              parts_.keys.unseal(KekKind::kOrganisation, parts_.organisation.bytes, as_bytes(kIndexKeyName), *sealed));
    index_key_ = crypto::SecretBytes(std::move(key));
    return {};
}

Result<std::shared_ptr<const Kek>> SqlVault::kek_of(const StoredVersion& version) {
    auto kek = parts_.keys.get(rows::kek_kind(version.subject, parts_.organisation), version.subject.bytes,
                               version.kek_generation);
    if (!kek && kek.error().code == ErrorCode::kNotFound)
        return fail(ErrorCode::kGone, "the key of row " + std::to_string(version.row) + " is not kept any more");
    return kek;
}

/// Looks at sizes before any body is read. One row more than `count` tells whether there is another page.
Result<SqlVault::Fit> SqlVault::fit(std::string_view where, std::span<const CellView> params, std::size_t count) {
    const std::size_t wanted = count + 1;
    std::vector<CellView> bound(params.begin(), params.end());
    bound.push_back(to_cell(wanted));
    constexpr CellKind kColumns[] = {CellKind::kInteger};
    Fit out;
    std::size_t bytes = 0;
    SALUS_TRY_STATUS(parts_.database.read([&](Reading& reading) {
        return reading.select(
            "SELECT LENGTH(b.body) FROM " + std::string(kBodiesJoin) + std::string(where) + " LIMIT :fit", bound,
            kColumns, [&](std::span<Cell> row) {
                std::int64_t size = 0;
                from_cell(row[0], size);
                bytes += static_cast<std::size_t>(size);
                if (!out.more && out.count < count && (out.count == 0 || bytes <= parts_.page_bytes_max))
                    ++out.count;
                else
                    out.more = true;
            });
    }));
    return out;
}

Result<std::vector<SqlVault::SealedRow>> SqlVault::rows(std::string_view where, std::span<const CellView> params) {
    const std::string sql = "SELECT " + std::string(rows::kVersionColumns) +
                            ", b.data_key, b.body, r.current, r.number FROM " + std::string(kBodiesJoin) +
                            std::string(where);
    auto kinds = rows::version_kinds();
    kinds.insert(kinds.end(), {CellKind::kBytes, CellKind::kBytes, CellKind::kInteger, CellKind::kInteger});
    std::vector<SealedRow> out;
    Status status;
    SALUS_TRY_STATUS(parts_.database.read([&](Reading& reading) {
        return reading.select(sql, params, kinds, [&](std::span<Cell> cells) {
            if (!status) return;
            auto version = rows::to_version(cells);
            SealedRow row;
            const auto rest = cells.subspan(rows::kVersionColumnCount);
            if (version && from_cell(rest[0], row.data_key) && from_cell(rest[1], row.body) &&
                from_cell(rest[2], row.current) && from_cell(rest[3], row.resource)) {
                row.version = *std::move(version);
                out.push_back(std::move(row));
            } else {
                status = fail(version ? Error(ErrorCode::kCorrupt, "a row of the vault is not as it was written")
                                      : version.error());
            }
        });
    }));
    if (!status) return tl::make_unexpected(std::move(status).error());
    return out;
}

Result<StoredResource> SqlVault::open_row(const SealedRow& row) {
    const StoredVersion& v = row.version;
    SALUS_TRY(const auto kek, kek_of(v));
    auto body = rows::open_body(*kek, rows::associated_data(parts_.organisation, v.type, v.id, v.version, v.row),
                                row.data_key, row.body);
    if (!body || crypto::sha256(*body) != v.digest)
        return fail(ErrorCode::kCorrupt,
                    v.type + "/" + v.id + " version " + std::to_string(v.version) + " is not what was stored");
    return StoredResource{v, *std::move(body), row.current == v.row};
}

Result<std::vector<StoredResource>> SqlVault::open_rows(const std::vector<SealedRow>& sealed) {
    std::vector<StoredResource> out;
    for (const SealedRow& row : sealed) {
        SALUS_TRY(auto opened, open_row(row));
        out.push_back(std::move(opened));
    }
    return out;
}

Result<std::optional<StoredResource>> SqlVault::find(std::string_view type, std::string_view id,
                                                     std::optional<std::uint64_t> version) {
    std::vector<CellView> params{to_cell(type), to_cell(id)};
    std::string_view where = "r.type = :type AND r.id = :id AND v.number = r.current";
    if (version) {
        where = "r.type = :type AND r.id = :id AND v.version = :version AND v.version <= r.version";
        params.push_back(to_cell(*version));
    }
    SALUS_TRY(const auto found, rows(where, params));
    if (found.empty()) return std::optional<StoredResource>{};
    SALUS_TRY(auto opened, open_row(found.front()));
    return std::optional(std::move(opened));
}

Result<std::optional<StoredVersion>> SqlVault::find_version(std::string_view type, std::string_view id,
                                                            std::optional<std::uint64_t> version) {
    Composed sql("SELECT " + std::string(rows::kVersionColumns) +
                 " FROM resources r JOIN versions v ON v.type = r.type AND v.id = r.id WHERE r.type = ");
    sql.bind(type).add(" AND r.id = ").bind(id);
    if (version)
        sql.add(" AND v.version <= r.version AND v.version = ").bind(*version);
    else
        sql.add(" AND v.number = r.current");
    std::optional<Result<StoredVersion>> found;
    SALUS_TRY_STATUS(parts_.database.read([&](Reading& reading) {
        return reading.select(sql.text(), sql.params(), rows::version_kinds(),
                              [&](std::span<Cell> cells) { found = rows::to_version(cells); });
    }));
    if (!found) return std::optional<StoredVersion>{};
    if (!*found) return tl::make_unexpected(found->error());
    return std::optional(**std::move(found));
}

Result<std::vector<StoredResource>> SqlVault::history(std::string_view type, std::string_view id, std::uint64_t before,
                                                      std::size_t count) {
    const std::uint64_t bound = before == 0 ? std::numeric_limits<std::int64_t>::max() : before;
    const std::string where =
        "r.type = :type AND r.id = :id AND v.version <= r.version AND v.version < :before ORDER BY v.version DESC";
    std::vector<CellView> params{to_cell(type), to_cell(id), to_cell(bound)};
    SALUS_TRY(const Fit page, fit(where, params, count));
    params.push_back(to_cell(page.count));
    SALUS_TRY(const auto found, rows(where + " LIMIT :count", params));
    return open_rows(found);
}

Result<std::vector<SubjectId>> SqlVault::subjects(const SearchQuery& query) {
    Composed sql("SELECT DISTINCT r.subject FROM resources r WHERE 1 = 1");
    add_conditions(sql, query);
    std::vector<SubjectId> out;
    bool sound = true;
    constexpr CellKind kColumns[] = {CellKind::kBytes};
    SALUS_TRY_STATUS(parts_.database.read([&](Reading& reading) {
        return reading.select(sql.text(), sql.params(), kColumns,
                              [&](std::span<Cell> row) { sound = from_cell(row[0], out.emplace_back()) && sound; });
    }));
    if (!sound) return fail(ErrorCode::kCorrupt, "a row of the vault is not as it was written");
    return out;
}

Result<std::uint64_t> SqlVault::count(const SearchQuery& query) {
    Composed sql("SELECT COUNT(*) FROM resources r WHERE 1 = 1");
    add_conditions(sql, query);
    std::int64_t total = 0;
    constexpr CellKind kColumns[] = {CellKind::kInteger};
    SALUS_TRY_STATUS(parts_.database.read([&](Reading& reading) {
        return reading.select(sql.text(), sql.params(), kColumns,
                              [&](std::span<Cell> row) { from_cell(row[0], total); });
    }));
    return static_cast<std::uint64_t>(total);
}

Result<SearchPage> SqlVault::search(const SearchQuery& query) {
    SearchPage page;
    if (query.with_total) {
        SALUS_TRY(page.total, count(query));
    }
    Composed where("v.number = r.current AND r.number > ");
    where.bind(query.after);
    add_conditions(where, query);
    where.add(" ORDER BY r.number");
    SALUS_TRY(const Fit fitting, fit(where.text(), where.params(), query.count));
    where.add(" LIMIT ").bind(fitting.count);
    SALUS_TRY(const auto found, rows(where.text(), where.params()));
    if (fitting.more) page.next = found.empty() ? query.after : found.back().resource;
    SALUS_TRY(page.resources, open_rows(found));
    return page;
}

Result<std::optional<SubjectId>> SqlVault::subject_of_patient(std::string_view patient_id) {
    return parts_.database.read([&](Reading& reading) {
        return reading.query_value<SubjectId>("SELECT subject FROM resources WHERE type = 'Patient' AND id = :id",
                                              patient_id);
    });
}

Result<std::optional<std::string>> SqlVault::patient_of(const SubjectId& subject) {
    return parts_.database.read([&](Reading& reading) {
        return reading.query_value<std::string>("SELECT patient FROM subjects WHERE id = :id AND patient <> ''",
                                                subject);
    });
}

Result<OpenedLeaf> SqlVault::open_leaf(const StoredVersion& version) {
    SALUS_TRY(const auto kek, kek_of(version));
    const auto salts = rows::salts(*kek, version.incarnation, version.type, version.id, version.version, version.row);
    OpenedLeaf out;
    out.opening.content = {salts.content, parts_.organisation, version.type,   version.id,    version.version,
                           version.op,    version.written_ms,  version.origin, kDigestSha256, version.digest};
    out.chain = {salts.chain, version.seq, version.previous};
    out.opening.chain = out.chain.hash();
    out.opening.index = version.leaf_index;
    out.nullifier = superseded_nullifier(salts.content);
    if (out.opening.leaf() != version.leaf)
        return fail(ErrorCode::kCorrupt, version.type + "/" + version.id + " version " +
                                             std::to_string(version.version) + " is not what its leaf says");
    return out;
}

SearchToken SqlVault::token(std::string_view parameter, std::string_view value) const {
    const ByteArray<1> separator{};
    const Hash mac = crypto::hmac_sha256(
        index_key_.expose(), {as_bytes("salus.index.v1"), separator, as_bytes(parameter), separator, as_bytes(value)});
    SearchToken out{};
    std::copy_n(mac.begin(), out.size(), out.begin());
    return out;
}

Result<LogFrontier> SqlVault::log_frontier() {
    return parts_.database.read([](Reading& reading) { return rows::log(reading); });
}

}  // namespace

Result<std::unique_ptr<Vault>> Vault::open(const Parts& parts) {
    auto vault = std::make_unique<SqlVault>(parts);
    SALUS_TRY_STATUS(vault->begin());
    return std::unique_ptr<Vault>(std::move(vault));
}

}  // namespace salus::application
