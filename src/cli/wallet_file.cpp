#include "cli/wallet_file.hpp"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "base/file.hpp"
#include "cli/input_file.hpp"
#include "crypto/sealed_file.hpp"

namespace salus::cli {
namespace {

constexpr std::string_view kKind = "wallet";

/// Turns the terminal's echo off while it lives.
class NoEcho {
public:
    NoEcho() {
        ::tcgetattr(STDIN_FILENO, &before_);
        termios without = before_;
        without.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &without);
    }
    ~NoEcho() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

private:
    termios before_{};
};

Result<crypto::SecretBytes> first_line(const std::filesystem::path& file) {
    SALUS_TRY_STATUS(from_files<void>(check_private(file)));
    SALUS_TRY(Bytes content, read_input(file, 4096));
    content.erase(std::ranges::find_if(content, [](std::uint8_t c) { return c == '\n' || c == '\r'; }), content.end());
    if (content.empty()) return fail(ErrorCode::kUsage, file.string() + " holds no passphrase");
    return crypto::SecretBytes(std::move(content));
}

Result<crypto::SecretBytes> prompt(std::string_view what) {
    std::cerr << what << ": " << std::flush;
    std::string line;
    {
        const NoEcho quiet;
        std::getline(std::cin, line);
    }
    std::cerr << "\n";
    if (line.empty()) return fail(ErrorCode::kUsage, "no passphrase was given");
    crypto::SecretBytes secret(to_bytes(line));
    crypto::wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
    return secret;
}

}  // namespace

WalletCustodian* Wallet::find(const NetworkId& network, const AccountId& custodian) {
    const auto found = std::ranges::find_if(
        custodians, [&](const WalletCustodian& one) { return one.network_id == network && one.account == custodian; });
    return found == custodians.end() ? nullptr : &*found;
}

Checkpoint* Wallet::checkpoint_of(const NetworkId& network) {
    const auto found = std::ranges::find(checkpoints, network, &Checkpoint::network_id);
    return found == checkpoints.end() ? nullptr : &*found;
}

bool Wallet::knows(const NetworkId& network) const {
    return std::ranges::find(checkpoints, network, &Checkpoint::network_id) != checkpoints.end() ||
           std::ranges::find(custodians, network, &WalletCustodian::network_id) != custodians.end();
}

Result<Wallet> read_wallet(const std::filesystem::path& file, ByteView passphrase) {
    SALUS_TRY(const crypto::SecretBytes plain, from_files(crypto::read_sealed_file(file, kKind, passphrase)));
    auto wallet = codec::decode<Wallet>(plain.expose());
    if (!wallet) return fail(ErrorCode::kCorrupt, file.string() + " opens but does not decode", wallet.error());
    return std::move(*wallet);
}

Status write_wallet(const std::filesystem::path& file, const Wallet& wallet, ByteView passphrase, Random& random) {
    const crypto::SecretBytes plain(codec::encode(wallet));
    return crypto::write_sealed_file(file, kKind, passphrase, plain.expose(), random);
}

Result<crypto::SecretBytes> ask_passphrase(const std::string& passphrase_file, std::string_view what, bool twice) {
    if (!passphrase_file.empty()) return first_line(passphrase_file);
    if (const char* value = std::getenv("SALUS_PASSPHRASE"); value != nullptr && *value != '\0')
        return crypto::SecretBytes(to_bytes(std::string_view(value)));
    if (::isatty(STDIN_FILENO) != 1)
        return fail(ErrorCode::kUsage,
                    "no passphrase for " + std::string(what) + ": give --passphrase-file, or set SALUS_PASSPHRASE");
    SALUS_TRY(crypto::SecretBytes first, prompt("Passphrase for " + std::string(what)));
    if (twice) {
        SALUS_TRY(const crypto::SecretBytes second, prompt("Again"));
        if (!equal(first.expose(), second.expose())) return fail(ErrorCode::kUsage, "the two passphrases differ");
    }
    return first;
}

}  // namespace salus::cli
