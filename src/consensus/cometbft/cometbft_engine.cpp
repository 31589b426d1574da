#include "consensus/cometbft/cometbft_engine.hpp"

#include "consensus/cometbft/application.hpp"
#include "consensus/cometbft/socket_server.hpp"

namespace salus::consensus {

CometBftEngine::CometBftEngine(EraRecord era, Place place, std::unique_ptr<EngineProcess> process,
                               const Machine& machine, const Limits& limits)
    : era_(std::move(era)),
      place_(std::move(place)),
      process_(std::move(process)),
      machine_(machine),
      limits_(limits) {}

CometBftEngine::~CometBftEngine() { stop(); }

Status CometBftEngine::start(Ledger& ledger) {
    if (era_.engine != EngineKind::kCometBft)
        return fail(ErrorCode::kConfig, "era " + std::to_string(era_.era) + " is not ordered by CometBFT");
    SALUS_TRY(Rpc to_mempool, Rpc::make(place_.rpc_url));
    SALUS_TRY(Rpc to_headers, Rpc::make(place_.rpc_url));
    feed_ = std::make_unique<MempoolFeed>(std::move(to_mempool), machine_.steady, limits_.feed,
                                          [&ledger](const Hash& envelope) { ledger.given_up(envelope); });
    certifier_ = std::make_unique<Certifier>(std::move(to_headers), ledger, era_.first_height, limits_.certifier);
    application_ =
        std::make_unique<Application>(ledger, era_, place_.peers, [this](const Application::Committed& committed) {
            feed_->ordered(committed.envelopes);
            certifier_->committed(committed.engine, committed.outcome);
        });
    SALUS_TRY(server_, SocketServer::listen(place_.socket, machine_.threads, [this](const abci::Request& request) {
                  return application_->answer(request);
              }));
    SALUS_TRY_STATUS(process_->start());
    feed_->start(machine_.threads);
    certifier_->start(machine_.threads);
    running_ = true;
    return {};
}

Result<void, Busy> CometBftEngine::submit(Bytes envelope) {
    if (!running_) return tl::unexpected<Busy>(Busy{limits_.feed.retry_after});
    return feed_->submit(std::move(envelope));
}

EngineStatus CometBftEngine::status() const {
    EngineStatus status;
    status.running = running_;
    status.queue_limit = limits_.feed.envelopes_max;
    if (!status.running) return status;
    status.queued = feed_->queued();
    status.problem = process_->problem();
    if (status.problem.empty() && server_->connections() == 0) status.problem = "CometBFT has not connected yet";
    return status;
}

void CometBftEngine::stop() {
    running_ = false;
    process_->stop();
    if (feed_) feed_->stop();
    if (certifier_) certifier_->stop();
    if (server_) server_->stop();
}

}  // namespace salus::consensus
