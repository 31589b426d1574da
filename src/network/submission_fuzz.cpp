#include "base/check.hpp"
#include "network/submission.hpp"

/// What a client posts to /v1/transactions, in either form: refused, or no more and no larger than what was sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    for (const std::string_view type : {std::string_view("application/json"), network::kTransactionsType}) {
        const auto submission = network::parse_submission(type, {data, size});
        if (!submission) continue;
        SALUS_CHECK(submission->transactions.size() <= network::kSubmissionMax);
        std::size_t bytes = 0;
        for (const Bytes& one : submission->transactions) bytes += one.size();
        // An object's body and signatures gain a few bytes of framing in the encoding that they are put into.
        SALUS_CHECK(bytes <= size + 64 * submission->transactions.size());
    }
    return 0;
}
