#pragma once

#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "base/error.hpp"

namespace salus {

/// The value, or why there is none. Never dropped in silence.
template <class T, class E = Error>
class [[nodiscard]] Result : public tl::expected<T, E> {
public:
    using tl::expected<T, E>::expected;
    Result(tl::expected<T, E> other) : tl::expected<T, E>(std::move(other)) {}
};

using Status = Result<void>;

/// return fail(ErrorCode::kNotFound, "no block 7: the chain ends at 5");
inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, Error cause) {
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(cause)});
}

}  // namespace salus

#define SALUS_CONCAT_(a, b) a##b
#define SALUS_CONCAT(a, b) SALUS_CONCAT_(a, b)

/// SALUS_TRY(auto block, store.block(height)): declares `block`, or returns the error from the enclosing function.
#define SALUS_TRY(declaration, expression)                                                   \
    auto SALUS_CONCAT(salus_try_, __LINE__) = (expression);                                  \
    if (!SALUS_CONCAT(salus_try_, __LINE__)) [[unlikely]]                                    \
        return ::tl::make_unexpected(std::move(SALUS_CONCAT(salus_try_, __LINE__)).error()); \
    declaration = *std::move(SALUS_CONCAT(salus_try_, __LINE__))

/// Returns the error of a Status from the enclosing function; goes on where it is good.
#define SALUS_TRY_STATUS(expression)                                       \
    do {                                                                   \
        if (auto salus_status = (expression); !salus_status)               \
            return ::tl::make_unexpected(std::move(salus_status).error()); \
    } while (false)
