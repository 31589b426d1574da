#include "network/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <vector>

#include "base/mutex.hpp"

namespace salus::network {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                                          0.2,   0.5,   1,     2,    5,    10,   30};

}  // namespace

struct Metrics::State {
    prometheus::Registry registry;
    Guarded<std::vector<std::function<void(Metrics&)>>> refreshers;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const std::string& name, const std::string& help, const Labels& labels, double by) {
    prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry).Add(labels).Increment(by);
}

void Metrics::set(const std::string& name, const std::string& help, const Labels& labels, double value) {
    prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry).Add(labels).Set(value);
}

void Metrics::observe(const std::string& name, const std::string& help, const Labels& labels, double seconds) {
    prometheus::BuildHistogram()
        .Name(name)
        .Help(help)
        .Register(state_->registry)
        .Add(labels, kSeconds)
        .Observe(seconds);
}

void Metrics::on_text(std::function<void(Metrics&)> refresh) {
    state_->refreshers.lock()->push_back(std::move(refresh));
}

std::string Metrics::text() {
    const auto refreshers = *state_->refreshers.lock();
    for (const auto& refresh : refreshers) refresh(*this);
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace salus::network
