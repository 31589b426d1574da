#include "application/fhir/search_query.hpp"
#include "base/check.hpp"

/// What is understood is written as a link that is understood in the same way.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    using namespace salus::application;
    const std::string_view form = as_text({data, size});
    (void)parse_condition(form);
    const auto fields = decode_form(form);
    if (!fields) return 0;
    const auto request = parse_search(*fields, SearchHandling::kLenient);
    if (!request) return 0;
    const auto again = decode_form(encode_form(request->applied));
    if (!again) return 0;  // percent signs may take it past the limit
    SALUS_CHECK(*again == request->applied);
    const auto second = parse_search(*again, SearchHandling::kStrict);
    SALUS_CHECK(second && second->terms == request->terms && second->ids == request->ids);
    return 0;
}
