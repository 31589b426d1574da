#include "base/check.hpp"
#include "node/config.hpp"

/// A node.toml that is taken can be written down again, and says the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto config = node::parse_config(as_text({data, size}), "node.toml");
    if (!config) return 0;
    const std::string text = node::to_toml(*config);
    const auto again = node::parse_config(text, "node.toml");
    SALUS_CHECK(again.has_value() && node::to_toml(*again) == text);
    return 0;
}
