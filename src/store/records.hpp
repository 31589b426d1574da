#pragma once

#include <vector>

#include "model/block.hpp"
#include "model/evidence.hpp"
#include "model/merkle_log.hpp"

/// What the store keeps beside the messages of the protocol. Never hashed, never sent.
namespace salus::store {

/// Where the newest commit left off; its block header stands in the family of headers.
struct TipRecord {
    Era era = 1;
    EngineHeight engine = 0;
    TimeMs engine_time_ms = 0;
    Height height = 0;
    LogFrontier history;

    static constexpr std::string_view kName = "TipRecord";
    static constexpr auto kFields =
        codec::table(codec::field<1>("era", &TipRecord::era), codec::field<2>("engine", &TipRecord::engine),
                     codec::field<3>("engine_time_ms", &TipRecord::engine_time_ms),
                     codec::field<4>("height", &TipRecord::height), codec::field<5>("history", &TipRecord::history));
};

/// What an era was judged by, proven under the root of its parent: later that state is gone.
struct EraStates {
    std::vector<ProvenState> states;

    static constexpr std::string_view kName = "EraStates";
    static constexpr auto kFields = codec::table(codec::field<1>("states", &EraStates::states));
};

/// A value as it stood before a block.
struct UndoEntry {
    Hash path{};
    bool present = false;
    Bytes value;

    static constexpr std::string_view kName = "UndoEntry";
    static constexpr auto kFields =
        codec::table(codec::field<1>("path", &UndoEntry::path), codec::field<2>("present", &UndoEntry::present),
                     codec::field<3>("value", &UndoEntry::value));
};

/// Turns the state after a block back into the state before it. Tree nodes are not kept: an older tree is computed from
/// the newest one and these, so that a write pays only for values.
struct UndoRecord {
    std::vector<UndoEntry> entries;  ///< ascending by path

    static constexpr std::string_view kName = "UndoRecord";
    static constexpr auto kFields = codec::table(codec::field<1>("entries", &UndoRecord::entries));
};

}  // namespace salus::store
