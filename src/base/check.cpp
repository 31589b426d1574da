#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace salus {

void abort_on_broken_invariant(std::string_view expression, std::string_view file, int line) noexcept {
    std::fprintf(stderr, "salus: broken invariant `%.*s` at %.*s:%d\n", static_cast<int>(expression.size()),
                 expression.data(), static_cast<int>(file.size()), file.data(), line);
    std::abort();
}

}  // namespace salus
