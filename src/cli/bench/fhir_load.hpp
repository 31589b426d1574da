#pragma once

#include <mutex>

#include "cli/bench/measure.hpp"
#include "cli/bench/network.hpp"
#include "cli/session.hpp"
#include "transport/http.hpp"

namespace salus::cli::bench {

/// The organisation's token, renewed before it ends. Any thread.
class Token {
public:
    static Result<std::unique_ptr<Token>> log_in(SessionArguments arguments, Environment& environment);
    /// "Bearer ..." Errors: those of the log-in
    Result<std::string> bearer();

private:
    Token(SessionArguments arguments, Environment& environment)
        : arguments_(std::move(arguments)), environment_(environment) {}

    const SessionArguments arguments_;
    Environment& environment_;
    std::mutex mutex_;  ///< of all below
    std::string bearer_;
    std::chrono::nanoseconds taken_{0};
};

struct BundleText {
    Bytes body;
    std::size_t resources = 0;
    std::uint64_t resource_bytes = 0;  ///< of the resources alone
    std::string identifier{};          ///< of the patient of one that was made here, "SYSTEM|VALUE"
};
/// A transaction Bundle as Synthea writes them: a patient and `observations` of it, about 1 KB each.
BundleText make_bundle(Random& random, std::size_t observations);

struct Imported {
    std::size_t resources = 0;
    std::uint64_t resource_bytes = 0;
    double seconds = 0;
    double node_cpu_seconds = 0;
    double client_cpu_seconds = 0;
    std::vector<double> latencies_ms;     ///< of a bundle
    std::vector<std::string> references;  ///< "Observation/ID", some of them
};
/// Posts them over `jobs` connections. Errors: those of the connections; kConflict where one was not stored whole
Result<Imported> import_bundles(BenchNetwork& network, Token& token, const std::vector<BundleText>& bundles,
                                std::size_t jobs, Environment& environment);

}  // namespace salus::cli::bench
