#pragma once

#include <condition_variable>

#include "base/mutex.hpp"
#include "base/platform/executor.hpp"
#include "consensus/cometbft/cometbft_engine.hpp"
#include "node/child_process.hpp"
#include "node/cometbft_files.hpp"

namespace salus::node {

/// CometBFT as a child of this process: started, watched, started again where it ends, ended with it, whatever happens.
/// What it logs stands in our log.
class CometBftProcess final : public consensus::EngineProcess {
public:
    /// The line of releases that this program was built for (scripts/install_cometbft.sh pins one of it).
    static constexpr std::string_view kRelease = "0.39.";

    CometBftProcess(CometBftSettings settings, Threads& threads) : settings_(std::move(settings)), threads_(threads) {}
    ~CometBftProcess() override { stop(); }

    /// Errors: kConfig where there is no CometBFT of that release; kIo
    Status start() override;
    void stop() override;
    [[nodiscard]] std::string problem() const override;

private:
    struct State {
        bool stopping = false;
        std::string problem;
    };

    Status check_release() const;
    [[nodiscard]] Result<ChildProcess> launch(const std::vector<std::string>& arguments) const;
    void supervise();
    /// Returns when the child has ended, or was ended because this stops.
    void follow(ChildProcess& child);
    [[nodiscard]] bool stopping() const { return state_.lock()->stopping; }

    const CometBftSettings settings_;
    Threads& threads_;
    std::filesystem::path program_;
    Guarded<State> state_;
    std::condition_variable changed_;
    std::unique_ptr<Thread> thread_;
};

/// One of CometBFT's lines, in JSON, as one of ours: "consensus: message key=value ...".
void log_cometbft_line(std::string_view line);

/// `cometbft` beside this program, else on PATH. Errors: kConfig
Result<std::filesystem::path> find_cometbft();

}  // namespace salus::node
