#pragma once

#include <functional>

#include "cli/torture/witness.hpp"

namespace salus::cli::torture {

/// What became of the writes that were in doubt.
struct Doubts {
    std::uint64_t kept = 0;
    std::uint64_t dropped = 0;
};

/// Holds a node to what it has acknowledged:
/// - a posting is there whole and once, each resource under its own identifier, in the version that was acknowledged,
///   with the body of that version, and no version before it is missing;
/// - one that is in doubt is there wholly or not at all, and once it has been repeated under its request id, once;
/// - a consent stands, a revoked one is revoked, in the house and on the chain; of one patient there is no second;
/// - a read across has its row on the chain; whoever was answered about a patient stands in the audit.
class Judge {
public:
    explicit Judge(Witness& witness) : witness_(witness) {}

    /// What is missing or too much, a sentence each; none: all holds. What was in doubt is decided in `run`.
    /// Pre: nobody has asked about the patients of `run` since; their audit is counted
    /// Errors: those of the witness, whose node has to be there
    Result<std::vector<std::string>> judge(Run& run);
    /// The same of a sample of a run that was judged before, of at most `count` of each kind, from the `from`-th on.
    Result<std::vector<std::string>> judge_again(const Run& run, std::size_t from, std::size_t count);
    [[nodiscard]] const Doubts& doubts() const noexcept { return doubts_; }

private:
    Status audit(const Run& run);
    Status stored(const Stored& one);
    Status patient(const Stored& one);
    /// Nothing where it is not there; an error of ours where it is there in part or more than once.
    Result<std::optional<std::vector<std::string>>> find(const Posting& posting);
    Status settle_update(Stored& one);
    Status settle(const Posting& posting, Run& run);
    Status settle(Consented& consent);
    Status consent(const Consented& one);
    Status row(const Hash& tag);
    void decide(bool kept) noexcept { ++(kept ? doubts_.kept : doubts_.dropped); }
    void miss(std::string what) { faults_.push_back(std::move(what)); }

    Witness& witness_;
    Doubts doubts_;
    std::vector<std::string> faults_;
};

}  // namespace salus::cli::torture
