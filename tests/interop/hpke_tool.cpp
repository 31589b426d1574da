#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>

#include "base/encoding.hpp"
#include "crypto/hpke.hpp"
#include "testing/platform.hpp"

namespace {

using namespace salus;

/// A field of a line: hexadecimal, or "-" for no bytes.
Bytes field(std::istream& line) {
    std::string text;
    line >> text;
    return text == "-" ? Bytes() : from_hex(text).value();
}

ByteArray<32> key_field(std::istream& line) {
    const Bytes bytes = field(line);
    ByteArray<32> key{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
    return key;
}

std::string answer(const Result<Bytes>& result) {
    if (!result) return "refused";
    return result->empty() ? "-" : to_hex(*result);
}

}  // namespace

/// Our side of the HPKE interoperability test: answers each line of stdin with one line.
///   seal PUBLIC INFO ASSOCIATED PLAINTEXT   ->  enc || ciphertext
///   open SECRET INFO ASSOCIATED SEALED      ->  plaintext, or "refused"
int main() {
    testing::SeededRandom random;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string command;
        words >> command;
        const auto key = key_field(words);
        const Bytes info = field(words);
        const Bytes associated = field(words);
        const Bytes message = field(words);
        const auto result = command == "seal" ? crypto::hpke_seal(key, info, associated, message, random)
                                              : crypto::hpke_open(crypto::SealingKey::from_seed(crypto::Key256(key)),
                                                                  info, associated, message);
        std::cout << answer(result) << std::endl;
    }
}
