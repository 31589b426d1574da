#include "application/vault/append_plan.hpp"

#include <algorithm>

namespace salus::application {
namespace {

/// Room for the body's other fields, the signature and the framing.
constexpr std::size_t kFramingBytesMax = 4096;

std::size_t padded(std::size_t leaves) { return (leaves + kAppendMultiple - 1) / kAppendMultiple * kAppendMultiple; }

/// A subject's chain while the plan grows.
struct ChainEnd {
    std::uint64_t seq = 0;
    Hash leaf{};
};

std::uint64_t random_below(Random& random, std::uint64_t bound) {
    return from_big_endian<std::uint64_t>(random.bytes<8>()) % bound;  // the bias of 2^-50 tells nobody anything
}

class Planner {
public:
    Planner(const AccountId& organisation, Reading& reading, KeyStore& keys, const StateReader& chain)
        : organisation_(organisation), reading_(reading), keys_(keys), chain_(chain) {}

    Result<PlannedLeaf> place(const NewVersion& version, const PreparedVersion& prepared, std::uint64_t incarnation);
    /// The nullifier of the version before, where it is not on the chain yet.
    Result<std::optional<Hash>> nullify(const NewVersion& version);
    void add_subject(const NewSubject& subject) { chains_.try_emplace(subject.id); }

private:
    Result<ChainEnd*> chain_end(const SubjectId& subject);

