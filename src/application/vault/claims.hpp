#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace salus::application {

/// How a write touches a name (a resource, an identifier's token, a request id) while it is judged and pending.
enum class ClaimMode : unsigned {
    kAdd = 1,        ///< may add one under that name; goes with other additions
    kLook = 2,       ///< was judged by what stands under it; goes with other looks
    kExclusive = 3,  ///< both
};

/// Makes a writer wait while what it is judged by is pending elsewhere: two writers with one If-Match, an If-None-Exist
/// or a conditional reference that matches a pending resource. In memory: after a crash the outbox's repair decides
/// first.
class Claims {
public:
    using Names = std::map<std::string, ClaimMode>;

    /// Held until it is destroyed.
    class Held {
    public:
        Held() = default;
        Held(Claims* claims, Names names) : claims_(claims), names_(std::move(names)) {}
        ~Held();
        Held(Held&& other) noexcept;
        Held& operator=(Held&& other) noexcept;

    private:
        Claims* claims_ = nullptr;
        Names names_;
    };

    Claims();
    ~Claims();

    /// Takes all of `names` at once; waits while any is held otherwise. Errors: kBusy after `patience`
    Result<Held> take(Names names, std::chrono::milliseconds patience = std::chrono::seconds(60));

    /// Adds to `names`; one that is there in another mode becomes exclusive.
    static void add(Names& names, std::string name, ClaimMode mode);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace salus::application
