#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "network/api.hpp"
#include "node/test_network.hpp"

namespace salus::node {
namespace {

using Routes = std::set<std::string>;

/// "GET /v1/status" for each operation of the document that is built in.
Routes documented() {
    static constexpr std::string_view kMethods[] = {"get", "put", "post", "delete", "patch"};
    Routes out;
    const boost::json::value document = boost::json::parse(network::openapi_json());
    for (const auto& [path, item] : document.at("paths").as_object())
        for (const auto& [method, operation] : item.as_object()) {
            if (std::ranges::find(kMethods, std::string_view(method)) == std::end(kMethods)) continue;
            std::string upper(method);
            std::ranges::transform(upper, upper.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
            out.insert(upper + " " + std::string(path));
        }
    return out;
}

Routes difference(const Routes& of, const Routes& without) {
    Routes out;
    std::ranges::set_difference(of, without, std::inserter(out, out.end()));
    return out;
}

struct RoutesTest : TestNetwork {
    RoutesTest() : TestNetwork(1) {}
};

TEST_F(RoutesTest, AreWhatTheOpenApiDocumentSaysAndNothingElse) {
    const auto node = start();
    ASSERT_TRUE(node) << node.error().to_string();
    const auto routes = (*node)->routes();
    Routes served;
    for (std::string route : routes) {
        // A FHIR base is one place, with a slash behind it and without.
        if (route.ends_with("/R4/")) route.pop_back();
        served.insert(std::move(route));
    }
    EXPECT_GT(served.size(), 40U);
    EXPECT_EQ(difference(served, documented()), Routes{}) << "served, and not in docs/openapi.yaml";
    EXPECT_EQ(difference(documented(), served), Routes{}) << "in docs/openapi.yaml, and not served";
}

}  // namespace
}  // namespace salus::node
