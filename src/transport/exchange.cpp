#include "transport/exchange.hpp"

#include <utility>

#include "base/check.hpp"

namespace salus::transport {
namespace {

class StreamEnd final : public ResponseStream {
public:
    explicit StreamEnd(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~StreamEnd() override { exchange_->close(); }
    bool write(std::string chunk) override { return exchange_->write(chunk); }
    void when_drained(std::function<void()> ready) override { exchange_->when_drained(std::move(ready)); }
    void close() override { exchange_->close(); }

private:
    std::shared_ptr<Exchange> exchange_;
};

class ExchangeResponder final : public Responder {
public:
    explicit ExchangeResponder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

    ~ExchangeResponder() override {
        if (exchange_) exchange_->answer({{500, {}, {}}, false, {}});
    }

    void send(HttpResponse response) override { take()->answer({std::move(response), false, {}}); }

    std::shared_ptr<ResponseStream> stream(HttpResponse head, std::string idle) override {
        auto exchange = take();
        exchange->answer({std::move(head), true, std::move(idle)});
        return std::make_shared<StreamEnd>(std::move(exchange));
    }

private:
    std::shared_ptr<Exchange> take() {
        SALUS_CHECK(exchange_ != nullptr);  // answered twice
        return std::exchange(exchange_, nullptr);
    }

    std::shared_ptr<Exchange> exchange_;
};

}  // namespace

void Exchange::answer(Answer answer) {
    auto state = state_.lock();
    if (!state->wake) return;
    state->answer = std::move(answer);
    state->wake();
}

bool Exchange::write(std::string_view chunk) {
    auto state = state_.lock();
    if (!state->wake || state->closed) return false;
    if (!state->chunks.empty() && state->chunks.size() + chunk.size() > stream_bytes_max_) {
        state->closed = state->overrun = true;
        state->wake();
        return false;
    }
    state->chunks += chunk;
    state->wake();
    return true;
}

void Exchange::close() {
    auto state = state_.lock();
    if (!state->wake || state->closed) return;
    state->closed = true;
    state->wake();
}

std::optional<Exchange::Answer> Exchange::take_answer() { return std::exchange(state_.lock()->answer, std::nullopt); }

void Exchange::when_drained(std::function<void()> ready) {
    {
        auto state = state_.lock();
        if (state->wake && (state->sending || !state->chunks.empty())) {
            state->drained = std::move(ready);
            return;
        }
    }
    ready();
}

Exchange::Chunks Exchange::take_chunks() {
    auto state = state_.lock();
    state->sending = !state->chunks.empty();
    return {std::exchange(state->chunks, {}), state->closed, state->overrun};
}

void Exchange::sent() {
    std::function<void()> ready;
    {
        auto state = state_.lock();
        state->sending = false;
        if (state->chunks.empty()) ready = std::exchange(state->drained, nullptr);
    }
    if (ready) ready();
}

void Exchange::abandon() {
    std::function<void()> ready;
    {
        auto state = state_.lock();
        state->wake = nullptr;
        ready = std::exchange(state->drained, nullptr);
    }
    if (ready) ready();
}

std::unique_ptr<Responder> make_responder(std::shared_ptr<Exchange> exchange) {
    return std::make_unique<ExchangeResponder>(std::move(exchange));
}

}  // namespace salus::transport
