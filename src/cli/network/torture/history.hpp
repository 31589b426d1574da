#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "model/block.hpp"

namespace salus::cli::network {

/// What the clients of a network were told, held to what its nodes have in the end:
/// - a transaction that was acknowledged stands once, where it was said to stand;
/// - one that was refused does not stand, one that is in doubt stands once or not at all;
/// - all nodes have the same blocks, byte for byte.
/// That no node shows a client less than before is seen by the client itself, which notes it as a fault. Any thread.
class History {
public:
    struct Place {
        Height height = 0;
        std::uint32_t index = 0;
        auto operator<=>(const Place&) const = default;
    };
    struct Counts {
        std::size_t acknowledged = 0;
        std::size_t refused = 0;
        std::size_t in_doubt = 0;
        std::size_t kept = 0;  ///< of those in doubt, once the blocks are known
    };

    void acknowledge(const TxId& id, Place place);
    void refuse(const TxId& id);
    void doubt(const TxId& id);
    /// What must not be, a sentence.
    void fault(std::string what);

    /// One node's blocks, from height 1 on, each once.
    void block(const std::string& node, ByteView bytes, const Block& block);

    [[nodiscard]] Counts counts() const;
    /// What clients have seen themselves.
    [[nodiscard]] std::vector<std::string> faults() const { return state_.lock()->faults; }
    /// What is wrong, a sentence each. Pre: the blocks of all nodes are known
    [[nodiscard]] std::vector<std::string> judge() const;

private:
    enum class Said { kAcknowledged, kRefused, kInDoubt };
    struct Entry {
        Said said;
        Place place;
    };
    struct State {
        std::map<Hash, Entry> said;  ///< by id
        std::vector<std::string> faults;
        std::vector<Hash> blocks;                  ///< of the first node, hashes of all bytes
        std::map<Hash, std::vector<Place>> found;  ///< in them, by id
        std::map<std::string, Height> heights;
    };
    Guarded<State> state_;
};

}  // namespace salus::cli::network
