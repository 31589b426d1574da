#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace salus::network {

/// What the node counts, for Prometheus. Any thread. Names and labels come from the program, never from a request:
/// neither a URL nor an id nor a client's address is kept.
class Metrics {
public:
    using Labels = std::map<std::string, std::string>;

    Metrics();
    ~Metrics();

    /// Adds to a counter; `name` ends in "_total".
    void count(const std::string& name, const std::string& help, const Labels& labels = {}, double by = 1);
    void set(const std::string& name, const std::string& help, const Labels& labels, double value);
    /// Adds a duration to a histogram; `name` ends in "_seconds".
    void observe(const std::string& name, const std::string& help, const Labels& labels, double seconds);
    /// Calls `refresh` before each text(), for values that are asked for rather than told.
    void on_text(std::function<void(Metrics&)> refresh);
    /// Prometheus text exposition format 0.0.4.
    [[nodiscard]] std::string text();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace salus::network
