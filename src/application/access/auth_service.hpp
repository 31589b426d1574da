#pragma once

#include "application/access/gate.hpp"
#include "application/web/web.hpp"

namespace salus::application {

/// POST /auth/challenge and /auth/token. Source: docs/openapi.yaml, tag "login"
void add_auth_routes(Routes& routes, Gate& gate);

}  // namespace salus::application
