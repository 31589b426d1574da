#pragma once

#include <optional>
#include <vector>

#include "application/house.hpp"
#include "crypto/secret.hpp"
#include "model/login.hpp"

namespace salus::application {

/// Who may act for a subject: nobody (the usual case), or one wallet. Binding, take-over and loss touch no leaf, data
/// key or grant; a take-over opens a new epoch of the view key.
struct Binding {
    SubjectId subject;
    Signer login_key;
    ByteArray<32> sealing_key{};
    TimeMs bound_ms = 0;
    std::string by;  ///< who at the desk

    static constexpr std::string_view kName = "Binding";
    static constexpr auto kFields =
        codec::table(codec::field<1>("subject", &Binding::subject), codec::field<2>("login_key", &Binding::login_key),
                     codec::field<3>("sealing_key", &Binding::sealing_key),
                     codec::field<4>("bound_ms", &Binding::bound_ms), codec::field<5>("by", &Binding::by, 400));
};

/// A key under which a subject's disclosure rows are tagged; shared with her wallet.
struct ViewKey {
    std::uint64_t epoch = 0;  ///< from 1
    Hash key{};

    ~ViewKey() { crypto::wipe(key); }
};

/// One organisation's bindings and view keys. Thread-safe. Errors of all: kIo, kCorrupt.
class Bindings {
public:
    /// Errors: kSchema
    static Result<Bindings> open(const House& house);

    /// Binds the wallet that made `offer`, in place of any before it. Pre: the offer is checked
    /// Errors: kConflict where that wallet is bound to another chart
    Result<ViewKey> bind(const SubjectId& subject, const BindOffer& offer, std::string by);
    /// Nobody acts for the subject any more.
    Status release(const SubjectId& subject);

    Result<std::optional<Binding>> of_login(const Signer& login_key) const;
    Result<std::optional<Binding>> of_subject(const SubjectId& subject) const;

    /// The newest; made where there is none.
    Result<ViewKey> view_key(const SubjectId& subject);
    /// All, by epoch.
    Result<std::vector<ViewKey>> view_keys(const SubjectId& subject) const;

private:
    explicit Bindings(const House& house) : house_(&house) {}
    Result<ViewKey> add_epoch(Writing& writing, const SubjectId& subject, std::uint64_t epoch);
    [[nodiscard]] SearchToken login_token(const Signer& key) const;
    Result<std::vector<ViewKey>> view_keys(Reading& reading, const SubjectId& subject) const;

    const House* house_;
};

}  // namespace salus::application
