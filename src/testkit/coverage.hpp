#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/block.hpp"
#include "model/contracts/governance.hpp"

namespace salus::testkit {

/// What a run's blocks held: each message of each contract, each action that was passed by vote, and for each how often
/// it succeeded and how often it failed.
class Coverage {
public:
    void add(const Block& block);
    [[nodiscard]] std::size_t succeeded(const std::string& kind) const { return count(succeeded_, kind); }
    [[nodiscard]] std::size_t failed(const std::string& kind) const { return count(failed_, kind); }
    /// Codes that receipts carried.
    [[nodiscard]] const std::set<std::uint32_t>& codes() const { return codes_; }

    /// Every message that version 1 executes, by its name.
    static std::vector<std::string> messages();
    /// Every action that members may vote on, as "passed ..."
    static std::vector<std::string> resolutions();

private:
    using Counts = std::map<std::string, std::size_t>;
    static std::size_t count(const Counts& counts, const std::string& kind);

    std::map<ProposalId, std::string> proposed_;
    Counts succeeded_;
    Counts failed_;
    std::set<std::uint32_t> codes_;
};

}  // namespace salus::testkit