    const AccountId& organisation_;
    Reading& reading_;
    KeyStore& keys_;
    const StateReader& chain_;
    std::map<SubjectId, ChainEnd> chains_;
    std::map<std::tuple<std::string, std::string, std::uint64_t>, Salt> planned_;
};

Result<ChainEnd*> Planner::chain_end(const SubjectId& subject) {
    const auto known = chains_.find(subject);
    if (known != chains_.end()) return &known->second;
    SALUS_TRY(const auto row,
              (reading_.query_one<std::uint64_t, Hash>("SELECT seq, leaf FROM subjects WHERE id = :id", subject)));
    if (!row) return fail(ErrorCode::kNotFound, "the subject of a write is not registered");
    return &chains_.emplace(subject, ChainEnd{std::get<0>(*row), std::get<1>(*row)}).first->second;
}

Result<PlannedLeaf> Planner::place(const NewVersion& version, const PreparedVersion& prepared,
                                   std::uint64_t incarnation) {
    SALUS_TRY(ChainEnd* const end, chain_end(version.subject));
    const auto salts =
        rows::salts(*prepared.kek, incarnation, version.type, version.id, version.version, prepared.number);
    const LeafContent content{salts.content, organisation_,      version.type,   version.id,    version.version,
                              version.op,    version.written_ms, version.origin, kDigestSha256, prepared.digest};
    PlannedLeaf out;
    out.seq = end->seq;
    out.previous = end->leaf;
    out.leaf = leaf_hash(content.hash(), LeafChain{salts.chain, out.seq, out.previous}.hash());
    *end = {out.seq + 1, out.leaf};
    planned_[{version.type, version.id, version.version}] = salts.content;
    return out;
}

Result<std::optional<Hash>> Planner::nullify(const NewVersion& version) {
    if (version.version <= 1) return std::optional<Hash>{};
    Salt salt{};
    if (const auto planned = planned_.find({version.type, version.id, version.version - 1});
        planned != planned_.end()) {
        salt = planned->second;
    } else {
        SALUS_TRY(const auto row, (reading_.query_one<std::uint64_t, SubjectId, std::uint64_t, std::uint64_t>(
                                      "SELECT number, subject, kek, incarnation FROM versions WHERE type = :type AND "
                                      "id = :id AND version = :version",
                                      version.type, version.id, version.version - 1)));
        if (!row) return fail(ErrorCode::kConflict, "a version does not follow on the last one");
        const auto& [number, subject, generation, incarnation] = *row;
        SALUS_TRY(const auto kek, keys_.get(rows::kek_kind(subject, organisation_), subject.bytes, generation));
        salt = rows::salts(*kek, incarnation, version.type, version.id, version.version - 1, number).content;
    }
    const Hash nullifier = superseded_nullifier(salt);
    SALUS_TRY(const auto stands, chain_.get(Contract::kRecords, records::superseded_key(organisation_, nullifier)));
    if (stands) return std::optional<Hash>{};
    return std::optional(nullifier);
}

}  // namespace

std::size_t WriteJob::updates() const {
    return static_cast<std::size_t>(
        std::count_if(write.versions.begin(), write.versions.end(), [](const NewVersion& v) { return v.version > 1; }));
}

bool fits_append(std::size_t leaves, std::size_t nullifiers) {
    return nullifiers <= kSupersededPerAppendMax &&
           32 * (padded(leaves) + nullifiers) + kFramingBytesMax <= kTransactionBytesMax;
}

std::string broken_limit(const WriteJob& job) {
    if (job.updates() > kSupersededPerAppendMax)
        return "a Bundle updates at most " + std::to_string(kSupersededPerAppendMax) + " resources, this one " +
               std::to_string(job.updates());
    if (!fits_append(job.write.versions.size(), job.updates()))
        return "a Bundle's leaves are one transaction of at most " + std::to_string(kTransactionBytesMax) +
               " bytes; this one has " + std::to_string(job.write.versions.size()) +
               " resources of 32 bytes each and " + std::to_string(job.updates()) + " updates";
    return {};
}

Result<AppendPlan> plan_append(const std::vector<WriteJob*>& jobs, const AccountId& organisation, Reading& reading,
                               KeyStore& keys, const StateReader& chain, Random& random) {
    AppendPlan plan;
    SALUS_TRY(plan.log, rows::log(reading));
    SALUS_TRY(plan.incarnation, rows::meta_number(reading, rows::kIncarnation));
    plan.append.first_index = plan.log.count;

    Planner planner(organisation, reading, keys, chain);
    std::vector<Hash> nullifiers;
    std::size_t count = 0;
    for (const WriteJob* job : jobs) {
        auto& placed = plan.leaves.emplace_back();
        for (const NewSubject& subject : job->write.subjects) planner.add_subject(subject);
        for (std::size_t i = 0; i < job->write.versions.size(); ++i) {
            SALUS_TRY(const auto nullifier, planner.nullify(job->write.versions[i]));
            if (nullifier) nullifiers.push_back(*nullifier);
            SALUS_TRY(auto leaf, planner.place(job->write.versions[i], job->prepared[i], plan.incarnation));
            placed.push_back(std::move(leaf));
        }
        count += placed.size();
    }
    plan.pads.resize(padded(count) - count);
    std::vector<Hash> leaves(padded(count));
    std::vector<std::uint64_t> places(leaves.size());
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
    for (std::size_t i = places.size(); i > 1; --i) std::swap(places[i - 1], places[random_below(random, i)]);
    std::size_t next = 0;
    const auto put = [&](std::uint64_t& index, const Hash& leaf) {
        leaves[places[next]] = leaf;
        index = plan.append.first_index + places[next++];
    };
    for (auto& placed : plan.leaves)
        for (PlannedLeaf& leaf : placed) put(leaf.index, leaf.leaf);
    for (PlannedPad& pad : plan.pads) {
        pad.salt = random.bytes<16>();
        pad.noise = random.bytes<32>();
        put(pad.index, pad_leaf(pad.salt, pad.noise));
    }
    std::sort(nullifiers.begin(), nullifiers.end());
    for (const Hash& leaf : leaves) {
        append(plan.append.leaves, leaf);
        plan.log.append(leaf);
    }
    for (const Hash& nullifier : nullifiers) append(plan.append.superseded, nullifier);
    return plan;
}

}  // namespace salus::application
