#include "base/check.hpp"
#include "crypto/mnemonic.hpp"

/// What is read as words is written as words that read the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto entropy = crypto::entropy_from_words(as_text({data, size}));
    if (!entropy) return 0;
    const auto words = crypto::words_from_entropy(*entropy);
    const auto again = crypto::entropy_from_words(as_text(words.expose()));
    SALUS_CHECK(again && equal(again->expose(), entropy->expose()));
    return 0;
}
