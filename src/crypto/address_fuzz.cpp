#include <string>

#include "base/check.hpp"
#include "crypto/address.hpp"

/// Each address has one lower-case text, and whatever decodes has exactly that one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const std::string_view text = as_text({data, size});
    const auto decoded = crypto::from_bech32m("org", text);
    if (!decoded) return 0;
    std::string lowered(text);
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    SALUS_CHECK(crypto::to_bech32m("org", *decoded) == lowered);
    return 0;
}
