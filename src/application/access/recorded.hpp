#pragma once

#include "application/access/gate.hpp"
#include "application/web/web.hpp"

namespace salus::application {

/// `serve`, with one event of the audit, durable before the answer, wherever a known caller is refused or nothing is
/// found: both of one form, with what was asked for and nobody's list named. Whoever is let in records by himself.
/// Pre: `house` and `gate` outlive what is returned
Routes::Serve recorded(const House& house, const Gate& gate, Routes::Serve serve);

}  // namespace salus::application
