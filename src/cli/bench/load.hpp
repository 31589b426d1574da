#pragma once

#include "base/platform/executor.hpp"
#include "cli/bench/measure.hpp"
#include "cli/bench/traffic.hpp"

namespace salus::cli::bench {

/// What became of a phase of submissions.
struct Load {
    std::size_t committed = 0;
    std::size_t refused = 0;  ///< by a contract, or never taken: a benchmark has none
    std::uint64_t bytes = 0;  ///< of the signed transactions
    double seconds = 0;       ///< from the first request to the last answer
    std::vector<double> latencies_ms;
};

/// Sends each author's arrays over a connection of its own, the next when the one before is answered, until `seconds`
/// have passed (0: until all are sent). An array that the node is too busy for is repeated.
/// Errors: those of the connections
Result<Load> send_arrays(const std::string& url, std::vector<Author>& authors,
                         const std::vector<std::vector<Array>>& arrays, double seconds, const SteadyClock& clock);

/// Of a paced load: what leaves until then has no latency, for all connections are made in it.
inline constexpr double kWarmUpSeconds = 0.5;

/// Sends all at a steady pace of `per_second` transactions in all. A latency counts from when an array should have
/// left, so that one that is late makes those behind it late too.
Result<Load> send_paced(const std::string& url, std::vector<Author>& authors,
                        const std::vector<std::vector<Array>>& arrays, double per_second, const SteadyClock& clock);

/// Signs and sends until so many transactions stand on the chain, or a few more. Returns how many.
/// Errors: those of the connections; kConflict where the node refuses one
Result<std::size_t> fill_chain(const std::string& url, std::vector<Author>& authors, std::size_t transactions,
                               Executor& executor, Environment& environment);

/// Verifications a second on each core, and the processor time of one, over the same messages.
struct RawRate {
    double per_second_per_core = 0;
    double cpu_us = 0;
};
Result<RawRate> raw_verification(Executor& executor, const std::vector<Author>& authors, double seconds,
                                 const SteadyClock& clock);

}  // namespace salus::cli::bench
