#include <cstdlib>

#include "base/encoding.hpp"
#include "transport/parser.hpp"
#include "transport/target.hpp"

using namespace salus;
using namespace salus::transport;

namespace {

/// The requests in `bytes`, offered in pieces of `cut`; the paths, with a mark where the rest is refused.
std::string requests_in(ByteView bytes, std::size_t cut) {
    std::string seen;
    RequestParser parser(4096);
    Bytes input;
    while (true) {
        while (parser.stage() == ParseStage::kDone || !input.empty()) {
            if (parser.stage() == ParseStage::kDone) {
                const auto request = parser.take();
                if (!is_utf8(as_bytes(request.path)) || request.path.find("/../") != std::string::npos) std::abort();
                seen += request.method + request.path + to_hex(request.body) + "\n";
                parser = RequestParser(4096);
                continue;
            }
            const auto taken = parser.feed(input);
            if (!taken) return seen + "!";
            if (*taken == 0 && parser.stage() != ParseStage::kDone) break;
            input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(*taken));
        }
        if (bytes.empty()) return seen;
        append(input, bytes.first(std::min(cut, bytes.size())));
        bytes = bytes.subspan(std::min(cut, bytes.size()));
    }
}

}  // namespace

/// However a connection's bytes are cut, the same requests come of them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    if (requests_in(bytes, size + 1) != requests_in(bytes, 1)) std::abort();
    (void)parse_target(as_text(bytes));
    return 0;
}
