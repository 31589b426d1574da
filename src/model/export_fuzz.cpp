#include <algorithm>

#include "model/export.hpp"

namespace {

class Source : public salus::ByteSource {
public:
    explicit Source(salus::ByteView bytes) : bytes_(bytes) {}
    salus::Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), bytes_.size());
        std::copy_n(bytes_.begin(), count, out.begin());
        bytes_ = bytes_.subspan(count);
        return count;
    }

private:
    salus::ByteView bytes_;
};

class Inline : public salus::Executor {
public:
    void post(std::function<void()> job) override { job(); }
    void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) override {
        for (std::size_t i = 0; i < count; ++i) body(i);
    }
    [[nodiscard]] std::size_t threads() const override { return 1; }
};

}  // namespace

/// Reading ends, whatever the stream holds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Source source({data, size});
    Inline executor;
    const auto reader = salus::ExportReader::open(source, executor);
    while (reader) {
        const auto block = (*reader)->next();
        if (!block || !*block) break;
    }
    return 0;
}
